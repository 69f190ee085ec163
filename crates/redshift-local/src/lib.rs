//! An Amazon Redshift Data API server in front of a PostgreSQL.
//!
//! Clients speak to it as they speak to AWS: the service's own JSON protocol, signed with
//! Signature Version 4, statements that run in the background, client tokens, sessions, pages.
//! SQL is written for Redshift; it is rewritten on tokens for PostgreSQL, and what Redshift would
//! refuse is refused. `COPY` and `UNLOAD` work against any S3 endpoint. `DIVERGENCES.md` lists
//! every known difference.
//!
//! ```text
//! api/        HTTP, signatures, the twelve operations, their shapes and errors
//! statement/  the life of a statement: states, tokens, journal, results, sessions, running
//! sql/        pure: tokens in, PostgreSQL text or a plan out, or a refusal
//! copy/       S3 → gunzip → parse → convert → `COPY … FROM STDIN`
//! unload/     `COPY … TO STDOUT` → S3
//! postgres/   connections, compatibility functions, errors in Redshift's words
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
