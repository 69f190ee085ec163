//! Migrations: the files of `sql/migrations/` in order, and the statements of their ledger.

use serde::Serialize;

use crate::columns::SqlColumn;
use crate::render::{RenderError, Sql, render_text};

/// A file of `sql/migrations/`. Its content never changes once it is released.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Migration {
    /// The number, counted from 1 without gaps.
    pub version: u32,
    pub name: &'static str,
    /// The file's content, with placeholders.
    pub template: &'static str,
}

/// The values that migrations may use.
#[derive(Debug, Serialize)]
pub struct Values<'a> {
    /// The database that is migrated.
    pub database: &'a str,
    /// The database user of the load function.
    pub loader: &'a str,
    /// The columns of the first CSV version, for `0002_sales_line`; later versions are added by later
    /// migrations.
    pub columns: &'a [SqlColumn],
}

impl Migration {
    /// Renders the statements, each ended by `;`.
    ///
    /// # Errors
    ///
    /// Fails if a placeholder has no value or a value is not allowed in its place.
    pub fn render(&self, values: &Values<'_>) -> Result<String, RenderError> {
        render_text(
            &format!("migrations/{:04}_{}", self.version, self.name),
            self.template,
            values,
        )
    }
}

/// All migrations, in order.
pub const MIGRATIONS: [Migration; 12] = [
    Migration {
        version: 1,
        name: "ledgers",
        template: include_str!("../../sql/migrations/0001_ledgers.sql.hbs"),
    },
    Migration {
        version: 2,
        name: "sales_line",
        template: include_str!("../../sql/migrations/0002_sales_line.sql.hbs"),
    },
    Migration {
        version: 3,
        name: "rights",
        template: include_str!("../../sql/migrations/0003_rights.sql.hbs"),
    },
    Migration {
        version: 4,
        name: "facts",
        template: include_str!("../../sql/migrations/0004_facts.sql.hbs"),
    },
    Migration {
        version: 5,
        name: "dimensions",
        template: include_str!("../../sql/migrations/0005_dimensions.sql.hbs"),
    },
    Migration {
        version: 6,
        name: "answers",
        template: include_str!("../../sql/migrations/0006_answers.sql.hbs"),
    },
    Migration {
        version: 7,
        name: "customers",
        template: include_str!("../../sql/migrations/0007_customers.sql.hbs"),
    },
    Migration {
        version: 8,
        name: "orders",
        template: include_str!("../../sql/migrations/0008_orders.sql.hbs"),
    },
    Migration {
        version: 9,
        name: "tableau",
        template: include_str!("../../sql/migrations/0009_tableau.sql.hbs"),
    },
    Migration {
        version: 10,
        name: "analyst_limits",
        template: include_str!("../../sql/migrations/0010_analyst_limits.sql.hbs"),
    },
    Migration {
        version: 11,
        name: "loader_checks",
        template: include_str!("../../sql/migrations/0011_loader_checks.sql.hbs"),
    },
    Migration {
        version: 12,
        name: "event_ages",
        template: include_str!("../../sql/migrations/0012_event_ages.sql.hbs"),
    },
];

/// Creates the ledger of migrations if it does not exist.
#[derive(Debug, Serialize)]
pub struct Begin {}

impl Sql for Begin {
    const NAME: &'static str = "migration/begin";
    const TEMPLATE: &'static str = include_str!("../../sql/migration/begin.sql.hbs");
}

/// Locks the ledger until the transaction ends.
#[derive(Debug, Serialize)]
pub struct Lock {}

impl Sql for Lock {
    const NAME: &'static str = "migration/lock";
    const TEMPLATE: &'static str = include_str!("../../sql/migration/lock.sql.hbs");
}

/// Inserts a migration into the ledger. Fails if its version is already there.
#[derive(Debug, Serialize)]
pub struct Record<'a> {
    pub version: u32,
    pub name: &'a str,
    /// The SHA-256 of its statements, in hexadecimal.
    pub checksum: &'a str,
}

impl Sql for Record<'_> {
    const NAME: &'static str = "migration/record";
    const TEMPLATE: &'static str = include_str!("../../sql/migration/record.sql.hbs");
}

/// Reads the ledger.
#[derive(Debug, Serialize)]
pub struct Applied {}

impl Sql for Applied {
    const NAME: &'static str = "migration/applied";
    const TEMPLATE: &'static str = include_str!("../../sql/migration/applied.sql.hbs");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use events::row::COLUMNS;

    use super::*;
    use crate::columns;
    use crate::render::render;

    fn rendered(migration: &Migration) -> String {
        let values = Values {
            database: "riverhouse",
            loader: "IAMR:riverhouse-dev-load",
            columns: &columns::of_version(1),
        };
        migration.render(&values).unwrap()
    }

    #[test]
    fn each_migration_is_rendered_as_it_was_released() {
        for migration in MIGRATIONS {
            let name = format!("{:04}_{}", migration.version, migration.name);
            insta::assert_snapshot!(name, rendered(&migration));
        }
    }

    #[test]
    fn the_statements_of_the_ledger_are_rendered() {
        let record = Record {
            version: 2,
            name: "sales_line",
            checksum: "0123",
        };
        let sql = [
            render(&Begin {}).unwrap(),
            render(&Lock {}).unwrap(),
            render(&record).unwrap(),
            render(&Applied {}).unwrap(),
        ];
        insta::assert_snapshot!(sql.join("\n"));
    }

    #[test]
    fn the_list_has_every_file_of_the_folder_and_counts_from_one() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/sql/migrations");
        let files: BTreeSet<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        let listed: BTreeSet<_> = (1..)
            .zip(MIGRATIONS)
            .map(|(version, migration)| {
                assert_eq!(migration.version, version);
                format!("{version:04}_{}.sql.hbs", migration.name)
            })
            .collect();
        assert_eq!(listed, files);
    }

    #[test]
    fn the_migrations_create_every_column_of_the_list() {
        let all: String = MIGRATIONS.iter().map(rendered).collect();
        for column in columns::of_version(u32::MAX) {
            let definition = format!("\"{}\" {}", column.name, column.kind);
            assert!(
                all.contains(&definition),
                "no migration creates {definition}"
            );
        }
        assert_eq!(columns::of_version(u32::MAX).len(), COLUMNS.len());
    }

    #[test]
    fn a_migration_that_creates_a_view_lets_analysts_read_it() {
        for migration in MIGRATIONS {
            let text = rendered(&migration);
            if text.contains("CREATE VIEW analytics.") {
                let grant = "GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO ROLE analyst;";
                assert!(text.trim_end().ends_with(grant), "{}", migration.name);
            }
        }
    }

    #[test]
    fn every_view_has_a_comment() {
        let all: String = MIGRATIONS.iter().map(rendered).collect();
        for view in all.split("CREATE VIEW ").skip(1) {
            let name = view.split_whitespace().next().unwrap();
            assert!(
                all.contains(&format!("COMMENT ON VIEW {name} IS '")),
                "{name}"
            );
        }
    }

    #[test]
    fn a_later_version_of_the_csv_has_a_migration_that_adds_its_columns() {
        for version in (1..=events::row::CSV_VERSION).skip(1) {
            let wanted = columns::added(version);
            let made = MIGRATIONS
                .iter()
                .any(|migration| rendered(migration).trim() == wanted.trim());
            assert!(made, "make a migration of this:\n{wanted}");
        }
    }
}
