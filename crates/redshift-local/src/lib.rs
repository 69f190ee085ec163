//! An Amazon Redshift Data API server that runs on PostgreSQL.
//!
//! Clients use it like the AWS service: the same JSON protocol, requests signed with Signature
//! Version 4, statements that run in the background, client tokens, sessions and pages. Redshift
//! SQL is rewritten for PostgreSQL token by token, and SQL that Redshift would refuse is refused.
//! `COPY` and `UNLOAD` work with any S3 endpoint. `DIVERGENCES.md` lists every known difference.
//!
//! ```text
//! api/        HTTP, signatures, the twelve operations, their requests, responses and errors
//! statement/  statements: status, client tokens, journal, results, sessions, execution
//! sql/        pure: translates a statement to PostgreSQL text or a plan, or refuses it
//! copy/       S3 → decompress → parse → convert → `COPY … FROM STDIN`
//! unload/     `COPY … TO STDOUT` → S3
//! postgres/   connections, compatibility functions, errors in Redshift's wording
//! ```

mod api;
mod copy;
mod identity;
mod postgres;
mod private;
mod s3;
mod secret;
mod server;
mod settings;
mod sql;
mod statement;
mod unload;

pub use identity::{Identities, Identity, Login, LoginError, LoginLookup, Lookup, Principal};
pub use secret::Secret;
pub use server::{ServeError, serve};
pub use settings::{PostgresSettings, S3Settings, Settings};
