//! The columns of `events` with SQL types.

use events::row::{COLUMNS, Column, ColumnType};
use serde::Serialize;

/// Columns about the origin of an event. Two rows with the same event id conflict if any *other* column
/// differs.
const PROVENANCE: [&str; 3] = ["event_id", "envelope_id", "ingested_at"];

/// A column in DDL and DML.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct SqlColumn {
    pub name: &'static str,
    /// The type in Redshift's syntax.
    #[serde(rename = "type")]
    pub kind: String,
    /// `NOT NULL` or `NULL`.
    pub null: &'static str,
    /// The column comment.
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

/// Returns the columns of a staged CSV of `version`, in the order of the file.
#[must_use]
pub fn of_version(version: u32) -> Vec<SqlColumn> {
    COLUMNS
        .iter()
        .filter(|column| column.since <= version)
        .map(SqlColumn::from)
        .collect()
}

/// Generates the migration that adds the columns of CSV version `version`. Save it as a file, because
/// released migrations must not change.
///
/// Adding a nullable column is the only change that runs in a transaction and still accepts rows of older
/// files.
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

/// A column in a comparison that treats two NULLs as equal.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Compared {
    pub name: &'static str,
    /// Whether it may be NULL, which `<>` does not detect.
    pub nullable: bool,
}

/// Returns the content columns: all but those about the origin of an event.
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
    fn every_column_has_a_redshift_type() {
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
            accepted: &[],
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
    fn a_column_added_later_is_nullable_because_older_files_lack_it() {
        for column in COLUMNS.iter().filter(|column| column.since > 1) {
            assert!(column.nullable, "{}", column.name);
        }
    }

    #[test]
    fn the_origin_of_an_event_is_not_part_of_its_content() {
        let names: Vec<_> = content().iter().map(|column| column.name).collect();
        assert_eq!(names.len(), COLUMNS.len() - PROVENANCE.len());
        for name in PROVENANCE {
            assert!(COLUMNS.iter().any(|column| column.name == name), "{name}");
            assert!(!names.contains(&name), "{name}");
        }
    }
}
