//! Mistakes in pages.

use std::fmt;

/// A mistake in a page: where it is, the cause, and what to do.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Mistake {
    /// The file of the page.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub cause: String,
    /// What to do about it.
    pub next: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            cause,
            next,
        } = self;
        write!(f, "{file}:{line}: {cause}\n    next: {next}")
    }
}

/// All mistakes of a report, at least one, in the order of files and lines.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    /// Returns an error if there are mistakes.
    ///
    /// # Errors
    ///
    /// Fails if `mistakes` is not empty.
    pub fn none_in(mut mistakes: Vec<Mistake>) -> Result<(), Self> {
        if mistakes.is_empty() {
            return Ok(());
        }
        mistakes.sort();
        Err(Self(mistakes))
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ending = if self.0.len() == 1 { "" } else { "s" };
        write!(
            f,
            "the pages of the report have {} mistake{ending}; nothing was written",
            self.0.len()
        )?;
        for mistake in &self.0 {
            write!(f, "\n  {mistake}")?;
        }
        Ok(())
    }
}
