//! The probe event, with which a deployment verifies the path from the API to DynamoDB.
//!
//! An event is a probe only if every field matches: its own prefix of id and invoice, its own stock code, no units and
//! no price. No order line can be mistaken for it. `store` keeps it out of the raw lake, so analysts never see it.

use rust_decimal::Decimal;

use crate::{EventId, OrderLine};

/// Prefix of the probes' event ids.
const ID: &str = "riverhouse-probe/";

/// Prefix of the probes' invoice numbers.
const INVOICE: &str = "A-probe-";

/// Stock code of the probes.
const STOCK_CODE: &str = "PROBE";

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Probe {
    /// The event as JSON, as a producer would send it.
    pub json: String,
    /// The invoice number to look for.
    pub invoice_no: String,
}

/// Returns the probe with this token of up to 16 letters and digits. A new token makes a new event.
#[must_use]
pub fn probe(token: &str) -> Probe {
    let invoice_no = format!("{INVOICE}{token}");
    let json = format!(
        r#"{{"EventId": "{ID}{token}", "InvoiceNo": "{invoice_no}", "StockCode": "{STOCK_CODE}", "Description": "a deployment's probe", "Quantity": 0, "InvoiceDate": "2010-12-01T08:26:00", "UnitPrice": 0, "CustomerID": null, "Country": "Unspecified"}}"#
    );
    Probe { json, invoice_no }
}

/// Returns whether the event is a probe.
#[must_use]
pub fn is_probe(id: &EventId, line: &OrderLine) -> bool {
    id.as_ref().starts_with(ID)
        && line.invoice_no.as_ref().starts_with(INVOICE)
        && line.stock_code.as_ref() == STOCK_CODE
        && line.quantity == 0
        && Decimal::from(line.unit_price).is_zero()
        && line.customer_id.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> bool {
        let event = crate::read(json).unwrap();
        is_probe(&event.id.unwrap(), &event.line)
    }

    #[test]
    fn a_probe_is_a_valid_event_and_is_recognised() {
        let probe = probe("0123456789abcdef");
        assert!(read(&probe.json));
        assert_eq!(probe.invoice_no, "A-probe-0123456789abcdef");
    }

    #[test]
    fn an_event_that_differs_in_one_field_is_no_probe() {
        let json = probe("1").json;
        for (part, other) in [
            (ID, "till/"),
            (INVOICE, "A563185"),
            (STOCK_CODE, "B"),
            (r#""Quantity": 0"#, r#""Quantity": 1"#),
            (r#""UnitPrice": 0"#, r#""UnitPrice": 0.01"#),
            ("null", "17850"),
        ] {
            assert!(json.contains(part), "{part}");
            assert!(!read(&json.replace(part, other)), "{part}");
        }
    }
}
