//! Applies pending migrations.

use templates::columns;
use templates::render;
use templates::sql::migration::{self, MIGRATIONS, Migration, Values};
use tracing::info;

use super::check::{CheckError, check};
use super::ledger::{Entry, LedgerError, checksum, pending};
use super::split::split;
use crate::Warehouse;
use crate::api::DataApi;
use crate::error::WarehouseError;
use crate::login::make_user;
use crate::rows::Rows;
use crate::statement::Submission;

/// The values of the environment that migrations use.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MigrationContext {
    /// The database that is migrated.
    pub database: String,
    /// The name of the load function's IAM role; its database user is `IAMR:<role>`.
    pub loader_role: String,
}

/// A migration that this call applied.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Applied {
    pub version: u32,
    pub name: &'static str,
}

/// Why migrations stopped. Earlier migrations are applied; the failed one has changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The ledger could not be created or read.
    #[error("cannot read the ledger of migrations")]
    Ledger(#[source] WarehouseError),
    /// Ledger and migrations do not match.
    #[error("the ledger and the migrations do not match")]
    Disagree(#[from] LedgerError),
    /// The database user of the loader, to which migrations grant permissions, could not be created.
    #[error("cannot create database user `{user}`")]
    User {
        user: String,
        source: WarehouseError,
    },
    /// The migration cannot run in one transaction.
    #[error("migration {version:04}_{name} is not allowed")]
    Check {
        version: u32,
        name: &'static str,
        source: CheckError,
    },
    /// The migration failed in the warehouse.
    #[error("migration {version:04}_{name} failed")]
    Apply {
        version: u32,
        name: &'static str,
        source: WarehouseError,
    },
}

/// Applies the pending migrations and returns them.
///
/// Idempotent, and safe for concurrent callers: if an attempt fails because another caller has applied the
/// migration, the next migration follows.
///
/// # Errors
///
/// Fails if an applied migration was edited or is unknown, or a migration cannot be applied.
pub async fn migrate<A: DataApi>(
    warehouse: &Warehouse<A>,
    context: &MigrationContext,
) -> Result<Vec<Applied>, MigrationError> {
    let mut applied = Vec::new();
    let entries = begin(warehouse).await.map_err(MigrationError::Ledger)?;
    let pending = pending(&MIGRATIONS, &entries)?;
    if !pending.is_empty() {
        let user = loader(context);
        let made = make_user(warehouse, &user).await;
        made.map_err(|source| MigrationError::User { user, source })?;
    }
    for migration in pending {
        if apply(warehouse, context, migration).await? {
            info!(
                version = migration.version,
                name = migration.name,
                "migrated"
            );
            applied.push(Applied {
                version: migration.version,
                name: migration.name,
            });
        }
    }
    Ok(applied)
}

/// Creates and reads the ledger. Concurrent callers may make each other's creation fail, so only the result
/// of reading counts.
async fn begin<A: DataApi>(warehouse: &Warehouse<A>) -> Result<Vec<Entry>, WarehouseError> {
    let submission = Submission {
        name: "migration/begin".to_owned(),
        statements: split(&render(&migration::Begin {})?),
        token: None,
    };
    let made = warehouse.run(&submission).await;
    match read(warehouse).await {
        Ok(entries) => Ok(entries),
        Err(error) => Err(made.err().unwrap_or(error)),
    }
}

async fn read<A: DataApi>(warehouse: &Warehouse<A>) -> Result<Vec<Entry>, WarehouseError> {
    let rows = warehouse.ask(&migration::Applied {}).await?;
    let entry = |position| entry(&rows, position);
    let entries: Option<Vec<_>> = (0..rows.rows.len()).map(entry).collect();
    entries.ok_or_else(|| WarehouseError::Shape {
        name: "migration/applied".to_owned(),
        missing: "version, name and checksum",
    })
}

fn entry(rows: &Rows, position: usize) -> Option<Entry> {
    Some(Entry {
        version: u32::try_from(rows.long(position, "version")?).ok()?,
        name: rows.text(position, "name")?.to_owned(),
        checksum: rows.text(position, "checksum")?.to_owned(),
    })
}

/// Returns whether this call applied the migration; `false` if another caller has.
async fn apply<A: DataApi>(
    warehouse: &Warehouse<A>,
    context: &MigrationContext,
    migration: &Migration,
) -> Result<bool, MigrationError> {
    let (version, name) = (migration.version, migration.name);
    let failed = |source| MigrationError::Apply {
        version,
        name,
        source,
    };
    let statements = statements(context, migration).map_err(failed)?;
    check(&statements).map_err(|source| MigrationError::Check {
        version,
        name,
        source,
    })?;
    let submission = submission(migration, statements).map_err(failed)?;
    let Err(error) = warehouse.run(&submission).await else {
        return Ok(true);
    };
    let entries = read(warehouse).await.map_err(MigrationError::Ledger)?;
    pending(&MIGRATIONS, &entries)?;
    if entries.iter().any(|entry| entry.version == version) {
        Ok(false)
    } else {
        Err(failed(error))
    }
}

/// Returns the database user of the load function's role.
fn loader(context: &MigrationContext) -> String {
    format!("IAMR:{}", context.loader_role)
}

fn statements(
    context: &MigrationContext,
    migration: &Migration,
) -> Result<Vec<String>, WarehouseError> {
    let values = Values {
        database: &context.database,
        loader: &loader(context),
        columns: &columns::of_version(1),
    };
    Ok(split(&migration.render(&values)?))
}

/// Returns one transaction: lock, ledger row (which fails if it exists), then the migration itself.
fn submission(
    migration: &Migration,
    statements: Vec<String>,
) -> Result<Submission, WarehouseError> {
    let record = migration::Record {
        version: migration.version,
        name: migration.name,
        checksum: &checksum(migration)?,
    };
    let mut all = vec![render(&migration::Lock {})?, render(&record)?];
    all.extend(statements);
    Ok(Submission {
        name: format!("migration/{:04}_{}", migration.version, migration.name),
        statements: all,
        token: None,
    })
}

#[cfg(test)]
#[path = "runner_tests.rs"]
mod tests;
