//! Stage 2: `POST /events` → validated → one envelope per invoice → the stream.
//!
//! `body` reads the request, `charset` its text, `intake` the events in it, `parcels` packs them, `delivery` puts
//! them on the stream, `outcome` answers, `keeping` names what is kept of rejects. Only `delivery` and the handler wait for anything.

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
