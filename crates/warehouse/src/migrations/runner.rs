//! Applies what is pending.

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

/// What migrations are told of the environment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MigrationContext {
    /// The database that is migrated.
    pub database: String,
    /// The name of the load function's IAM role; its database user is `IAMR:<role>`.
    pub loader_role: String,
}

/// A migration that was applied by this call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Applied {
    /// Its number.
    pub version: u32,
    /// Its name.
    pub name: &'static str,
}

/// Why migrations stopped. Those before are applied, this one left nothing behind.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The ledger could not be made or read.
    #[error("the ledger of migrations cannot be read")]
    Ledger(#[source] WarehouseError),
    /// Ledger and files disagree.
    #[error("ledger and files of migrations disagree")]
    Disagree(#[from] LedgerError),
    /// The loader, to whom migrations give rights, could not be made.
    #[error("database user `{user}` cannot be made")]
    User {
        /// Its name.
        user: String,
        /// Why.
        source: WarehouseError,
    },
    /// It could not be one transaction.
    #[error("migration {version:04}_{name} is refused")]
    Check {
        /// Its number.
        version: u32,
        /// Its name.
        name: &'static str,
        /// Why.
        source: CheckError,
    },
    /// It was tried.
    #[error("migration {version:04}_{name} failed")]
    Apply {
        /// Its number.
        version: u32,
        /// Its name.
        name: &'static str,
        /// Why.
        source: WarehouseError,
    },
}

/// Applies the migrations that are pending, and returns them.
///
/// Called again it applies nothing. Two callers at once are safe: whoever finds a migration applied by
/// the other when its own attempt fails goes on with the next.
///
/// # Errors
///
/// When an applied migration was edited or is unknown, or one cannot be applied.
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

/// Makes the ledger and reads it. Two who make it at once may disturb each other, so only reading decides.
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

/// Whether this call applied it; `false` when another runner has.
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

/// The database user of the load function's role.
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

/// One transaction: lock, ledger row (which fails when it is there), then the migration itself.
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
