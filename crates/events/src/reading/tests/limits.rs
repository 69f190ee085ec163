//! The last value that is taken, and the first that is not.

use serde_json::json;

use super::{line, refusal, with};
use crate::{Field, Reason, read, read_received};

#[test]
fn an_event_may_have_8192_bytes_and_no_more() {
    let sized = |bytes: usize| {
        let rest = bytes - with("Note", json!("")).len();
        with("Note", json!("x".repeat(rest)))
    };
    assert!(read(&sized(8_192)).is_ok());
    assert_eq!(refusal(&sized(8_193)), (Field::Event, Reason::TooLarge));
}

#[test]
fn a_text_may_have_as_many_bytes_as_its_column_and_no_more() {
    for (name, field, bytes) in [
        ("Description", Field::Description, 256),
        ("Country", Field::Country, 64),
    ] {
        for text in ["x".repeat(bytes), "£".repeat(bytes / 2)] {
            assert!(read(&with(name, json!(text))).is_ok(), "{name}");
            let longer = with(name, json!(format!("{text}x")));
            assert_eq!(refusal(&longer), (field, Reason::TooLong));
        }
    }
}

#[test]
fn a_quantity_may_be_any_signed_32_bit_integer() {
    let quantity = |quantity: i64| {
        let priced = with("UnitPrice", json!(1));
        priced.replace("\"Quantity\":6", &format!("\"Quantity\":{quantity}"))
    };
    assert_eq!(line(&quantity(2_147_483_647)).quantity, i32::MAX);
    assert_eq!(line(&quantity(-2_147_483_648)).quantity, i32::MIN);
    for beyond in [2_147_483_648, -2_147_483_649] {
        let refused = (Field::Quantity, Reason::OutOfRange);
        assert_eq!(refusal(&quantity(beyond)), refused);
    }
}

#[test]
fn a_detail_names_at_most_80_characters_of_what_came() {
    for (sent, named) in [
        ("é".repeat(80), "é".repeat(80)),
        ("é".repeat(81), format!("{}…", "é".repeat(80))),
    ] {
        let reject = read(&with("Quantity", json!(sent))).unwrap_err();
        assert_eq!(reject.detail, format!("`{named}` is not a number"));
    }
}

#[test]
fn an_amount_that_would_overflow_a_view_is_out_of_range() {
    let event = |quantity: i64, price: &str| {
        let mut event = super::event();
        event["Quantity"] = json!(quantity);
        event["UnitPrice"] = json!(price);
        event.to_string()
    };
    let refused = (Field::UnitPrice, Reason::OutOfRange);
    assert_eq!(refusal(&event(2_147_483_647, "99999999")), refused);
    assert_eq!(refusal(&event(-2_000_000, "50000000")), refused);
    assert_eq!(line(&event(2_000_000, "49999999.9999")).quantity, 2_000_000);
}

#[test]
fn a_date_may_be_two_days_after_the_arrival_and_no_more() {
    let arrival = time::macros::datetime!(2026-01-02 03:04:05 UTC);
    let read = |date: &str| read_received(&with("InvoiceDate", json!(date)), arrival);
    assert!(read("2026-01-04T03:04:05").is_ok());
    for date in ["2026-01-04T03:04:06", "9999-01-02T00:00:00"] {
        let reject = read(date).unwrap_err();
        assert_eq!(
            (reject.field, reject.reason),
            (Field::InvoiceDate, Reason::OutOfRange)
        );
    }
}
