//! Statements, from `SUBMITTED` to their end.

mod entry;
mod execute;
mod journal;
mod record;
mod registry;
mod result;
mod run;
mod script;
mod session;

pub(crate) use entry::Entry;
pub(crate) use record::{Mode, Part, Progress, Request, ResultFormat, Status, Target, now_ms};
pub(crate) use registry::{Filter, Registry, Submission, SubmitError};
pub(crate) use result::{Page, ResultStore};
pub(crate) use run::Runner;
pub(crate) use session::{SessionError, SessionState, SessionView, Sessions};
