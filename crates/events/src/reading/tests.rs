use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::format_timestamp;

mod limits;
mod refusals;

fn event() -> serde_json::Value {
    json!({
        "InvoiceNo": "536365", "StockCode": "85123A",
        "Description": "WHITE HANGING HEART T-LIGHT HOLDER", "Quantity": 6,
        "InvoiceDate": "12/1/2010 8:26", "UnitPrice": 2.55, "CustomerID": "17850",
        "Country": "United Kingdom"
    })
}

fn with(field: &str, value: serde_json::Value) -> String {
    let mut event = event();
    event[field] = value;
    event.to_string()
}

fn line(json: &str) -> OrderLine {
    read(json)
        .unwrap_or_else(|reject| panic!("{json}: {reject}"))
        .line
}

fn refusal(json: &str) -> (Field, Reason) {
    let reject = read(json).expect_err(json);
    (reject.field, reject.reason)
}

#[test]
fn a_plain_event_is_parsed() {
    let line = line(&event().to_string());
    assert_eq!(line.invoice_no.as_ref(), "536365");
    assert_eq!(line.kind, Kind::Sale);
    assert_eq!(format_timestamp(line.invoice_ts), "2010-12-01 08:26:00");
    assert_eq!(line.amount().to_string(), "15.3");
}

#[test]
fn a_known_customer_may_be_written_in_many_ways() {
    for spelling in [
        json!(17850),
        json!(17850.0),
        json!("17850"),
        json!(" 17850.0 "),
    ] {
        let line = line(&with("CustomerID", spelling));
        assert_eq!(line.customer_id.unwrap().as_ref(), "17850");
    }
}

#[test]
fn a_number_as_an_identifier_is_its_digits_and_a_text_stays_as_it_is() {
    let number = "\"number\"";
    for (spelled, digits) in [
        ("536365", "536365"),
        ("536365.0", "536365"),
        ("5.36365E5", "536365"),
        ("-0.0", "0"),
        ("7.5", "7.5"),
        ("1e99", "1e99"),
        ("\"1E5\"", "1E5"),
        ("\"536365.0\"", "536365.0"),
    ] {
        for field in ["InvoiceNo", "StockCode", "EventId"] {
            let json = with(field, json!("number")).replace(number, spelled);
            let Event { id, line } = read(&json).unwrap();
            let read = match field {
                "InvoiceNo" => line.invoice_no.to_string(),
                "StockCode" => line.stock_code.to_string(),
                _ => id.unwrap().to_string(),
            };
            assert_eq!(read, digits, "{field} {spelled}");
        }
    }
    let customer = with("CustomerID", json!("number")).replace(number, "1.785e4");
    assert_eq!(line(&customer).customer_id.unwrap().as_ref(), "17850");
}

#[test]
fn a_guest_may_be_written_in_many_ways() {
    let mut absent = event();
    absent.as_object_mut().unwrap().remove("CustomerID");
    assert_eq!(line(&absent.to_string()).customer_id, None);
    for spelling in [
        json!(null),
        json!(""),
        json!("  "),
        json!("NaN"),
        json!("nan"),
    ] {
        assert_eq!(line(&with("CustomerID", spelling)).customer_id, None);
    }
}

#[test]
fn identifiers_may_be_numbers_and_stay_texts() {
    let line = line(&with("StockCode", json!(22_197)));
    assert_eq!(line.stock_code.as_ref(), "22197");
    assert_eq!(
        super::read(&with("InvoiceNo", json!(536_365)))
            .unwrap()
            .line
            .invoice_no
            .as_ref(),
        "536365"
    );
}

#[test]
fn prices_never_pass_through_a_float() {
    for (price, printed) in [
        ("0.001", "0.001"),
        ("-11062.06", "-11062.06"),
        ("0.1", "0.1"),
        ("38970", "38970"),
        ("\"2.10\"", "2.1"),
    ] {
        let json = event().to_string().replace("2.55", price);
        assert_eq!(line(&json).unit_price.to_string(), printed);
    }
}

#[test]
fn unusual_values_of_the_real_data_are_accepted_unchanged() {
    let cancelled = read(&with("InvoiceNo", json!("C536379"))).unwrap().line;
    assert_eq!(cancelled.kind, Kind::Cancellation);
    assert_eq!(line(&with("Quantity", json!(-80_995))).quantity, -80_995);
    assert_eq!(line(&with("Quantity", json!("12"))).quantity, 12);
    assert_eq!(line(&with("Quantity", json!(6.0))).quantity, 6);
    assert_eq!(
        line(&with("UnitPrice", json!(0))).unit_price.to_string(),
        "0"
    );
    assert_eq!(
        line(&with("StockCode", json!("BANK CHARGES")))
            .stock_code
            .as_ref(),
        "BANK CHARGES"
    );
    assert_eq!(
        line(&with("StockCode", json!("85123a")))
            .stock_code
            .as_ref(),
        "85123a"
    );
    for (sent, kept) in [
        (json!("  PINK , \"BOX\" £5 "), Some("PINK , \"BOX\" £5")),
        (json!("DOTCOM  POSTAGE"), Some("DOTCOM  POSTAGE")),
        (json!("?"), Some("?")),
        (json!(20_713), Some("20713")),
        (json!(""), None),
        (json!(null), None),
    ] {
        assert_eq!(
            line(&with("Description", sent)).description.as_deref(),
            kept
        );
    }
}

#[test]
fn a_producer_may_name_its_events() {
    assert_eq!(read(&event().to_string()).unwrap().id, None);
    assert_eq!(read(&with("EventId", json!(""))).unwrap().id, None);
    assert_eq!(
        read(&with("EventId", json!("till-7/42")))
            .unwrap()
            .id
            .unwrap()
            .as_ref(),
        "till-7/42"
    );
    assert_eq!(
        refusal(&with("EventId", json!("x".repeat(65)))),
        (Field::EventId, Reason::TooLong)
    );
}

#[test]
fn unknown_fields_are_ignored() {
    assert_eq!(
        line(&with("Loyalty", json!({"points": 3}))),
        line(&event().to_string())
    );
}

proptest! {
    #[test]
    fn exact_values_are_read_unchanged(
        quantity in -1_000_000..=1_000_000_i32,
        ten_thousandths in -999_999_999_999_i64..=999_999_999_999,
        code in "[0-9]{5}[A-Za-z]{0,2}",
        words in "[a-zA-Z,\"' £]{0,40}",
    ) {
        let price = rust_decimal::Decimal::new(ten_thousandths, 4);
        let mut event = event();
        event["Quantity"] = json!(quantity);
        event["StockCode"] = json!(code);
        event["Description"] = json!(words);
        let json = event.to_string().replace("2.55", &price.to_string());
        let line = line(&json);
        prop_assert_eq!(line.quantity, quantity);
        prop_assert_eq!(rust_decimal::Decimal::from(line.unit_price), price);
        prop_assert_eq!(line.stock_code.as_ref(), code);
        prop_assert_eq!(line.description.unwrap_or_default(), words.trim());
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}") {
        let _ = read(&text);
    }
}
