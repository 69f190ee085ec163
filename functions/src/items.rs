//! The items of both tables, which `store` writes and `query` reads.
//!
//! An item keeps the lines of one envelope in the attribute `Lines`: a string with a compact JSON array of arrays. A
//! list of maps would repeat the attribute names, which DynamoDB bills, in every line, and the local emulator is ten
//! times slower on nested attributes.

use events::{Amount, CustomerId, EnvelopeId, EventId, InvoiceNo, OrderLine, StockCode, UnitPrice};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use time::PrimitiveDateTime;

/// Attribute names of both tables. All attributes are strings (`S`).
pub mod attribute {
    /// Partition key of table `invoice`.
    pub const INVOICE_NO: &str = "InvoiceNo";
    /// Sort key of table `invoice`.
    pub const ENVELOPE_ID: &str = "EnvelopeId";
    /// When the API received the envelope.
    pub const RECEIVED_AT: &str = "ReceivedAt";
    /// Partition key of table `customer`.
    pub const CUSTOMER_ID: &str = "CustomerID";
    /// Sort key of table `customer`: invoice number, `#`, envelope id.
    pub const INVOICE_ENVELOPE: &str = "InvoiceNo#EnvelopeId";
    /// The earliest date of the envelope's lines.
    pub const INVOICE_DATE: &str = "InvoiceDate";
    /// The customer's country.
    pub const COUNTRY: &str = "Country";
    /// The lines as JSON.
    pub const LINES: &str = "Lines";
}

/// A line of an item in table `invoice`, as JSON: `[event_id, stock_code, description, quantity, unit_price,
/// invoice_date, customer_id, country]`. A new field is appended at the end.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct InvoiceLine {
    pub event_id: EventId,
    pub stock_code: StockCode,
    pub description: Option<String>,
    /// Number of units.
    pub quantity: i32,
    /// Price of one unit in pounds sterling, as a string so that it stays exact.
    pub unit_price: UnitPrice,
    /// Local time of the shop, such as `2010-12-01T08:26:00`.
    pub invoice_date: String,
    /// The customer; `None` for a guest.
    pub customer_id: Option<CustomerId>,
    /// The customer's country.
    pub country: String,
}

impl Serialize for InvoiceLine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sale = (
            &self.event_id,
            &self.stock_code,
            &self.description,
            self.quantity,
        );
        let (event_id, stock_code, description, quantity) = sale;
        let buyer = (&self.invoice_date, &self.customer_id, &self.country);
        let (date, customer, country) = buyer;
        (
            event_id,
            stock_code,
            description,
            quantity,
            &self.unit_price,
            date,
            customer,
            country,
        )
            .serialize(serializer)
    }
}

impl InvoiceLine {
    /// Takes the fields of an order line that an item keeps.
    #[must_use]
    pub fn new(event_id: EventId, line: &OrderLine) -> Self {
        Self {
            event_id,
            stock_code: line.stock_code.clone(),
            description: line.description.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
            invoice_date: iso(line.invoice_ts),
            customer_id: line.customer_id.clone(),
            country: line.country.clone(),
        }
    }
}

/// A line of an item in table `customer`, as JSON: `[event_id, units, amount]`. Totals over distinct events need no
/// more.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct CustomerLine {
    pub event_id: EventId,
    pub units: i32,
    /// Units times price, exact.
    pub amount: Amount,
}

impl Serialize for CustomerLine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.event_id, self.units, &self.amount).serialize(serializer)
    }
}

/// An item of table `invoice`: the lines of one envelope.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvoiceItem {
    /// Partition key.
    pub invoice_no: InvoiceNo,
    /// Sort key.
    pub envelope_id: EnvelopeId,
    /// When the API received the envelope, as `2026-01-02T03:04:05.678Z`.
    pub received_at: String,
    /// The [`InvoiceLine`]s as JSON.
    pub lines: String,
}

/// An item of table `customer`: one customer's lines of one envelope.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CustomerItem {
    /// Partition key.
    pub customer_id: CustomerId,
    /// First part of the sort key.
    pub invoice_no: InvoiceNo,
    /// Second part of the sort key.
    pub envelope_id: EnvelopeId,
    /// The earliest date of its lines.
    pub invoice_date: String,
    /// The customer's country.
    pub country: String,
    /// The [`CustomerLine`]s as JSON.
    pub lines: String,
}

impl CustomerItem {
    #[must_use]
    pub fn sort_key(&self) -> String {
        format!("{}#{}", escaped(&self.invoice_no), self.envelope_id)
    }

    /// Splits a sort key into invoice number and envelope id; `None` if it is not a sort key.
    #[must_use]
    pub fn of_sort_key(key: &str) -> Option<(InvoiceNo, EnvelopeId)> {
        let (invoice_no, envelope_id) = key.split_once('#')?;
        let invoice_no = invoice_no.replace("%23", "#").replace("%25", "%");
        Some((invoice_no.parse().ok()?, envelope_id.parse().ok()?))
    }

