//! What is applied against what there is.

use templates::sql::migration::{Migration, Values};
use templates::{RenderError, columns};

use crate::digest::sha256;

/// SHA-256 of a migration's statements, in hexadecimal: the same in every environment, since only database
/// and loader differ there, and another as soon as the file or a column in it does.
///
/// # Errors
///
/// When the statements cannot be made.
pub fn checksum(migration: &Migration) -> Result<String, RenderError> {
    let values = Values {
        database: "database",
        loader: "loader",
        columns: &columns::of_version(1),
    };
    Ok(sha256(&migration.render(&values)?))
}

/// Whether `entry` is of this migration as it is now.
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

/// How the ledger and the files disagree.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LedgerError {
    /// The past was edited.
    #[error(
        "migration {version:04}_{name} was applied with other content: put the file back and make a new migration (or, where nothing is to be kept, `stack destroy` and deploy again)"
    )]
    Edited {
        /// Its number.
        version: u32,
        /// Its name.
        name: String,
    },
    /// A newer platform was here.
    #[error(
        "the warehouse has migration {version:04}_{name}, which is not known here: deploy the newer platform"
    )]
    Unknown {
        /// Its number.
        version: u32,
        /// Its name.
        name: String,
    },
    /// One was left out.
    #[error(
        "the warehouse has migrations after {version:04}_{name} but not that one: it was removed from etl.migration"
    )]
    Gap {
        /// Its number.
        version: u32,
        /// Its name.
        name: String,
    },
}

/// The migrations of `known` that are still to be applied, in their order.
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
    fn an_edited_past_is_refused_by_name() {
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
    fn a_column_that_is_changed_changes_the_migration_that_made_it() {
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
