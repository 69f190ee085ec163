//! What to do next: a step is done, what was seen comes back, and [`decide`] says the next step.
//!
//! Safe whatever is repeated, lost or done twice at once, by three things of the warehouse: a token makes
//! an attempt one statement, a file in the ledger makes any other load of it fail, and the ledger, once
//! read, tells what is true. Table `load` only spares work: it lets a loader find the statement of another.

use std::collections::BTreeSet;

use super::ledger::{FileError, LoadRow};
use super::plan::Part;
use super::words;
use crate::statement::{Failure, Outcome, StatementId};

/// The most attempts of one run; then the queue brings the files again.
pub const MAX_ATTEMPTS: u32 = 4;

/// The attempts after which a cause that is not known may be in one of the files, so that the others are tried without
/// it: a run every quarter of an hour makes them in about six hours. No file is given up for such a cause.
pub const MANY_ATTEMPTS: u32 = 25 * MAX_ATTEMPTS;

/// What table `load` holds of a load.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Memory {
    /// The attempt that is or was made, from 1.
    pub attempt: u32,
    /// How far it is known to have come.
    pub progress: Progress,
}

/// How far an attempt is known to have come.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Progress {
    /// Somebody will submit it, or has and could not say so.
    Claimed,
    /// It was submitted.
    Running(StatementId),
    /// Its files are in the ledger.
    Done,
}

/// An attempt in this run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Try {
    /// The attempt, from 1.
    pub attempt: u32,
    /// How many attempts of this run failed before.
    pub failed: u32,
    /// Whether it was submitted again because its statement was not known any more.
    pub again: bool,
}

/// Why the ledger is asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Doubt {
    /// It finished; the ledger has the counts.
    Finished,
    /// Table `load` says that it is done.
    SaidDone,
    /// It failed, or somebody ended it; another attempt or load may have brought the files.
    Failed(Failure),
    /// Its statement is not known any more.
    Lost,
}

/// What the ledger says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Asked {
    /// The load is in it.
    Loaded(LoadRow),
    /// The load is not, but some of its files are: another load brought them.
    Overlaps,
    /// Neither the load nor any of its files is.
    Absent,
}

/// What follows when the attempt has been raised.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Then {
    /// The next attempt.
    Again,
    /// This end.
    End(End),
}

/// How a run ends for a load.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum End {
    /// It is in the ledger.
    Loaded(LoadRow),
    /// It is not over when the time is up; the reconciler finishes it.
    LeftRunning,
    /// Another load brought some of its files: what is left is another load.
    Recut,
    /// These rows, or files, of it cannot be loaded: what is left is another load.
    Faulty(Vec<FileError>),
    /// It failed by what its several files hold and none is named: try the halves.
    Halve,
    /// It failed too often; later may be better.
    GaveUp(String),
    /// It failed in many runs for a cause that nobody knows: try the halves. A lone file stays open.
    Stuck(String),
}

/// What was seen, with what it was seen in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Seen {
    /// What table `load` holds.
    Recalled {
        /// Attempts of this run that failed.
        failed: u32,
        /// Nothing when nobody has tried.
        memory: Option<Memory>,
    },
    /// Whether the first attempt could be claimed.
    Claimed(Written),
    /// It was submitted.
    Submitted(Try, StatementId),
    /// Whether its statement could be noted.
    Noted(Try, StatementId, Written),
    /// What waiting for it came to.
    Waited(Try, Outcome),
    /// What the ledger says.
    Asked(Try, Doubt, Asked),
    /// What was had against files.
    Blamed(Try, Failure, Blame),
    /// Whether the attempt could be raised.
    Raised(Try, Then, Written),
    /// It is noted as done.
    Closed(LoadRow),
    /// The time was up before the step was made or answered.
    OutOfTime,
}

/// What COPY had against rows and files of a load.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Blame {
    /// The rows that it names.
    pub errors: Vec<FileError>,
    /// All files of the load.
    pub files: BTreeSet<String>,
}

/// What became of a write that others may make at the same time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Written {
    /// It was made.
    Here,
    /// Another loader was first.
    ByAnother,
}

/// What to do next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// Read table `load`.
    Recall {
        /// Attempts of this run that failed.
        failed: u32,
    },
    /// Write attempt 1 into table `load`, unless the load is there.
    Claim,
    /// Submit the transaction with the attempt's token; pause first when attempts failed.
    Submit(Try),
    /// Write the statement into table `load`, unless the attempt there is another.
    Note(Try, StatementId),
    /// Wait for the statement.
    Wait(Try, StatementId),
    /// Ask the ledger.
    Ask(Try, Doubt),
    /// Ask what COPY had against files.
    Blame(Try, Failure),
    /// Write the next attempt into table `load`, unless the attempt there is another.
    Raise(Try, Then),
    /// Write into table `load` that it is done.
    Close(LoadRow),
    /// Stop.
    End(End),
}

/// The next step after what was seen.
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
        // Only who read a failure raises an attempt, so this one is over: follow the next.
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
        // Submitted before, its token answers with the same statement.
        Progress::Claimed => Step::Submit(this),
        Progress::Running(id) => Step::Wait(this, id),
        // The files were not in the ledger a moment ago, or this load would not be made.
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
        // It may be about to run and fail by itself; its token must not be given up for that.
        Doubt::Lost => Step::End(End::Recut),
        Doubt::Finished | Doubt::SaidDone | Doubt::Failed(_) => {
            Step::Raise(this, Then::End(End::Recut))
        }
    }
}

/// The statement is over and brought nothing, unless it was lost.
fn absent(this: Try, doubt: Doubt) -> Step {
    match doubt {
        Doubt::Failed(failure) if is_of_files(&failure) => Step::Blame(this, failure),
        Doubt::Failed(failure) if this.attempt >= MANY_ATTEMPTS && may_be_of_files(&failure) => {
            Step::Raise(this, Then::End(End::Stuck(failure.message)))
        }
        Doubt::Failed(failure) => again(this, failure.message),
        Doubt::Finished => {
            let message = "it finished but the ledger lacks it: was the warehouse put back?";
            again(this, message.to_owned())
        }
        // Somebody wants it anew, however often it failed before.
        Doubt::SaidDone => Step::Raise(this, Then::Again),
        Doubt::Lost if this.again => {
            // Its token answers with a statement that nobody here may see, as after a role was made anew:
            // another attempt. Should the old one run yet, the second of the two finds the files loaded.
            let message = "the warehouse knows neither the statement nor the load".to_owned();
            again(this, message)
        }
        // The same token: should the statement only be hidden, it is not made twice.
        Doubt::Lost => Step::Submit(Try {
            again: true,
            ..this
        }),
    }
}

/// Whether it is about what the files hold. Halving for anything else, such as a role that may not read,
/// would only fail as often as there are files.
fn is_of_files(failure: &Failure) -> bool {
    let is_of_rows = Part::at(failure.position).is_some_and(Part::handles_rows);
    is_of_rows && !words::is_conflict(&failure.message) && words::is_of_files(&failure.message)
}

/// Whether the cause is not known and may be in the files.
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

/// The files that cannot be loaded, of whose rows nothing is told: those that the message names, or the
/// only one.
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

/// Raises in any case, or the next run would meet the failed statement by its token.
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