    /// Returns a sort key greater than those of all envelopes of `invoice_no`: `~` sorts after hexadecimal digits.
    #[must_use]
    pub fn after_invoice(invoice_no: &InvoiceNo) -> String {
        format!("{}#~", escaped(invoice_no))
    }
}

/// Escapes `#` in an invoice number, so that the items of two invoices are never mixed up.
fn escaped(invoice_no: &InvoiceNo) -> String {
    invoice_no.as_ref().replace('%', "%25").replace('#', "%23")
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Item {
    Invoice(InvoiceItem),
    Customer(CustomerItem),
}

/// Table, partition key and sort key of an item.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Key {
    /// Whether the table is `customer`; otherwise it is `invoice`.
    pub of_customer: bool,
    pub partition: String,
    pub sort: String,
}

impl Item {
    /// Returns the item's key. `BatchWriteItem` rejects a call with two items of the same key.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::Invoice(item) => Key {
                of_customer: false,
                partition: item.invoice_no.to_string(),
                sort: item.envelope_id.to_string(),
            },
            Self::Customer(item) => Key {
                of_customer: true,
                partition: item.customer_id.to_string(),
                sort: item.sort_key(),
            },
        }
    }
}

/// Encodes lines for the attribute `Lines`.
#[must_use]
pub fn encode<L: Serialize>(lines: &[L]) -> String {
    // Serialising strings and numbers cannot fail.
    serde_json::to_string(lines).unwrap_or_default()
}

/// Decodes the attribute `Lines`.
///
/// # Errors
///
/// Fails if the text was not written by [`encode`], so if another program wrote to the table.
pub fn decode<L: DeserializeOwned>(lines: &str) -> Result<Vec<L>, serde_json::Error> {
    serde_json::from_str(lines)
}

/// Formats a date as `2010-12-01T08:26:00`, which sorts as text in the order of time.
#[must_use]
pub fn iso(when: PrimitiveDateTime) -> String {
    events::format_timestamp(when).replace(' ', "T")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(description: Option<String>, quantity: i32) -> InvoiceLine {
        let json = r#"{"InvoiceNo":"536365","StockCode":"85123A","Quantity":6,"UnitPrice":"0.001",
            "InvoiceDate":"12/1/2010 8:26","CustomerID":"17850.0","Country":"United Kingdom"}"#;
        let line = OrderLine {
            description,
            quantity,
            ..events::read(json).unwrap().line
        };
        InvoiceLine::new("e-1".parse().unwrap(), &line)
    }

    #[test]
    fn a_line_is_an_array_with_its_price_as_a_text() {
        insta::assert_snapshot!(encode(&[line(Some("A \"£\" SIGN".to_owned()), 6)]), @r#"[["e-1","85123A","A \"£\" SIGN",6,"0.001","2010-12-01T08:26:00","17850","United Kingdom"]]"#);
        let amount = CustomerLine {
            event_id: "e-1".parse().unwrap(),
            units: -80_995,
            amount: "-168469.6".parse().unwrap(),
        };
        insta::assert_snapshot!(encode(&[amount]), @r#"[["e-1",-80995,"-168469.6"]]"#);
    }

    #[test]
    fn no_envelope_of_an_invoice_sorts_after_its_end() {
        let invoice_no: InvoiceNo = "536365".parse().unwrap();
        let last = format!("{invoice_no}#{}", "f".repeat(32));
        assert!(CustomerItem::after_invoice(&invoice_no) > last);
        assert!(CustomerItem::after_invoice(&invoice_no).as_str() < "536366#0");
    }

    proptest! {
        #[test]
        fn every_invoice_has_its_own_range_of_sort_keys(
            one in "[#%a-f0-9 ]{1,4}", other in "[#%a-f0-9 ]{1,4}", hash in "[0-9a-f]{32}"
        ) {
            let item = |invoice_no: &str| CustomerItem {
                customer_id: "17850".parse().unwrap(),
                invoice_no: invoice_no.parse().unwrap(),
                envelope_id: hash.parse().unwrap(),
                invoice_date: String::new(),
                country: String::new(),
                lines: String::new(),
            };
            prop_assume!(!one.trim().is_empty() && !other.trim().is_empty());
            let (one, other) = (item(&one), item(&other));
            let key = one.sort_key();
            let expected = (one.invoice_no.clone(), one.envelope_id.clone());
            prop_assert_eq!(CustomerItem::of_sort_key(&key), Some(expected));
            let start = key.strip_suffix(&hash).unwrap();
            prop_assert_eq!(other.sort_key().starts_with(start), one.invoice_no == other.invoice_no);
            prop_assert!(key < CustomerItem::after_invoice(&one.invoice_no));
        }

        #[test]
        fn lines_survive_their_table(
            lines in prop::collection::vec((prop::option::of(".{1,20}"), any::<i32>()), 0..5)
        ) {
            let lines: Vec<_> = lines.into_iter().map(|(text, units)| line(text, units)).collect();
            prop_assert_eq!(decode::<InvoiceLine>(&encode(&lines)).unwrap(), lines);
        }
    }
}
