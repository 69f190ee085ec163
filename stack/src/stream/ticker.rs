//! What a person sees while it runs, on standard error.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Between two lines where no terminal is.
const EVERY: Duration = Duration::from_secs(5);

/// A bar on a terminal; elsewhere a plain line every few seconds.
#[derive(Debug)]
pub enum Ticker {
    /// On a terminal.
    Bar(ProgressBar),
    /// In a log.
    Lines {
        /// When the last line was printed.
        last: Instant,
    },
}

impl Ticker {
    /// A ticker towards `size`.
    #[must_use]
    pub fn new(size: u64) -> Self {
        if stderr().is_terminal() {
            let bar = ProgressBar::new(size);
            // The template is a constant; a wrong one would only look plain.
            if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent:>3}% {msg}") {
                bar.set_style(style);
            }
            Self::Bar(bar)
        } else {
            Self::Lines {
                last: Instant::now(),
            }
        }
    }

    /// Shows how far it is, and `text`.
    pub fn show(&mut self, position: u64, text: impl FnOnce() -> String) {
        match self {
            Self::Bar(bar) => {
                bar.set_position(position.max(bar.position()));
                bar.set_message(text());
            }
            Self::Lines { last } if last.elapsed() >= EVERY => {
                *last = Instant::now();
                // Without a reader of standard error there is nobody to tell.
                let _ = writeln!(stderr(), "{}", text());
            }
            Self::Lines { .. } => {}
        }
    }
}

impl Drop for Ticker {
    /// Leaves the terminal as it was: the report follows.
    fn drop(&mut self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
