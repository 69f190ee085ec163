//! The shop's reads: `GET /invoices/{no}` and `GET /customers/{id}/invoices`.
//!
//! `question` reads the request, `merge` makes one of the envelopes, `invoice` and `customer` are the two
//! answers, `cursor` names where a page ended.
//!
//! Totals are summed over distinct events at each read, so that lines sent again in other envelopes never count
//! twice. An event is the pair of invoice number and event id; of an event with several contents the smallest
//! envelope wins, as it does in the warehouse. The winning content decides which customer lists the event: a
//! customer's page reads the envelopes of its invoices from table `invoice` too.

mod cursor;
mod customer;
mod handler;
mod invoice;
mod merge;
#[cfg(test)]
mod property_tests;
mod question;
#[cfg(test)]
mod tests;

pub use handler::Query;
pub use question::{DEFAULT_INVOICES, MAX_INVOICES, MAX_LINES};
