//! The TLS proxy of the warehouse, for clients that require TLS and use Redshift's variant of PostgreSQL's
//! protocol, such as Amazon's `redshift_connector`.
//!
//! It terminates TLS with a certificate for `localhost`, removes the start-up parameters that PostgreSQL does not
//! know, and then passes every byte on. PostgreSQL authenticates the user.

mod certificate;
mod serve;
mod startup;

pub(crate) use certificate::prepare;
pub(crate) use serve::serve;
