//! The statements of a load, each a file in `sql/load/`.

use serde::Serialize;

use crate::columns::{Compared, SqlColumn};
use crate::render::Sql;

/// Ends the load's statements that run too long.
#[derive(Debug, Serialize)]
pub struct LimitTime {
    /// The longest that one statement may run, waiting for locks included.
    pub milliseconds: u32,
}

impl Sql for LimitTime {
    const NAME: &'static str = "load/limit_time";
    const TEMPLATE: &'static str = include_str!("../../sql/load/limit_time.sql.hbs");
}

/// Takes the ledgers for itself until the transaction ends; readers of them wait as well.
#[derive(Debug, Serialize)]
pub struct Lock {}

impl Sql for Lock {
    const NAME: &'static str = "load/lock";
    const TEMPLATE: &'static str = include_str!("../../sql/load/lock.sql.hbs");
}

/// Fails when any of the files is loaded.
#[derive(Debug, Serialize)]
pub struct RefuseLoaded<'a> {
    /// Keys in the staging bucket.
    pub files: &'a [&'a str],
}

impl Sql for RefuseLoaded<'_> {
    const NAME: &'static str = "load/refuse_loaded";
    const TEMPLATE: &'static str = include_str!("../../sql/load/refuse_loaded.sql.hbs");
}

/// Makes the table that COPY fills.
#[derive(Debug, Serialize)]
pub struct Stage<'a> {
    /// All columns: those that a file of an older version lacks stay NULL.
    pub columns: &'a [SqlColumn],
}

impl Sql for Stage<'_> {
    const NAME: &'static str = "load/stage";
    const TEMPLATE: &'static str = include_str!("../../sql/load/stage.sql.hbs");
}

/// What COPY reads as NULL beside an empty field. No staged field is like it, since every text is trimmed at both ends
/// before it is staged. Redshift's default, `\N`, is a text like any other.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html#copy-null-as>
pub const NULL_WORD: &str = " <null> ";

/// Copies the files of a manifest into the stage.
#[derive(Debug, Serialize)]
pub struct Copy<'a> {
    /// The columns that files of this version have, in their order.
    pub columns: &'a [SqlColumn],
    /// Where the manifest is, as `s3://bucket/key`.
    pub manifest_url: &'a str,
    /// The role by which the warehouse reads manifest and files.
    pub role_arn: &'a str,
    /// [`NULL_WORD`].
    pub null_word: &'a str,
    /// Whether nothing is loaded and every row that does not fit is named.
    pub inspects: bool,
}

impl Sql for Copy<'_> {
    const NAME: &'static str = "load/copy";
    const TEMPLATE: &'static str = include_str!("../../sql/load/copy.sql.hbs");
}

/// Chooses one row for each event and compares it with the table's.
#[derive(Debug, Serialize)]
pub struct Winner<'a> {
    /// All columns.
    pub columns: &'a [SqlColumn],
    /// Those in which two events of one id may differ.
    pub content: &'a [Compared],
}

impl Sql for Winner<'_> {
    const NAME: &'static str = "load/winner";
    const TEMPLATE: &'static str = include_str!("../../sql/load/winner.sql.hbs");
}

/// Counts what the load will do.
#[derive(Debug, Serialize)]
pub struct Tally<'a> {
    /// The columns in which two events of one id may differ.
    pub content: &'a [Compared],
}

impl Sql for Tally<'_> {
    const NAME: &'static str = "load/tally";
    const TEMPLATE: &'static str = include_str!("../../sql/load/tally.sql.hbs");
}

/// Drops the rows that would change nothing.
#[derive(Debug, Serialize)]
pub struct DropKnown {}

impl Sql for DropKnown {
    const NAME: &'static str = "load/drop_known";
    const TEMPLATE: &'static str = include_str!("../../sql/load/drop_known.sql.hbs");
}

/// Brings the rows that are left into `retail.sales_line`.
#[derive(Debug, Serialize)]
pub struct Merge<'a> {
    /// All columns.
    pub columns: &'a [SqlColumn],
    /// All columns but those that rows are matched by.
    pub replaced: &'a [SqlColumn],
    /// The load, kept in each row.
    pub load_id: &'a str,
}

impl Sql for Merge<'_> {
    const NAME: &'static str = "load/merge";
    const TEMPLATE: &'static str = include_str!("../../sql/load/merge.sql.hbs");
}

/// Enters the files in `etl.load_file`.
#[derive(Debug, Serialize)]
pub struct RecordFiles<'a> {
    /// Keys in the staging bucket.
    pub files: &'a [&'a str],
    /// The load.
    pub load_id: &'a str,
}

impl Sql for RecordFiles<'_> {
    const NAME: &'static str = "load/record_files";
    const TEMPLATE: &'static str = include_str!("../../sql/load/record_files.sql.hbs");
}

/// Enters the load in `etl.load`.
#[derive(Debug, Serialize)]
pub struct RecordLoad<'a> {
    /// The load.
    pub load_id: &'a str,
    /// Which attempt at it this is, from 1.
    pub attempt: u32,
    /// Where its manifest is.
    pub manifest_url: &'a str,
    /// How many files it has.
    pub files: usize,
}

impl Sql for RecordLoad<'_> {
    const NAME: &'static str = "load/record_load";
    const TEMPLATE: &'static str = include_str!("../../sql/load/record_load.sql.hbs");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns;
    use crate::render::render;

    const FILES: [&str; 2] = [
        "csv/v1/dt=2026-01-02/a.csv.gz",
        "csv/v1/dt=2026-01-02/b.csv.gz",
    ];
    const MANIFEST: &str = "s3://riverhouse-dev-staging/manifests/0123.json";

    #[test]
    fn what_opens_a_load() {
        let sql = [
            render(&LimitTime {
                milliseconds: 3_600_000,
            })
            .unwrap(),
            render(&Lock {}).unwrap(),
            render(&RefuseLoaded { files: &FILES }).unwrap(),
        ];
        insta::assert_snapshot!(sql.join("\n"));
    }

    #[test]
    fn what_copies_the_files() {
        let columns = columns::of_version(1);
        let copy = |inspects| Copy {
            columns: &columns,
            manifest_url: MANIFEST,
            role_arn: "arn:aws:iam::000000000000:role/copy",
            null_word: NULL_WORD,
            inspects,
        };
        let sql = [
            render(&Stage { columns: &columns }).unwrap(),
            render(&copy(false)).unwrap(),
            render(&copy(true)).unwrap(),
        ];
        insta::assert_snapshot!(sql.join("\n"));
    }

    #[test]
    fn what_chooses_and_counts() {
        let (columns, content) = (columns::of_version(1), columns::content());
        let sql = [
            render(&Winner {
                columns: &columns,
                content: &content,
            })
            .unwrap(),
            render(&Tally { content: &content }).unwrap(),
            render(&DropKnown {}).unwrap(),
        ];
        insta::assert_snapshot!(sql.join("\n"));
    }

    #[test]
    fn what_merges_and_keeps_the_ledgers() {
        let columns = columns::of_version(1);
        let load = RecordLoad {
            load_id: "0123",
            attempt: 2,
            manifest_url: MANIFEST,
            files: 2,
        };
        let sql = [
            render(&Merge {
                columns: &columns,
                replaced: &columns[3..],
                load_id: "0123",
            })
            .unwrap(),
            render(&RecordFiles {
                files: &FILES,
                load_id: "0123",
            })
            .unwrap(),
            render(&load).unwrap(),
        ];
        insta::assert_snapshot!(sql.join("\n"));
    }
}
