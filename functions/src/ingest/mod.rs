//! Stage 2: `POST /events` → validation → one envelope per invoice → the stream.
//!
//! `body` reads the request, `charset` decodes its text, `intake` validates its events, `parcels` packs them into
//! envelopes, `delivery` puts these on the stream, `outcome` builds the response, and `keeping` builds the objects
//! that keep rejects. Only `delivery` and the handler do I/O.

mod body;
mod charset;
mod delivery;
mod handler;
mod intake;
mod keeping;
mod outcome;
mod parcels;
#[cfg(test)]
mod tests;

pub use body::MAX_BODY_BYTES;
pub use handler::Ingest;
pub use intake::MAX_EVENTS;
