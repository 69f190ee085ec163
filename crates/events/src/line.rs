//! A valid order line.

use time::PrimitiveDateTime;

use crate::{Amount, CustomerId, InvoiceNo, Kind, StockCode, UnitPrice};

/// An order line: typed, trimmed, and guaranteed to fit the warehouse's columns.
///
/// It has no natural key: two lines of one invoice may be equal in all eight fields.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OrderLine {
    pub invoice_no: InvoiceNo,
    /// The kind, which follows from the invoice number.
    pub kind: Kind,
    pub stock_code: StockCode,
    /// The description of the item; missing on some write-offs. One stock code may have several.
    pub description: Option<String>,
    /// Number of units; negative for returns and write-offs.
    pub quantity: i32,
    /// The shop's local time. Lines of one invoice may differ by a minute.
    pub invoice_ts: PrimitiveDateTime,
    /// Price of one unit in pounds sterling.
    pub unit_price: UnitPrice,
    /// The customer; `None` for a guest.
    pub customer_id: Option<CustomerId>,
    /// The customer's country; the real data also has the value `Unspecified`.
    pub country: String,
}

impl OrderLine {
    /// Returns the quantity times the price.
    #[must_use]
    pub fn amount(&self) -> Amount {
        self.unit_price.times(self.quantity)
    }
}
