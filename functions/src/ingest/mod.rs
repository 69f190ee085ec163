//! Stage 2: `POST /events` → validation → one envelope per invoice → the stream.
//!
//! `body` reads the request, `charset` decodes its text, `intake` validates its events, `envelope_record` packs them into
//! envelopes, `delivery` puts these on the stream, `outcome` builds the response, and `reject_object` builds the objects
//! that keep rejects. Only `delivery` and the handler do I/O.

mod body;
mod charset;
mod delivery;
mod envelope_record;
mod handler;
mod intake;
mod outcome;
mod reject_object;
mod settings;
#[cfg(test)]
mod tests;

pub use body::MAX_BODY_BYTES;
pub use handler::Ingest;
pub use intake::MAX_EVENTS;
pub use settings::Settings;
