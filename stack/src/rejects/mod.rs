//! Rejects: what a stage refused and kept, and which of it is still open.
//!
//! Nothing is deleted. A reject line is open until its id is in the object at `acknowledged/<the reject object's
//! key>` of the same bucket, because a person acknowledged it or `stack redrive` sent it through the path again.
//! An object whose lines are all acknowledged also has an empty marker at `acknowledged/closed/<key>/<etag>`, so
//! that a listing alone tells that it is closed. The marker names the content: an object that is written again
//! with other lines is open again.

mod acknowledge;
mod count;
mod events;
mod letters;
mod objects;
mod open;
mod place;
mod record;

pub use acknowledge::{How, acknowledge};
pub use count::{OpenCount, open_count, open_counts};
pub use events::events_of;
pub use letters::{Letter, dead_letters, put_back, send_again};
pub use objects::{RejectObject, open_objects};
pub use open::Open;
pub use place::{Place, places};
pub use record::{Reject, Stage};
