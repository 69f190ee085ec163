//! The state machine of a load: a step is executed, its result is observed, and [`decide`] returns the next
//! step.
//!
//! Safe under retries, lost answers and concurrent loaders, because of three guarantees: a client token makes
//! an attempt one statement; a file in the ledger makes every other load of it fail; and the ledger is read
//! before any result is believed. Table `load` only saves work: with it a loader finds the statement of
//! another loader.

use std::collections::BTreeSet;

use super::classify;
use super::ledger::{FileError, LoadRow};
use super::plan::Part;
use crate::statement::{Failure, Outcome, StatementId};

/// The maximum number of attempts in one run; after that, the queue delivers the files again.
pub const MAX_ATTEMPTS: u32 = 4;

/// The number of attempts after which an unknown cause is suspected to be in one of the files, so that the
/// other files are tried without it. With a run every quarter of an hour this takes about six hours. A file
/// is never quarantined for an unknown cause.
pub const MANY_ATTEMPTS: u32 = 25 * MAX_ATTEMPTS;

/// The entry of a load in table `load`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LoadState {
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
pub struct Attempt {
    /// The attempt, from 1.
    pub attempt: u32,
    /// The number of failed attempts in this run.
    pub failed: u32,
    /// Whether it was resubmitted because its statement was no longer known.
    pub resubmitted: bool,
}

/// Why the ledger is read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CheckReason {
    /// The statement finished; the ledger has the counts.
    Finished,
    /// The entry in table `load` says that the load is done.
    RecordedAsDone,
    /// The statement failed or was cancelled; another attempt or load may have loaded the files.
    Failed(Failure),
    /// The statement is no longer known.
    Lost,
}

/// The state of a load in the ledger.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LedgerState {
    /// The load is in the ledger.
    Loaded(LoadRow),
    /// Only some of its files are in the ledger: another load loaded them.
    Overlaps,
    /// Neither the load nor any of its files is in the ledger.
    Absent,
}

/// What follows after the attempt number was increased.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Next {
    Retry,
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
    Overlap,
    /// These rows or files cannot be loaded; the remaining files become a new load.
    Unloadable(Vec<FileError>),
    /// The content of some file is bad and no file is named: try each half of the files.
    Halve,
    /// Too many attempts failed; a later run may succeed.
    TooManyAttempts(String),
    /// The load failed in many runs for an unknown cause: try each half of the files. A single file stays
    /// open.
    Stuck(String),
}

/// The observed result of a step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Observed {
    /// The entry in table `load` was read.
    StateRead {
        /// The number of failed attempts in this run.
        failed: u32,
        /// `None` if nobody has tried this load.
        state: Option<LoadState>,
    },
    /// The first attempt was claimed, or another loader claimed it first.
    Claimed(Written),
    Submitted(Attempt, StatementId),
    /// The statement was recorded, or another loader has started the next attempt.
    Recorded(Attempt, StatementId, Written),
    /// Waiting for the statement ended.
    Waited(Attempt, Outcome),
    /// The ledger was read.
    LedgerRead(Attempt, CheckReason, LedgerState),
    /// The errors of COPY were read.
    Inspected(Attempt, Failure, Inspection),
    /// The attempt number was increased, or another loader increased it first.
    Advanced(Attempt, Next, Written),
    /// The load is marked as done.
    MarkedDone(LoadRow),
    /// The deadline passed before or during the step.
    OutOfTime,
}

/// The errors of COPY for a load.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Inspection {
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
    ReadState {
        /// The number of failed attempts in this run.
        failed: u32,
    },
    /// Write attempt 1 to table `load`, unless an entry exists.
    Claim,
    /// Submit the transaction with the attempt's token; back off first if attempts failed.
    Submit(Attempt),
    /// Record the statement in table `load`, unless the entry has another attempt.
    RecordStatement(Attempt, StatementId),
    Wait(Attempt, StatementId),
    /// Read the ledger.
    ReadLedger(Attempt, CheckReason),
    /// Read the errors of COPY.
    Inspect(Attempt, Failure),
    /// Write the next attempt to table `load`, unless the entry has another attempt.
    Advance(Attempt, Next),
    /// Mark the load as done in table `load`.
    MarkDone(LoadRow),
    End(End),
}

/// Returns the next step for an observed result.
#[must_use]
pub fn decide(observed: Observed) -> Step {
    match observed {
        Observed::StateRead { failed, state } => state_read(failed, state),
        Observed::Claimed(Written::Here) => Step::Submit(Attempt {
            attempt: 1,
            failed: 0,
            resubmitted: false,
        }),
        Observed::Claimed(Written::ByAnother) => Step::ReadState { failed: 0 },
        Observed::Submitted(this, id) => Step::RecordStatement(this, id),
        Observed::Recorded(this, id, Written::Here) => Step::Wait(this, id),
        // An attempt number is increased only after its failure was read, so this attempt is over: follow the
        // next one.
        Observed::Recorded(this, _, Written::ByAnother) => Step::ReadState {
            failed: this.failed,
        },
        Observed::Waited(this, outcome) => waited(this, outcome),
        Observed::LedgerRead(_, _, LedgerState::Loaded(row)) => Step::MarkDone(row),
        Observed::LedgerRead(this, reason, LedgerState::Overlaps) => overlaps(this, &reason),
        Observed::LedgerRead(this, reason, LedgerState::Absent) => absent(this, reason),
        Observed::Inspected(this, failure, inspection) => inspected(this, &failure, inspection),
        Observed::Advanced(_, Next::End(end), _) => Step::End(end),
        Observed::Advanced(this, Next::Retry, Written::Here) => Step::Submit(Attempt {
            attempt: this.attempt + 1,
            failed: this.failed + 1,
            resubmitted: false,
        }),
        Observed::Advanced(this, Next::Retry, Written::ByAnother) => Step::ReadState {
            failed: this.failed + 1,
        },
        Observed::MarkedDone(row) => Step::End(End::Loaded(row)),
        Observed::OutOfTime => Step::End(End::LeftRunning),
    }
}

