//! The progress of an operation, for whoever shows it.

use crate::resource_event::ResourceEvent;

/// Receives the progress of an operation on a stack.
pub trait Observer {
    /// The current activity, which the next one replaces.
    fn activity(&self, text: &str);

    /// A line that should be kept.
    fn note(&self, line: &str);

    /// An event of a resource of the stack `stack`.
    fn resource_event(&self, stack: &str, event: &ResourceEvent);
}
