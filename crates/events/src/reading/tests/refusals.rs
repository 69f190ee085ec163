//! What is refused, by field and reason.

use serde_json::json;

use super::{event, refusal, with};
use crate::{Field, Reason};

#[test]
fn a_required_field_that_is_absent_null_or_blank_is_missing() {
    for (name, field) in [
        ("InvoiceNo", Field::InvoiceNo),
        ("StockCode", Field::StockCode),
        ("Quantity", Field::Quantity),
        ("InvoiceDate", Field::InvoiceDate),
        ("UnitPrice", Field::UnitPrice),
        ("Country", Field::Country),
    ] {
        let mut absent = event();
        absent.as_object_mut().unwrap().remove(name);
        for json in [
            absent.to_string(),
            with(name, json!(null)),
            with(name, json!(" ")),
        ] {
            assert_eq!(refusal(&json), (field, Reason::Missing), "{json}");
        }
    }
}

fn refused(cases: &[(&str, serde_json::Value, (Field, Reason))]) {
    for (name, value, expected) in cases {
        assert_eq!(
            refusal(&with(name, value.clone())),
            *expected,
            "{name} {value}"
        );
    }
}

#[test]
fn a_number_or_date_that_cannot_be_meant_is_refused_by_name_and_reason() {
    refused(&[
        (
            "Quantity",
            json!("1_000"),
            (Field::Quantity, Reason::NotANumber),
        ),
        (
            "Quantity",
            json!(1.5),
            (Field::Quantity, Reason::NotANumber),
        ),
        (
            "Quantity",
            json!(3_000_000_000_u64),
            (Field::Quantity, Reason::OutOfRange),
        ),
        (
            "Quantity",
            json!(true),
            (Field::Quantity, Reason::WrongType),
        ),
        (
            "UnitPrice",
            json!([2.55]),
            (Field::UnitPrice, Reason::WrongType),
        ),
        (
            "UnitPrice",
            json!("£2.55"),
            (Field::UnitPrice, Reason::NotANumber),
        ),
        (
            "UnitPrice",
            json!("0.00001"),
            (Field::UnitPrice, Reason::OutOfRange),
        ),
        (
            "InvoiceDate",
            json!("13/1/2010 8:26"),
            (Field::InvoiceDate, Reason::NotADate),
        ),
        (
            "InvoiceDate",
            json!(1_291_191_960),
            (Field::InvoiceDate, Reason::NotADate),
        ),
    ]);
}

#[test]
fn a_text_that_no_column_holds_is_refused_by_name_and_reason() {
    refused(&[
        (
            "InvoiceNo",
            json!({}),
            (Field::InvoiceNo, Reason::WrongType),
        ),
        (
            "InvoiceNo",
            json!("5\n6"),
            (Field::InvoiceNo, Reason::BadCharacter),
        ),
        (
            "StockCode",
            json!("x".repeat(33)),
            (Field::StockCode, Reason::TooLong),
        ),
        (
            "CustomerID",
            json!(false),
            (Field::CustomerId, Reason::WrongType),
        ),
        (
            "Country",
            json!("x".repeat(65)),
            (Field::Country, Reason::TooLong),
        ),
        (
            "Description",
            json!("£".repeat(129)),
            (Field::Description, Reason::TooLong),
        ),
    ]);
}

#[test]
fn what_is_no_event_at_all_says_so() {
    assert_eq!(
        refusal("{\"InvoiceNo\": NaN}"),
        (Field::Event, Reason::NotJson)
    );
    assert_eq!(refusal(""), (Field::Event, Reason::NotJson));
    assert_eq!(refusal("{\"InvoiceNo\":"), (Field::Event, Reason::NotJson));
    assert_eq!(refusal("[]"), (Field::Event, Reason::NotAnObject));
    assert_eq!(refusal("\"text\""), (Field::Event, Reason::NotAnObject));
    assert_eq!(refusal("null"), (Field::Event, Reason::NotAnObject));
    assert_eq!(
        refusal(r#"{"Quantity":1,"Quantity":2}"#),
        (Field::Event, Reason::DuplicateField)
    );
    assert_eq!(
        refusal(&with("Note", json!("x".repeat(9_000)))),
        (Field::Event, Reason::TooLarge)
    );
}

#[test]
fn nul_is_rejected_in_every_text_and_never_removed() {
    for (name, field) in [
        ("EventId", Field::EventId),
        ("InvoiceNo", Field::InvoiceNo),
        ("StockCode", Field::StockCode),
        ("Description", Field::Description),
        ("CustomerID", Field::CustomerId),
        ("Country", Field::Country),
    ] {
        for text in ["\u{0}", "a\u{0}b"] {
            let expected = (field, Reason::BadCharacter);
            assert_eq!(refusal(&with(name, json!(text))), expected, "{name}");
        }
    }
}
