//! Reports the progress of a run.

/// Receives the progress of a run.
pub trait Observer {
    /// Shows the progress through the source, in the unit of [`Source::size`](crate::Source::size), with a
    /// description that the next call replaces.
    fn progress(&mut self, position: u64, text: impl FnOnce() -> String);

    /// Shows a line that should stay visible.
    fn note(&mut self, line: &str);
}
