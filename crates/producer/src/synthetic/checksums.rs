//! Expected results for the synthetic rows.

use std::collections::HashSet;

use events::{Amount, UnitPrice};
use rust_decimal::Decimal;
use serde::Serialize;

/// Exact sums over synthetic rows, equal in the raw lake, in staging and in the warehouse.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Checksums {
    /// Number of rows. None of them is rejected.
    pub rows: u64,
    /// Sum of the quantities.
    pub units: i64,
    /// Sum of quantity times price, in pounds.
    pub revenue: Decimal,
    /// Number of distinct invoice numbers.
    pub invoices: usize,
    /// Number of distinct customers, without guests.
    pub customers: usize,
}

/// Accumulates the sums.
#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: u64,
    units: i64,
    revenue: Amount,
    invoices: HashSet<String>,
    customers: HashSet<u32>,
}

impl Tally {
    pub(super) fn add(
        &mut self,
        invoice: &str,
        quantity: i32,
        price: UnitPrice,
        customer: Option<u32>,
    ) {
        self.rows += 1;
        self.units += i64::from(quantity);
        self.revenue = self.revenue + price.times(quantity);
        if !self.invoices.contains(invoice) {
            self.invoices.insert(invoice.to_owned());
        }
        self.customers.extend(customer);
    }

    pub(super) fn sums(&self) -> Checksums {
        Checksums {
            rows: self.rows,
            units: self.units,
            revenue: self.revenue.into(),
            invoices: self.invoices.len(),
            customers: self.customers.len(),
        }
    }
}
