//! What a person sees while something is deployed: a line a step, on standard error.

use std::cell::Cell;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// How long a step may be silent where there is no terminal.
const QUIET: Duration = Duration::from_secs(10);

/// Shows steps: spinners with durations on a terminal, plain lines elsewhere.
#[derive(Debug)]
pub struct Progress {
    bars: Option<MultiProgress>,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            bars: std::io::stderr().is_terminal().then(MultiProgress::new),
        }
    }
}

impl Progress {
    /// Begins a step, such as "stack riverhouse-local-lake".
    #[must_use]
    pub fn step(&self, what: impl Into<String>) -> Step {
        let what = what.into();
        let bar = self.bars.as_ref().map(|bars| {
            let bar = bars.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {wide_msg:.dim}") {
                bar.set_style(style);
            }
            bar.set_prefix(what.clone());
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Step {
            what,
            begun: Instant::now(),
            spoke: Cell::new(Instant::now()),
            bar,
        }
    }

    /// Says something that is not part of a step.
    pub fn say(&self, line: &str) {
        match &self.bars {
            // It may be that the terminal is gone: then nobody reads.
            Some(bars) => drop(bars.println(line)),
            None => print_line(line),
        }
    }
}

/// A step that has begun. Dropped without [`Step::done`], it disappears from the terminal.
#[derive(Debug)]
pub struct Step {
    what: String,
    begun: Instant,
    /// When a line was printed last, where there is no terminal.
    spoke: Cell<Instant>,
    bar: Option<ProgressBar>,
}

impl Step {
    /// Shows what the step is busy with: always on a terminal, elsewhere a line every ten seconds.
    pub fn at(&self, detail: impl Into<String>) {
        let detail = detail.into();
        match &self.bar {
            Some(bar) => bar.set_message(detail),
            None if self.spoke.get().elapsed() >= QUIET => {
                self.spoke.set(Instant::now());
                print_line(&format!("{}: {detail}", self.what));
            }
            None => {}
        }
    }

    /// Ends the step with its outcome and how long it took.
    pub fn done(self, outcome: &str) {
        let line = format!(
            "{}: {outcome} ({:.1} s)",
            self.what,
            self.begun.elapsed().as_secs_f64()
        );
        match &self.bar {
            Some(bar) => {
                if let Ok(style) = ProgressStyle::with_template("✓ {msg}") {
                    bar.set_style(style);
                }
                bar.finish_with_message(line);
            }
            None => print_line(&line),
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.take().filter(|bar| !bar.is_finished()) {
            bar.finish_and_clear();
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "progress goes to standard error, results to standard output"
)]
fn print_line(line: &str) {
    eprintln!("{line}");
}
