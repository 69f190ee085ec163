//! Reports the progress of an operation.

use crate::resource_event::ResourceEvent;

/// Receives the progress of an operation on a stack.
pub trait Observer {
    /// Shows the current activity. The next activity replaces it.
    fn activity(&self, text: &str);

    /// Shows a line that should stay visible.
    fn note(&self, line: &str);

    /// Shows an event of a resource of the stack `stack`.
    fn resource_event(&self, stack: &str, event: &ResourceEvent);
}
