//! The HTTP API from a producer's point of view.

use serde_json::json;

use crate::environment::{Environment, beside_others};

pub(crate) fn event(id: &str) -> serde_json::Value {
    json!({
        "EventId": id, "InvoiceNo": format!("77{id}"), "StockCode": "85123A", "Description": "HEART",
        "Quantity": 6, "InvoiceDate": "12/1/2010 8:26", "UnitPrice": 2.55, "CustomerID": 17850,
        "Country": "United Kingdom"
    })
}

#[test]
fn unsigned_requests_are_refused_and_signed_ones_accepted() {
    let _way = beside_others();
    let environment = Environment::shared();
    let unsigned = environment.unsigned("POST", "/events", &[], b"{}");
    assert_eq!(unsigned.status, 403);
    let unsigned = environment.unsigned("GET", "/invoices/1", &[], b"");
    assert_eq!(
        (unsigned.status, &unsigned.json()["reason"]),
        (403, &json!("not_signed"))
    );
    let (status, answer) =
        environment.post("application/json", event("signed").to_string().as_bytes());
    assert_eq!((status, &answer["accepted"]), (202, &json!(1)), "{answer}");
}

#[test]
fn one_event_an_array_and_lines_are_all_taken() {
    let _way = beside_others();
    let environment = Environment::shared();
    let array = json!([event("array-1"), event("array-2")]).to_string();
    let (status, answer) = environment.post("application/json", array.as_bytes());
    assert_eq!((status, &answer["accepted"]), (202, &json!(2)), "{answer}");
    let lines = format!("{}\n{}\n", event("line-1"), event("line-2"));
    let (status, answer) = environment.post("application/x-ndjson", lines.as_bytes());
    assert_eq!((status, &answer["accepted"]), (202, &json!(2)), "{answer}");
}

#[test]
fn a_pound_sign_in_iso_8859_1_is_stored_correctly() {
    let _way = beside_others();
    let environment = Environment::shared();
    let mut line = event("pound");
    line["Description"] = json!("£ BOX");
    let line = line.to_string();
    let bytes: Vec<_> = line.chars().map(|it| u8::try_from(it).unwrap()).collect();
    let refused = environment.post("application/json", &bytes);
    assert_eq!(
        (refused.0, &refused.1["rejected"][0]["reason"]),
        (400, &json!("not_utf8")),
        "{refused:?}"
    );
    let taken = environment.post("application/x-ndjson; charset=iso-8859-1", &bytes);
    assert_eq!(
        (taken.0, &taken.1["accepted"]),
        (202, &json!(1)),
        "{taken:?}"
    );
    let invoice = environment.wait_for(
        "the invoice",
        |environment| environment.run(&["invoice", "77pound", "--json"]),
        |output| output.status.success(),
    );
    let printed = String::from_utf8(invoice.stdout).unwrap();
    assert!(printed.contains("£ BOX"), "{printed}");
}

#[test]
fn an_event_can_be_asked_for_in_the_shop_within_seconds() {
    let _way = beside_others();
    let environment = Environment::shared();
    environment.post("application/json", event("shop").to_string().as_bytes());
    let invoice = environment.wait_for(
        "the invoice",
        |environment| environment.run(&["invoice", "77shop", "--json"]),
        |output| output.status.success(),
    );
    let invoice: serde_json::Value = serde_json::from_slice(&invoice.stdout).unwrap();
    assert_eq!(
        (&invoice["total"], &invoice["customer_id"]),
        (&json!("15.3"), &json!("17850"))
    );
}

#[test]
fn an_invoice_of_any_number_that_was_accepted_can_be_asked_for() {
    let _way = beside_others();
    let environment = Environment::shared();
    let numbers = ["77A/1", "77 100%", "77%2F", "77 Rächnung #7?", "77+&="];
    let events: Vec<_> = numbers
        .iter()
        .map(|number| {
            let mut event = event(&format!("number {number}"));
            event["InvoiceNo"] = json!(number);
            event
        })
        .collect();
    let (status, answer) =
        environment.post("application/json", json!(events).to_string().as_bytes());
    assert_eq!((status, &answer["accepted"]), (202, &json!(5)), "{answer}");
    for number in numbers {
        let invoice = environment.wait_for(
            number,
            |environment| environment.run(&["invoice", number, "--json"]),
            |output| output.status.success(),
        );
        let invoice: serde_json::Value = serde_json::from_slice(&invoice.stdout).unwrap();
        assert_eq!(invoice["invoice_no"], number);
    }
    let asked = environment.http("GET", "/invoices/77A/1", &[], b"");
    assert_eq!(
        (asked.status, &asked.json()["invoice_no"]),
        (200, &json!("77A/1"))
    );
}

#[test]
fn an_unknown_path_and_another_method_are_told_in_json() {
    let _way = beside_others();
    let environment = Environment::shared();
    for (method, path, status, reason) in [
        ("GET", "/invoice", 404, "not_found"),
        ("GET", "/invoices/none-such", 404, "not_found"),
        ("GET", "/events", 405, "method_not_allowed"),
        ("DELETE", "/invoices/1", 405, "method_not_allowed"),
    ] {
        let answer = environment.http(method, path, &[], b"");
        assert_eq!(
            (answer.status, &answer.json()["reason"]),
            (status, &json!(reason)),
            "{method} {path}: {}",
            answer.text()
        );
    }
    let unsigned = environment.unsigned("GET", "/invoice", &[], b"");
    assert_eq!(
        (unsigned.status, &unsigned.json()["reason"]),
        (403, &json!("not_signed"))
    );
}
