//! The shop's reads: `GET /invoices/{no}` and `GET /customers/{id}/invoices`.
//!
//! `question` reads the request, `merge` makes one of the envelopes, `invoice` and `customer` are the two
//! answers, `cursor` names where a page ended.
//!
//! Totals are summed over distinct event ids at each read, so that lines sent again in other company never
//! count twice, and on a reused id the smallest envelope wins, as it does in the warehouse. Only envelopes of
//! the invoice, or of the customer, that is asked for are seen: an id reused on another one is not.

mod cursor;
mod customer;
mod handler;
mod invoice;
mod merge;
mod question;
#[cfg(test)]
mod tests;

pub use handler::Query;
pub use question::{DEFAULT_INVOICES, MAX_INVOICES, MAX_LINES};
