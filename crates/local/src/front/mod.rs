//! The warehouse's door for clients that insist on TLS and speak Redshift's dialect of PostgreSQL's protocol,
//! such as Amazon's `redshift_connector`.
//!
//! It ends TLS with a certificate for `localhost`, leaves out the start-up parameters that PostgreSQL does not
//! know, and then passes every byte through: who signs in, and as whom, is PostgreSQL's business.

mod certificate;
mod serve;
mod startup;

pub(crate) use certificate::{Certificate, prepare};
pub(crate) use serve::serve;
