//! The items of the two tables: what `store` writes and `query` reads.
//!
//! An item holds the lines of one envelope in `Lines`, one text with a compact JSON array of arrays. It is not
//! a list of maps: DynamoDB bills attribute names in every line of one, and the local emulator is ten times
//! slower on nested attributes.

use events::{Amount, CustomerId, EnvelopeId, EventId, InvoiceNo, OrderLine, StockCode, UnitPrice};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use time::PrimitiveDateTime;

/// Attributes of both tables. All are texts (`S`).
pub mod attribute {
    /// Partition key of `invoice`.
    pub const INVOICE_NO: &str = "InvoiceNo";
    /// Sort key of `invoice`.
    pub const ENVELOPE_ID: &str = "EnvelopeId";
    /// When the API took the envelope in.
    pub const RECEIVED_AT: &str = "ReceivedAt";
    /// Partition key of `customer`.
    pub const CUSTOMER_ID: &str = "CustomerID";
    /// Sort key of `customer`: the invoice, `#`, the envelope.
    pub const INVOICE_ENVELOPE: &str = "InvoiceNo#EnvelopeId";
    /// The earliest time of the envelope's lines.
    pub const INVOICE_DATE: &str = "InvoiceDate";
    /// Where the customer lives.
    pub const COUNTRY: &str = "Country";
    /// The lines, as JSON.
    pub const LINES: &str = "Lines";
}

/// One line in an item of `invoice`: `[event_id, stock_code, description, quantity, unit_price,
/// invoice_date, customer_id, country]`. A new field comes last.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct InvoiceLine {
    /// Its identity.
    pub event_id: EventId,
    /// What was sold.
    pub stock_code: StockCode,
    /// The item in words.
    pub description: Option<String>,
    /// Units.
    pub quantity: i32,
    /// Pounds a unit, as a text so that it stays exact.
    pub unit_price: UnitPrice,
    /// When, as `2010-12-01T08:26:00`.
    pub invoice_date: String,
    /// Who bought; a guest has none.
    pub customer_id: Option<CustomerId>,
    /// Where the customer lives.
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
    /// The part of an order line that an invoice's item keeps.
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

/// One line in an item of `customer`: `[event_id, units, amount]`, what totals over distinct ids need.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct CustomerLine {
    /// Its identity.
    pub event_id: EventId,
    /// Units.
    pub units: i32,
    /// Units times price, exact.
    pub amount: Amount,
}

impl Serialize for CustomerLine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.event_id, self.units, &self.amount).serialize(serializer)
    }
}

/// One envelope in table `invoice`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvoiceItem {
    /// Partition key.
    pub invoice_no: InvoiceNo,
    /// Sort key.
    pub envelope_id: EnvelopeId,
    /// When the API took it in, as `2026-01-02T03:04:05.678Z`.
    pub received_at: String,
    /// [`InvoiceLine`]s.
    pub lines: String,
}

/// One customer's part of one envelope in table `customer`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CustomerItem {
    /// Partition key.
    pub customer_id: CustomerId,
    /// First half of the sort key.
    pub invoice_no: InvoiceNo,
    /// Second half of the sort key.
    pub envelope_id: EnvelopeId,
    /// The earliest of its lines.
    pub invoice_date: String,
    /// Where the customer lives.
    pub country: String,
    /// [`CustomerLine`]s.
    pub lines: String,
}

impl CustomerItem {
    /// The sort key.
    #[must_use]
    pub fn sort_key(&self) -> String {
        format!("{}#{}", escaped(&self.invoice_no), self.envelope_id)
    }

    /// The invoice and the envelope of a sort key; `None` when it is none.
    #[must_use]
    pub fn of_sort_key(key: &str) -> Option<(InvoiceNo, EnvelopeId)> {
        let (invoice_no, envelope_id) = key.split_once('#')?;
        let invoice_no = invoice_no.replace("%23", "#").replace("%25", "%");
        Some((invoice_no.parse().ok()?, envelope_id.parse().ok()?))
    }

    /// A sort key above those of all envelopes of `invoice_no`: they are hexadecimal, and `~` is beyond.
    #[must_use]
    pub fn after_invoice(invoice_no: &InvoiceNo) -> String {
        format!("{}#~", escaped(invoice_no))
    }
}

/// An invoice's number without `#`, so that the items of one invoice are never mixed with another's.
fn escaped(invoice_no: &InvoiceNo) -> String {
    invoice_no.as_ref().replace('%', "%25").replace('#', "%23")
}

/// An item of either table.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Item {
    /// Of table `invoice`.
    Invoice(InvoiceItem),
    /// Of table `customer`.
    Customer(CustomerItem),
}

/// Where an item stands: its table and its two keys.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Key {
    /// Whether it is of `customer`, else of `invoice`.
    pub of_customer: bool,
    /// Partition key.
    pub partition: String,
    /// Sort key.
    pub sort: String,
}

impl Item {
    /// The item's place. `BatchWriteItem` refuses two of one place in one call.
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

/// Lines as the attribute `Lines` keeps them.
#[must_use]
pub fn encode<L: Serialize>(lines: &[L]) -> String {
    // Texts and numbers always serialise.
    serde_json::to_string(lines).unwrap_or_default()
}

/// Lines out of the attribute `Lines`.
///
/// # Errors
///
/// When it is not what [`encode`] writes: someone else wrote into the table.
pub fn decode<L: DeserializeOwned>(lines: &str) -> Result<Vec<L>, serde_json::Error> {
    serde_json::from_str(lines)
}

/// `2010-12-01T08:26:00`: sorts as text in the order of time.
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
        fn an_invoice_is_a_range_of_sort_keys_of_its_own(
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
