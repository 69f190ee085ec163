//! The statements of a load, one file each in `sql/load/`.

use serde::Serialize;

use crate::columns::{Compared, SqlColumn};
use crate::render::Sql;

/// Limits the run time of the load's statements.
#[derive(Debug, Serialize)]
pub struct LimitTime {
    /// The time limit of one statement, including waiting for locks.
    pub milliseconds: u32,
}

impl Sql for LimitTime {
    const NAME: &'static str = "load/limit_time";
    const TEMPLATE: &'static str = include_str!("../../sql/load/limit_time.sql.hbs");
}

/// Locks the ledgers until the transaction ends; readers wait too.
#[derive(Debug, Serialize)]
pub struct Lock {}

impl Sql for Lock {
    const NAME: &'static str = "load/lock";
    const TEMPLATE: &'static str = include_str!("../../sql/load/lock.sql.hbs");
}

/// Fails if any of the files is already loaded.
#[derive(Debug, Serialize)]
pub struct RefuseLoaded<'a> {
    /// The keys in the staging bucket.
    pub files: &'a [&'a str],
}

impl Sql for RefuseLoaded<'_> {
    const NAME: &'static str = "load/refuse_loaded";
    const TEMPLATE: &'static str = include_str!("../../sql/load/refuse_loaded.sql.hbs");
}

/// Creates the stage table for COPY.
#[derive(Debug, Serialize)]
pub struct Stage<'a> {
    /// All columns; those that a file of an older version lacks are NULL.
    pub columns: &'a [SqlColumn],
}

impl Sql for Stage<'_> {
    const NAME: &'static str = "load/stage";
    const TEMPLATE: &'static str = include_str!("../../sql/load/stage.sql.hbs");
}

/// The text that COPY reads as NULL, besides an empty field. No staged field can equal it, because texts
/// are trimmed before they are staged. Redshift's default, `\N`, could occur in a text.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html#copy-null-as>
pub const NULL_WORD: &str = " <null> ";

/// Copies the files of a manifest into the stage table.
#[derive(Debug, Serialize)]
pub struct Copy<'a> {
    /// The columns of files of this version, in order.
    pub columns: &'a [SqlColumn],
    /// The URL of the manifest, `s3://bucket/key`.
    pub manifest_url: &'a str,
    /// The role with which the warehouse reads manifest and files.
    pub role_arn: &'a str,
    /// Must be [`NULL_WORD`].
    pub null_word: &'a str,
    /// Whether to report all refused rows and load nothing.
    pub inspects: bool,
}

impl Sql for Copy<'_> {
    const NAME: &'static str = "load/copy";
    const TEMPLATE: &'static str = include_str!("../../sql/load/copy.sql.hbs");
}

/// Chooses one row for each event and compares it with the existing row.
#[derive(Debug, Serialize)]
pub struct Winner<'a> {
    pub columns: &'a [SqlColumn],
    /// The columns in which two rows of one event may conflict.
    pub content: &'a [Compared],
}

impl Sql for Winner<'_> {
    const NAME: &'static str = "load/winner";
    const TEMPLATE: &'static str = include_str!("../../sql/load/winner.sql.hbs");
}

/// Counts the changes of the load.
#[derive(Debug, Serialize)]
pub struct Tally<'a> {
    /// The columns in which two rows of one event may conflict.
    pub content: &'a [Compared],
}

impl Sql for Tally<'_> {
    const NAME: &'static str = "load/tally";
    const TEMPLATE: &'static str = include_str!("../../sql/load/tally.sql.hbs");
}

/// Deletes the rows that would change nothing.
#[derive(Debug, Serialize)]
pub struct DropKnown {}

impl Sql for DropKnown {
    const NAME: &'static str = "load/drop_known";
    const TEMPLATE: &'static str = include_str!("../../sql/load/drop_known.sql.hbs");
}

/// Merges the remaining rows into `retail.sales_line`.
#[derive(Debug, Serialize)]
pub struct Merge<'a> {
    pub columns: &'a [SqlColumn],
    /// All columns except those that identify the event.
    pub replaced: &'a [SqlColumn],
    /// The load id, which is stored in each row.
    pub load_id: &'a str,
}

impl Sql for Merge<'_> {
    const NAME: &'static str = "load/merge";
    const TEMPLATE: &'static str = include_str!("../../sql/load/merge.sql.hbs");
}

/// Inserts the files into `etl.load_file`.
#[derive(Debug, Serialize)]
pub struct RecordFiles<'a> {
    /// The keys in the staging bucket.
    pub files: &'a [&'a str],
    pub load_id: &'a str,
}

impl Sql for RecordFiles<'_> {
    const NAME: &'static str = "load/record_files";
    const TEMPLATE: &'static str = include_str!("../../sql/load/record_files.sql.hbs");
}

/// Inserts the load into `etl.load`.
#[derive(Debug, Serialize)]
pub struct RecordLoad<'a> {
    pub load_id: &'a str,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The URL of its manifest.
    pub manifest_url: &'a str,
    /// The number of its files.
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
    fn a_load_begins_with_a_limit_a_lock_and_a_check() {
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
    fn files_are_copied_into_a_stage_table() {
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
    fn one_row_for_each_event_is_chosen_and_counted() {
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
    fn rows_are_merged_and_the_ledgers_updated() {
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
