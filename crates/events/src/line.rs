//! One line of an order, understood.

use time::PrimitiveDateTime;

use crate::{Amount, CustomerId, InvoiceNo, Kind, StockCode, UnitPrice};

/// One line of an order: typed, trimmed, and sure to fit the warehouse's columns.
///
/// It has no natural key: all eight fields may repeat within one invoice and be two lines.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OrderLine {
    /// The invoice that the line stands on.
    pub invoice_no: InvoiceNo,
    /// What the line records, told by the invoice's number.
    pub kind: Kind,
    /// What was sold.
    pub stock_code: StockCode,
    /// The item in words; absent on some write-offs. One code may have several.
    pub description: Option<String>,
    /// Units; negative when they came back or were written off.
    pub quantity: i32,
    /// When, by the shop's clock. Lines of one invoice may differ by a minute.
    pub invoice_ts: PrimitiveDateTime,
    /// Pounds sterling a unit.
    pub unit_price: UnitPrice,
    /// Who bought; a guest has none.
    pub customer_id: Option<CustomerId>,
    /// Where the customer lives; `Unspecified` is a value of the real data.
    pub country: String,
}

impl OrderLine {
    /// Quantity times price.
    #[must_use]
    pub fn amount(&self) -> Amount {
        self.unit_price.times(self.quantity)
    }
}
