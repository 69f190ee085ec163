//! The column list of `events` in the words of SQL.

use events::row::{COLUMNS, Column, ColumnType};
use serde::Serialize;

/// Columns that say where an event came from. Two events of one id conflict when any *other* differs.
const PROVENANCE: [&str; 3] = ["event_id", "envelope_id", "ingested_at"];

/// A column as DDL and DML spell it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct SqlColumn {
    /// Its name.
    pub name: &'static str,
    /// Its type as Redshift spells it.
    #[serde(rename = "type")]
    pub kind: String,
    /// `NOT NULL` or `NULL`.
    pub null: &'static str,
    /// What it means.
    pub comment: &'static str,
}

impl From<&Column> for SqlColumn {
    fn from(column: &Column) -> Self {
        Self {
            name: column.name,
            kind: sql_type(column.kind),
            null: if column.nullable { "NULL" } else { "NOT NULL" },
            comment: column.comment,
        }
    }
}

/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html>
fn sql_type(kind: ColumnType) -> String {
    match kind {
        ColumnType::Text { bytes } => format!("VARCHAR({bytes})"),
        ColumnType::Integer => "INTEGER".to_owned(),
        ColumnType::Decimal { precision, scale } => format!("DECIMAL({precision},{scale})"),
        ColumnType::Timestamp => "TIMESTAMP".to_owned(),
    }
}

/// The columns of staged CSV of `version`, in its order.
#[must_use]
pub fn of_version(version: u32) -> Vec<SqlColumn> {
    COLUMNS
        .iter()
        .filter(|column| column.since <= version)
        .map(SqlColumn::from)
        .collect()
}

/// The migration that brings the columns of CSV version `version`: to be kept as a file, since what is
/// released never changes.
///
/// Adding a column that may be NULL is the one change that runs in a transaction and that rows of older
/// files survive.
#[must_use]
pub fn added(version: u32) -> String {
    addition(&COLUMNS, version)
}

fn addition(columns: &[Column], version: u32) -> String {
    let statement = |column: &Column| {
        let comment = column.comment.replace('\'', "''");
        let SqlColumn {
            name, kind, null, ..
        } = column.into();
        format!(
            "ALTER TABLE retail.sales_line ADD COLUMN \"{name}\" {kind} {null};\n\n\
             COMMENT ON COLUMN retail.sales_line.\"{name}\" IS '{comment}';\n"
        )
    };
    let new = columns.iter().filter(|column| column.since == version);
    new.map(statement).collect::<Vec<_>>().join("\n")
}

/// A column in a comparison where NULL equals NULL.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Compared {
    /// Its name.
    pub name: &'static str,
    /// Whether it may be NULL, which `<>` alone does not see.
    pub nullable: bool,
}

/// The columns in which two events of one id may differ: all but where they came from.
#[must_use]
pub fn content() -> Vec<Compared> {
    COLUMNS
        .iter()
        .filter(|column| !PROVENANCE.contains(&column.name))
        .map(|column| Compared {
            name: column.name,
            nullable: column.nullable,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use events::row::CSV_VERSION;

    use super::*;

    #[test]
    fn every_column_has_a_type_of_redshift() {
        let ddl: Vec<_> = of_version(CSV_VERSION)
            .iter()
            .map(|column| format!("{} {} {}", column.name, column.kind, column.null))
            .collect();
        insta::assert_snapshot!(ddl.join("\n"));
    }

    #[test]
    fn a_column_of_a_later_version_is_added_with_its_comment() {
        let channel = Column {
            name: "channel",
            kind: ColumnType::Text { bytes: 16 },
            nullable: true,
            since: 2,
            comment: "The shop's channel",
        };
        let columns = [COLUMNS[0], channel];
        insta::assert_snapshot!(addition(&columns, 2), @r#"
        ALTER TABLE retail.sales_line ADD COLUMN "channel" VARCHAR(16) NULL;

        COMMENT ON COLUMN retail.sales_line."channel" IS 'The shop''s channel';
        "#);
        assert_eq!(addition(&columns, 3), "");
    }

    #[test]
    fn a_column_added_later_may_be_null_because_older_files_lack_it() {
        for column in COLUMNS.iter().filter(|column| column.since > 1) {
            assert!(column.nullable, "{}", column.name);
        }
    }

    #[test]
    fn where_an_event_came_from_is_no_part_of_its_content() {
        let names: Vec<_> = content().iter().map(|column| column.name).collect();
        assert_eq!(names.len(), COLUMNS.len() - PROVENANCE.len());
        for name in PROVENANCE {
            assert!(COLUMNS.iter().any(|column| column.name == name), "{name}");
            assert!(!names.contains(&name), "{name}");
        }
    }
}
