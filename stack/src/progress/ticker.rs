//! Progress on standard error.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Interval between two lines when standard error is not a terminal.
const EVERY: Duration = Duration::from_secs(5);

/// A progress bar on a terminal; otherwise a plain line every few seconds.
#[derive(Debug)]
pub enum Ticker {
    Bar(ProgressBar),
    Lines {
        /// Time of the last line.
        last: Instant,
    },
}

impl Ticker {
    /// Returns a ticker with the target `size`.
    #[must_use]
    pub fn new(size: u64) -> Self {
        if stderr().is_terminal() {
            let bar = ProgressBar::new(size);
            // The template is constant. An invalid one would only change the look.
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

    /// Shows the progress and `text`.
    pub fn show(&mut self, position: u64, text: impl FnOnce() -> String) {
        match self {
            Self::Bar(bar) => {
                bar.set_position(position.max(bar.position()));
                bar.set_message(text());
            }
            Self::Lines { last } if last.elapsed() >= EVERY => {
                *last = Instant::now();
                // If standard error is closed, the progress cannot be shown.
                let _ = writeln!(stderr(), "{}", text());
            }
            Self::Lines { .. } => {}
        }
    }
}

impl producer::Observer for Ticker {
    fn progress(&mut self, position: u64, text: impl FnOnce() -> String) {
        self.show(position, text);
    }

    fn note(&mut self, line: &str) {
        // If standard error is closed, the line cannot be shown.
        let _ = writeln!(stderr(), "{line}");
    }
}

impl Drop for Ticker {
    /// Clears the bar before the report is printed.
    fn drop(&mut self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