fn state_read(failed: u32, state: Option<LoadState>) -> Step {
    let Some(LoadState { attempt, progress }) = state else {
        return Step::Claim;
    };
    let this = Attempt {
        attempt,
        failed,
        resubmitted: false,
    };
    match progress {
        // If it was already submitted, the token returns the same statement.
        Progress::Claimed => Step::Submit(this),
        Progress::Running(id) => Step::Wait(this, id),
        // The files were not in the ledger a moment ago, otherwise this load would not have been created.
        Progress::Done => Step::ReadLedger(this, CheckReason::RecordedAsDone),
    }
}

fn waited(this: Attempt, outcome: Outcome) -> Step {
    match outcome {
        Outcome::Finished(_) => Step::ReadLedger(this, CheckReason::Finished),
        Outcome::Failed(failure) => Step::ReadLedger(this, CheckReason::Failed(failure)),
        Outcome::Aborted => {
            let message = "the statement was cancelled".to_owned();
            Step::ReadLedger(
                this,
                CheckReason::Failed(Failure {
                    position: 0,
                    message,
                    taken_at: None,
                }),
            )
        }
        Outcome::Lost => Step::ReadLedger(this, CheckReason::Lost),
        Outcome::Running => Step::End(End::LeftRunning),
    }
}

fn overlaps(this: Attempt, reason: &CheckReason) -> Step {
    match reason {
        // The statement may still start, and fail by itself; its token must not be abandoned.
        CheckReason::Lost => Step::End(End::Overlap),
        CheckReason::Finished | CheckReason::RecordedAsDone | CheckReason::Failed(_) => {
            Step::Advance(this, Next::End(End::Overlap))
        }
    }
}

/// The ledger has nothing of the load: unless the statement was lost, it has ended without effect.
fn absent(this: Attempt, reason: CheckReason) -> Step {
    match reason {
        CheckReason::Failed(failure) if is_of_files(&failure) => Step::Inspect(this, failure),
        CheckReason::Failed(failure)
            if this.attempt >= MANY_ATTEMPTS && may_be_of_files(&failure) =>
        {
            Step::Advance(this, Next::End(End::Stuck(failure.message)))
        }
        CheckReason::Failed(failure) => retry(this, failure.message),
        CheckReason::Finished => {
            let message = "the statement finished but the ledger lacks the load: was the warehouse restored from a snapshot?";
            retry(this, message.to_owned())
        }
        // The load is wanted again, regardless of how often it failed before.
        CheckReason::RecordedAsDone => Step::Advance(this, Next::Retry),
        CheckReason::Lost if this.resubmitted => {
            // The token returns a statement that this identity cannot see, for example after a role was
            // recreated. Make another attempt: if the old statement still runs, whichever is second finds the
            // files loaded and fails.
            let message = "the warehouse knows neither the statement nor the load".to_owned();
            retry(this, message)
        }
        // Use the same token: if the statement is only hidden, it is not run twice.
        CheckReason::Lost => Step::Submit(Attempt {
            resubmitted: true,
            ..this
        }),
    }
}

/// Returns whether the failure is caused by the content of the files. Halving a load for another cause, such as a
/// missing permission, would only multiply the failures.
fn is_of_files(failure: &Failure) -> bool {
    let is_of_rows = Part::at(failure.position).is_some_and(Part::handles_rows);
    is_of_rows
        && !classify::is_conflict(&failure.message)
        && classify::is_of_files(&failure.message)
}

/// Returns whether the cause is unknown and could be in the files.
fn may_be_of_files(failure: &Failure) -> bool {
    Part::at(failure.position).is_some_and(Part::handles_rows)
        && !classify::is_transient(&failure.message)
}

fn inspected(this: Attempt, failure: &Failure, inspection: Inspection) -> Step {
    let errors = if inspection.errors.is_empty() {
        unreadable(&failure.message, &inspection.files)
    } else {
        inspection.errors
    };
    let end = if errors.is_empty() {
        End::Halve
    } else {
        End::Unloadable(errors)
    };
    Step::Advance(this, Next::End(end))
}

/// Returns the files that cannot be loaded when COPY reports no rows: those that the message names, or the only file.
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
fn retry(this: Attempt, message: String) -> Step {
    if this.failed + 1 < MAX_ATTEMPTS {
        Step::Advance(this, Next::Retry)
    } else {
        Step::Advance(this, Next::End(End::TooManyAttempts(message)))
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
