//! The state machine of a load: a step is executed, its result is observed, and [`decide`] returns the next
//! step.
//!
//! Safe under retries, lost answers and concurrent loaders, because of three guarantees: a client token makes
//! an attempt one statement; a file in the ledger makes every other load of it fail; and the ledger is read
//! before any result is believed. Table `load` only saves work: with it a loader finds the statement of
//! another loader.

use std::collections::BTreeSet;

use super::ledger::{FileError, LoadRow};
use super::plan::Part;
use super::words;
use crate::statement::{Failure, Outcome, StatementId};

/// The maximum number of attempts in one run; after that, the queue delivers the files again.
pub const MAX_ATTEMPTS: u32 = 4;

/// The number of attempts after which an unknown cause is suspected to be in one of the files, so that the
/// other files are tried without it. With a run every quarter of an hour this takes about six hours. A file
/// is never quarantined for an unknown cause.
pub const MANY_ATTEMPTS: u32 = 25 * MAX_ATTEMPTS;

/// The entry of a load in table `load`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Memory {
    /// The current attempt, from 1.
    pub attempt: u32,
    pub progress: Progress,
}

/// The last known progress of an attempt.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Progress {
    /// A loader is about to submit it, or has submitted it and not recorded it.
    Claimed,
    /// The statement was submitted.
    Running(StatementId),
    /// The files of the load are in the ledger.
    Done,
}

/// An attempt within the current run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Try {
    /// The attempt, from 1.
    pub attempt: u32,
    /// The number of failed attempts in this run.
    pub failed: u32,
    /// Whether it was resubmitted because its statement was no longer known.
    pub again: bool,
}

/// Why the ledger is read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Doubt {
    /// The statement finished; the ledger has the counts.
    Finished,
    /// The entry in table `load` says that the load is done.
    SaidDone,
    /// The statement failed or was cancelled; another attempt or load may have loaded the files.
    Failed(Failure),
    /// The statement is no longer known.
    Lost,
}

/// The state of a load in the ledger.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Asked {
    /// The load is in the ledger.
    Loaded(LoadRow),
    /// Only some of its files are in the ledger: another load loaded them.
    Overlaps,
    /// Neither the load nor any of its files is in the ledger.
    Absent,
}

/// What follows after the attempt number was increased.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Then {
    Again,
    /// The run ends.
    End(End),
}

/// The result of a run for one load.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum End {
    Loaded(LoadRow),
    /// The deadline of the run has passed; the reconciler finishes the load.
    LeftRunning,
    /// Another load has loaded some of its files; the remaining files become a new load.
    Recut,
    /// These rows or files cannot be loaded; the remaining files become a new load.
    Faulty(Vec<FileError>),
    /// The content of some file is bad and no file is named: try each half of the files.
    Halve,
    /// Too many attempts failed; a later run may succeed.
    GaveUp(String),
    /// The load failed in many runs for an unknown cause: try each half of the files. A single file stays
    /// open.
    Stuck(String),
}

/// The observed result of a step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Seen {
    /// The entry in table `load` was read.
    Recalled {
        /// The number of failed attempts in this run.
        failed: u32,
        /// `None` if nobody has tried this load.
        memory: Option<Memory>,
    },
    /// The first attempt was claimed, or another loader claimed it first.
    Claimed(Written),
    Submitted(Try, StatementId),
    /// The statement was recorded, or another loader has started the next attempt.
    Noted(Try, StatementId, Written),
    /// Waiting for the statement ended.
    Waited(Try, Outcome),
    /// The ledger was read.
    Asked(Try, Doubt, Asked),
    /// The errors of COPY were read.
    Blamed(Try, Failure, Blame),
    /// The attempt number was increased, or another loader increased it first.
    Raised(Try, Then, Written),
    /// The load is marked as done.
    Closed(LoadRow),
    /// The deadline passed before or during the step.
    OutOfTime,
}

/// The errors of COPY for a load.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Blame {
    /// The rows with errors.
    pub errors: Vec<FileError>,
    /// All files of the load.
    pub files: BTreeSet<String>,
}

/// The result of a conditional write for which loaders compete.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Written {
    /// This loader's write succeeded.
    Here,
    /// Another loader wrote first.
    ByAnother,
}

/// The next step of a load.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// Read the entry in table `load`.
    Recall {
        /// The number of failed attempts in this run.
        failed: u32,
    },
    /// Write attempt 1 to table `load`, unless an entry exists.
    Claim,
    /// Submit the transaction with the attempt's token; back off first if attempts failed.
    Submit(Try),
    /// Record the statement in table `load`, unless the entry has another attempt.
    Note(Try, StatementId),
    Wait(Try, StatementId),
    /// Read the ledger.
    Ask(Try, Doubt),
    /// Read the errors of COPY.
    Blame(Try, Failure),
    /// Write the next attempt to table `load`, unless the entry has another attempt.
    Raise(Try, Then),
    /// Mark the load as done in table `load`.
    Close(LoadRow),
    End(End),
}

