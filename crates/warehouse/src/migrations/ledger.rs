//! Compares the applied migrations with the known ones.

use templates::sql::migration::{Migration, Values};
use templates::{RenderError, columns};

use crate::digest::sha256;

/// Returns the SHA-256 of a migration's statements, in hexadecimal. It is the same in every environment,
/// because it is computed without the names of database and loader, and changes with the file and with the
/// columns that the file uses.
///
/// # Errors
///
/// Fails if the statements cannot be rendered.
pub fn checksum(migration: &Migration) -> Result<String, RenderError> {
    let values = Values {
        database: "database",
        loader: "loader",
        columns: &columns::of_version(1),
    };
    Ok(sha256(&migration.render(&values)?))
}

/// Returns whether `entry` has the name and checksum of `migration`.
fn is_of(entry: &Entry, migration: &Migration) -> bool {
    let is_same = |checksum: String| checksum == entry.checksum;
    migration.name == entry.name && checksum(migration).is_ok_and(is_same)
}

/// A row of `etl.migration`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Entry {
    pub(crate) version: u32,
    pub(crate) name: String,
    pub(crate) checksum: String,
}

/// Why the ledger and the migrations do not match.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LedgerError {
    /// A migration was edited after it was applied.
    #[error(
        "migration {version:04}_{name} was applied with other content: restore the file and add a new migration (or, if no data needs to be kept, run `stack destroy` and deploy again)"
    )]
    Edited { version: u32, name: String },
    /// The warehouse was migrated by a newer version of the platform.
    #[error(
        "the warehouse has migration {version:04}_{name}, which this version of the platform does not have: deploy the newer version"
    )]
    Unknown { version: u32, name: String },
    /// A migration is missing in the ledger, although later ones were applied.
    #[error(
        "the warehouse has migrations after {version:04}_{name} but not this one: its row was deleted from etl.migration"
    )]
    Gap { version: u32, name: String },
}

/// Returns the migrations of `known` that have not been applied, in order.
pub(crate) fn pending<'a>(
    known: &'a [Migration],
    applied: &[Entry],
) -> Result<Vec<&'a Migration>, LedgerError> {
    for entry in applied {
        let (version, name) = (entry.version, entry.name.clone());
        match known.iter().find(|migration| migration.version == version) {
            None => return Err(LedgerError::Unknown { version, name }),
            Some(migration) if !is_of(entry, migration) => {
                return Err(LedgerError::Edited { version, name });
            }
            Some(_) => {}
        }
    }
    let is_applied = |migration: &&Migration| {
        applied
            .iter()
            .any(|entry| entry.version == migration.version)
    };
    let pending: Vec<_> = known
        .iter()
        .filter(|migration| !is_applied(migration))
        .collect();
    match pending.first() {
        Some(first) if applied.iter().any(|entry| entry.version > first.version) => {
            Err(LedgerError::Gap {
                version: first.version,
                name: first.name.to_owned(),
            })
        }
        _ => Ok(pending),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [Migration; 3] = [
        Migration {
            version: 1,
            name: "one",
            template: "SELECT 1;",
        },
        Migration {
            version: 2,
            name: "two",
            template: "SELECT 2;",
        },
        Migration {
            version: 3,
            name: "three",
            template: "SELECT 3;",
        },
    ];

    fn entry(version: usize) -> Entry {
        let migration = KNOWN[version - 1];
        Entry {
            version: migration.version,
            name: migration.name.to_owned(),
            checksum: checksum(&migration).unwrap(),
        }
    }

    fn versions(applied: &[Entry]) -> Result<Vec<u32>, LedgerError> {
        let pending = pending(&KNOWN, applied)?;
        Ok(pending.iter().map(|migration| migration.version).collect())
    }

    #[test]
    fn what_is_not_applied_is_pending_in_order() {
        assert_eq!(versions(&[]).unwrap(), [1, 2, 3]);
        assert_eq!(versions(&[entry(1)]).unwrap(), [2, 3]);
        assert_eq!(versions(&[entry(3), entry(1), entry(2)]).unwrap(), [0; 0]);
    }

    #[test]
    fn an_edited_migration_is_refused_by_name() {
        let edited = Entry {
            checksum: "0".repeat(64),
            ..entry(2)
        };
        let error = versions(&[entry(1), edited]).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("migration 0002_two was applied with other content")
        );
        let renamed = Entry {
            name: "zwei".to_owned(),
            ..entry(2)
        };
        assert!(matches!(
            versions(&[entry(1), renamed]),
            Err(LedgerError::Edited { version: 2, .. })
        ));
    }

    #[test]
    fn changing_a_column_changes_the_migration_that_created_it() {
        let file = Migration {
            template: "{{#each columns}}{{name}} {{type}} {{/each}}",
            ..KNOWN[0]
        };
        let written_out: Vec<_> = columns::of_version(1)
            .iter()
            .map(|column| format!("{} {} ", column.name, column.kind))
            .collect();
        assert_eq!(checksum(&file).unwrap(), sha256(&written_out.concat()));
    }

    #[test]
    fn a_warehouse_ahead_of_the_files_is_refused() {
        let newer = Entry {
            version: 4,
            name: "four".to_owned(),
            checksum: "0".repeat(64),
        };
        let error = versions(&[entry(1), newer]).unwrap_err();
        assert_eq!(
            error,
            LedgerError::Unknown {
                version: 4,
                name: "four".to_owned()
            }
        );
    }

    #[test]
    fn a_gap_in_the_ledger_is_refused() {
        let error = versions(&[entry(1), entry(3)]).unwrap_err();
        assert_eq!(
            error,
            LedgerError::Gap {
                version: 2,
                name: "two".to_owned()
            }
        );
    }
}
