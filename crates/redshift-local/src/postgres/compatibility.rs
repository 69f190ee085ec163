//! Installs what Redshift has and PostgreSQL lacks into a schema of its own.

use sha2::{Digest, Sha256};

use super::connection::{ConnectError, Database};
use crate::sql::SCHEMA;

/// Functions and views. Running the text again changes nothing.
const SOURCE: &str = concat!(
    include_str!("compatibility/schema.sql"),
    include_str!("compatibility/assume_role.sql"),
    include_str!("compatibility/dates.sql"),
    include_str!("compatibility/texts.sql"),
    include_str!("compatibility/patterns.sql"),
    include_str!("compatibility/numbers.sql"),
    include_str!("compatibility/aggregates.sql"),
    include_str!("compatibility/closed.sql"),
    include_str!("compatibility/system.sql"),
);

/// Advisory lock held during installation, so that two servers that start together do not collide.
/// An arbitrary number.
const LOCK: i64 = 0x5265_6473_6869_6674;

/// Installs the compatibility schema into the main database. Does nothing if this version is
/// installed already.
///
/// # Errors
///
/// Returns [`ConnectError`] if PostgreSQL cannot be reached or refuses the schema.
pub(crate) async fn install(database: &Database) -> Result<(), ConnectError> {
    let connection = database.admin("redshift").await?;
    let version = version();
    let found = connection
        .client
        .query_typed_one(
            &format!("SELECT obj_description(to_regnamespace('{SCHEMA}'), 'pg_namespace')"),
            &[],
        )
        .await?;
    if found.try_get::<_, Option<String>>(0)? == Some(version.clone()) {
        return Ok(());
    }
    let name = database.name().replace('"', "\"\"");
    connection
        .client
        .batch_execute(&format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({LOCK}); \
             SET LOCAL search_path TO {SCHEMA}, pg_catalog; {SOURCE}; \
             ALTER DATABASE \"{name}\" SET search_path = \"$user\", public, {SCHEMA}, pg_catalog; \
             COMMENT ON SCHEMA {SCHEMA} IS '{version}'; COMMIT"
        ))
        .await?;
    Ok(())
}

fn version() -> String {
    hex::encode(Sha256::digest(SOURCE))
}