/// Returns the next step for an observed result.
#[must_use]
pub fn decide(seen: Seen) -> Step {
    match seen {
        Seen::Recalled { failed, memory } => recalled(failed, memory),
        Seen::Claimed(Written::Here) => Step::Submit(Try {
            attempt: 1,
            failed: 0,
            again: false,
        }),
        Seen::Claimed(Written::ByAnother) => Step::Recall { failed: 0 },
        Seen::Submitted(this, id) => Step::Note(this, id),
        Seen::Noted(this, id, Written::Here) => Step::Wait(this, id),
        // An attempt number is increased only after its failure was read, so this attempt is over: follow the
        // next one.
        Seen::Noted(this, _, Written::ByAnother) => Step::Recall {
            failed: this.failed,
        },
        Seen::Waited(this, outcome) => waited(this, outcome),
        Seen::Asked(_, _, Asked::Loaded(row)) => Step::Close(row),
        Seen::Asked(this, doubt, Asked::Overlaps) => overlaps(this, &doubt),
        Seen::Asked(this, doubt, Asked::Absent) => absent(this, doubt),
        Seen::Blamed(this, failure, blame) => blamed(this, &failure, blame),
        Seen::Raised(_, Then::End(end), _) => Step::End(end),
        Seen::Raised(this, Then::Again, Written::Here) => Step::Submit(Try {
            attempt: this.attempt + 1,
            failed: this.failed + 1,
            again: false,
        }),
        Seen::Raised(this, Then::Again, Written::ByAnother) => Step::Recall {
            failed: this.failed + 1,
        },
        Seen::Closed(row) => Step::End(End::Loaded(row)),
        Seen::OutOfTime => Step::End(End::LeftRunning),
    }
}

fn recalled(failed: u32, memory: Option<Memory>) -> Step {
    let Some(Memory { attempt, progress }) = memory else {
        return Step::Claim;
    };
    let this = Try {
        attempt,
        failed,
        again: false,
    };
    match progress {
        // If it was already submitted, the token returns the same statement.
        Progress::Claimed => Step::Submit(this),
        Progress::Running(id) => Step::Wait(this, id),
        // The files were not in the ledger a moment ago, otherwise this load would not have been created.
        Progress::Done => Step::Ask(this, Doubt::SaidDone),
    }
}

fn waited(this: Try, outcome: Outcome) -> Step {
    match outcome {
        Outcome::Finished(_) => Step::Ask(this, Doubt::Finished),
        Outcome::Failed(failure) => Step::Ask(this, Doubt::Failed(failure)),
        Outcome::Aborted => {
            let message = "somebody cancelled the statement".to_owned();
            Step::Ask(
                this,
                Doubt::Failed(Failure {
                    position: 0,
                    message,
                    taken_at: None,
                }),
            )
        }
        Outcome::Lost => Step::Ask(this, Doubt::Lost),
        Outcome::Running => Step::End(End::LeftRunning),
    }
}

fn overlaps(this: Try, doubt: &Doubt) -> Step {
    match doubt {
        // The statement may still start, and fail by itself; its token must not be abandoned.
        Doubt::Lost => Step::End(End::Recut),
        Doubt::Finished | Doubt::SaidDone | Doubt::Failed(_) => {
            Step::Raise(this, Then::End(End::Recut))
        }
    }
}

/// The ledger has nothing of the load: unless the statement was lost, it has ended without effect.
fn absent(this: Try, doubt: Doubt) -> Step {
    match doubt {
        Doubt::Failed(failure) if is_of_files(&failure) => Step::Blame(this, failure),
        Doubt::Failed(failure) if this.attempt >= MANY_ATTEMPTS && may_be_of_files(&failure) => {
            Step::Raise(this, Then::End(End::Stuck(failure.message)))
        }
        Doubt::Failed(failure) => again(this, failure.message),
        Doubt::Finished => {
            let message = "the statement finished but the ledger lacks the load: was the warehouse restored from a snapshot?";
            again(this, message.to_owned())
        }
        // The load is wanted again, regardless of how often it failed before.
        Doubt::SaidDone => Step::Raise(this, Then::Again),
        Doubt::Lost if this.again => {
            // The token returns a statement that this identity cannot see, for example after a role was
            // recreated. Make another attempt: if the old statement still runs, whichever is second finds the
            // files loaded and fails.
            let message = "the warehouse knows neither the statement nor the load".to_owned();
            again(this, message)
        }
        // Use the same token: if the statement is only hidden, it is not run twice.
        Doubt::Lost => Step::Submit(Try {
            again: true,
            ..this
        }),
    }
}

/// Whether the failure is caused by the content of the files. Halving a load for another cause, such as a
/// missing permission, would only multiply the failures.
fn is_of_files(failure: &Failure) -> bool {
    let is_of_rows = Part::at(failure.position).is_some_and(Part::handles_rows);
    is_of_rows && !words::is_conflict(&failure.message) && words::is_of_files(&failure.message)
}

/// Whether the cause is unknown and could be in the files.
fn may_be_of_files(failure: &Failure) -> bool {
    Part::at(failure.position).is_some_and(Part::handles_rows)
        && !words::is_passing(&failure.message)
}

fn blamed(this: Try, failure: &Failure, blame: Blame) -> Step {
    let errors = if blame.errors.is_empty() {
        unreadable(&failure.message, &blame.files)
    } else {
        blame.errors
    };
    let end = if errors.is_empty() {
        End::Halve
    } else {
        End::Faulty(errors)
    };
    Step::Raise(this, Then::End(end))
}

/// The files that cannot be loaded when COPY reports no rows: those that the message names, or the only file.
fn unreadable(message: &str, files: &BTreeSet<String>) -> Vec<FileError> {
    let named = files
        .iter()
        .filter(|key| files.len() == 1 || message.contains(*key));
    named
        .map(|key| FileError {
            key: key.clone(),
            line: None,
            column: None,
            reason: message.to_owned(),
        })
        .collect()
}

/// Increases the attempt number in any case, because the token of a failed attempt always returns the failed
/// statement.
fn again(this: Try, message: String) -> Step {
    if this.failed + 1 < MAX_ATTEMPTS {
        Step::Raise(this, Then::Again)
    } else {
        Step::Raise(this, Then::End(End::GaveUp(message)))
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
