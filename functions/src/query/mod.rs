//! The read API of the shop: `GET /invoices/{no}` and `GET /customers/{id}/invoices`.
//!
//! `question` parses the request, `merge` deduplicates the lines of several envelopes, `invoice` and `customer` build
//! the two responses, `cursor` encodes page positions.
//!
//! Totals are summed over distinct events at each read, so lines that were sent again in other envelopes never count
//! twice. An event is identified by invoice number and event id. If it has several contents, the smallest envelope id
//! wins, as in the warehouse. The winning content decides which customer the event belongs to, so a customer's page
//! also reads the envelopes of its invoices from table `invoice`.

mod cursor;
mod customer;
mod handler;
mod invoice;
mod merge;
#[cfg(test)]
mod property_tests;
mod question;
mod settings;
#[cfg(test)]
mod tests;

pub use handler::Query;
pub use question::{DEFAULT_INVOICES, MAX_INVOICES, MAX_LINES};
pub use settings::Settings;
