//! The progress of a run, for whoever shows it.

/// Receives the progress of a run.
pub trait Observer {
    /// The progress through the source, in the unit of [`Source::size`](crate::Source::size), with a description that
    /// the next call replaces.
    fn progress(&mut self, position: u64, text: impl FnOnce() -> String);

    /// A line that should be kept.
    fn note(&mut self, line: &str);
}
