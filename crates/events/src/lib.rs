//! The event: its format, its validation and its transport.
//!
//! This crate uses neither AWS nor a clock. [`read`] is the only parser of producers' JSON and is used by every stage;
//! [`row::COLUMNS`] is the only list of columns, shared by the CSV, the catalog and the warehouse.

mod compact;
mod envelope;
mod identifier;
mod kind;
mod lake;
mod line;
mod money;
mod probe;
mod reading;
mod reject;
pub mod row;
mod timestamp;
mod unknown;

pub use compact::compact;
pub use envelope::{Entry, Envelope, EnvelopeError, MAX_ENVELOPE_BYTES};
pub use identifier::{
    CustomerId, EnvelopeId, EventId, IdentifierError, InvoiceNo, MAX_EVENT_ID_CHARS, StockCode,
};
pub use kind::Kind;
pub use lake::LakeLine;
pub use line::OrderLine;
pub use money::{Amount, MoneyError, UnitPrice};
pub use probe::{Probe, is_probe, probe};
pub use reading::{Event, MAX_EVENT_BYTES, read, read_received};
pub use reject::{FIELDS, Field, Reason, Reject};
pub use timestamp::{TimestampError, format_instant, format_timestamp, parse_timestamp};
pub use unknown::unknown_fields;
