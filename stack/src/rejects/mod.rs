//! Rejects: what a stage rejected and kept, and what of it is still open.
//!
//! Nothing is deleted. A reject line is open until its id is in the object `acknowledged/<key of the reject object>`
//! of the same bucket, because the user acknowledged it or `stack redrive` sent it through the pipeline again. When
//! all lines of an object are acknowledged, an empty marker `acknowledged/closed/<key>/<etag>` is written, so that a
//! listing alone shows that the object is closed. The marker contains the `ETag`: an object that is overwritten with
//! other lines is open again.

mod acknowledge;
mod count;
mod dead_letters;
mod events;
mod location;
mod objects;
mod open_rejects;
mod record;
mod redrive;

pub use acknowledge::{Resolution, acknowledge};
pub use count::{OpenCount, open_count, open_counts};
pub use dead_letters::{DeadLetter, dead_letters, put_back, send_again};
pub use events::events_of;
pub use location::{RejectLocation, locations};
pub use objects::{RejectObject, newest_open, open_objects};
pub use open_rejects::OpenRejects;
pub use record::{Reject, Stage};
pub use redrive::{RedriveError, Redriven, redrive};

use cloudformation::{CallFailure, StackError};

/// Why the open rejects cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RejectsError {
    /// A bucket or a queue could not be read.
    #[error(transparent)]
    Call(#[from] CallFailure),
    /// The stack with the queues could not be described.
    #[error(transparent)]
    Stack(#[from] StackError),
}
