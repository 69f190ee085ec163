//! The transaction of a load and its statements.

use templates::columns;
use templates::sql::load::{
    Copy, DropKnown, LimitTime, Lock, Merge, NULL_WORD, RecordFiles, RecordLoad, RefuseLoaded,
    Stage, Tally, Winner,
};
use templates::{RenderError, render};

use super::manifest::Load;
use crate::statement::Submission;

/// The time limit of one statement of a load, including the time that it waits for other loads.
const STATEMENT_MILLISECONDS: u32 = 60 * 60 * 1_000;

/// The columns that identify an event.
const IDENTITY: [&str; 2] = ["invoice_no", "event_id"];

/// The statements of a load, in order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// Sets the time limit of the statements.
    LimitTime,
    /// Locks the ledgers.
    Lock,
    /// Fails if one of the files is already loaded.
    RefuseLoaded,
    /// Creates the stage table.
    Stage,
    /// Copies the files into the stage table.
    Copy,
    /// Chooses one row for each event.
    Winner,
    /// Counts the rows.
    Tally,
    /// Deletes staged rows that would change nothing.
    DropKnown,
    /// Merges the stage table into the target table.
    Merge,
    /// Inserts the files into the ledger.
    RecordFiles,
    /// Inserts the load into the ledger.
    RecordLoad,
}

impl Part {
    /// All statements, in order.
    pub const ALL: [Self; 11] = [
        Self::LimitTime,
        Self::Lock,
        Self::RefuseLoaded,
        Self::Stage,
        Self::Copy,
        Self::Winner,
        Self::Tally,
        Self::DropKnown,
        Self::Merge,
        Self::RecordFiles,
        Self::RecordLoad,
    ];

    /// Returns the statement at `position` of the batch, from 0.
    #[must_use]
    pub fn at(position: usize) -> Option<Self> {
        Self::ALL.get(position).copied()
    }

    /// Returns whether the content of the files can make the statement fail.
    pub(super) fn handles_rows(self) -> bool {
        match self {
            Self::Copy | Self::Winner | Self::Tally | Self::DropKnown | Self::Merge => true,
            Self::LimitTime
            | Self::Lock
            | Self::RefuseLoaded
            | Self::Stage
            | Self::RecordFiles
            | Self::RecordLoad => false,
        }
    }

    fn render(self, load: &Load, attempt: u32, role_arn: &str) -> Result<String, RenderError> {
        let all = columns::of_version(u32::MAX);
        let content = columns::content();
        let files: Vec<_> = load.files().iter().map(String::as_str).collect();
        let load_id = load.id().0.as_str();
        let manifest_url = &load.manifest_url();
        match self {
            Self::LimitTime => render(&LimitTime {
                milliseconds: STATEMENT_MILLISECONDS,
            }),
            Self::Lock => render(&Lock {}),
            Self::RefuseLoaded => render(&RefuseLoaded { files: &files }),
            Self::Stage => render(&Stage { columns: &all }),
            Self::Copy => copy(load, role_arn, false),
            Self::Winner => render(&Winner {
                columns: &all,
                content: &content,
            }),
            Self::Tally => render(&Tally { content: &content }),
            Self::DropKnown => render(&DropKnown {}),
            Self::Merge => {
                let replaced: Vec<_> = all
                    .iter()
                    .filter(|column| !IDENTITY.contains(&column.name))
                    .cloned()
                    .collect();
                render(&Merge {
                    columns: &all,
                    replaced: &replaced,
                    load_id,
                })
            }
            Self::RecordFiles => render(&RecordFiles {
                files: &files,
                load_id,
            }),
            Self::RecordLoad => render(&RecordLoad {
                load_id,
                attempt,
                manifest_url,
                files: files.len(),
            }),
        }
    }
}

fn copy(load: &Load, role_arn: &str, inspects: bool) -> Result<String, RenderError> {
    render(&Copy {
        columns: &columns::of_version(load.version()),
        manifest_url: &load.manifest_url(),
        role_arn,
        null_word: NULL_WORD,
        inspects,
    })
}

/// Returns the statements that report every row of `load` that COPY refuses, and load nothing. The manifest
/// must exist.
///
/// # Errors
///
/// Fails if a name is not allowed in SQL.
pub(super) fn inspection(load: &Load, role_arn: &str) -> Result<Submission, RenderError> {
    Ok(Submission {
        name: format!("inspect/{}", load.id()),
        statements: vec![
            Part::LimitTime.render(load, 0, role_arn)?,
            Part::Stage.render(load, 0, role_arn)?,
            copy(load, role_arn, true)?,
        ],
        token: None,
    })
}

/// Returns the transaction of one attempt, with the token that makes it idempotent.
///
/// # Errors
///
/// Fails if a name is not allowed in SQL.
pub fn transaction(load: &Load, attempt: u32, role_arn: &str) -> Result<Submission, RenderError> {
    let statements = Part::ALL
        .into_iter()
        .map(|part| part.render(load, attempt, role_arn));
    Ok(Submission {
        name: format!("load/{}/{attempt}", load.id()),
        statements: statements.collect::<Result<_, _>>()?,
        token: Some(load.token(attempt)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{MAX_FILES, StagedFile, loads};

    const ROLE: &str = "arn:aws:iam::000000000000:role/copy";

    fn load(files: usize) -> Load {
        let id = "0".repeat(64);
        let key = |n| format!("csv/v1/dt=2026-01-02/{id}-{n:031}.csv.gz");
        loads(
            "staging",
            (0..files).map(|n| StagedFile::at(&key(n)).unwrap()),
        )
        .remove(0)
    }

    #[test]
    fn a_transaction_takes_the_lock_before_anything_that_makes_a_snapshot() {
        let submission = transaction(&load(2), 3, ROLE).unwrap();
        let first_words = |sql: &str| {
            let line = sql.lines().find(|line| !line.starts_with("--")).unwrap();
            line.split(' ').take(2).collect::<Vec<_>>().join(" ")
        };
        let words: Vec<_> = submission
            .statements
            .iter()
            .map(|sql| first_words(sql))
            .collect();
        insta::assert_snapshot!(words.join("\n"));
        assert_eq!(submission.token, Some(load(2).token(3)));
        assert!(submission.statements.last().unwrap().contains("    3,\n"));
    }

    fn statement(part: Part) -> String {
        part.render(&load(2), 1, ROLE).unwrap()
    }

    #[test]
    fn a_statement_may_take_an_hour() {
        assert!(statement(Part::LimitTime).contains(" 3600000;"));
    }

    #[test]
    fn a_merge_replaces_all_columns_but_those_that_identify_the_event() {
        let merge = statement(Part::Merge);
        let replaces = |name: &str| merge.contains(&format!("\"{name}\" = winner.\"{name}\""));
        for column in events::row::COLUMNS {
            let identifies = ["invoice_no", "event_id"].contains(&column.name);
            assert_ne!(replaces(column.name), identifies, "{}", column.name);
        }
    }

    #[test]
    fn the_largest_load_fits_the_limits_of_the_data_api() {
        let submission = transaction(&load(MAX_FILES), 1, ROLE).unwrap();
        assert!(submission.statements.len() <= 40);
        for sql in submission.statements {
            assert!(sql.len() <= 100 * 1024, "{} bytes", sql.len());
        }
        assert!(submission.name.len() <= 500);
    }

    #[test]
    fn a_statement_is_found_by_its_position() {
        assert_eq!(Part::at(4), Some(Part::Copy));
        assert_eq!(Part::at(Part::ALL.len()), None);
    }
}
