//! Shows the progress of a command: on standard error, one line a step, or as JSON events (`event`).

mod event;
mod ticker;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write as _};
use std::time::{Duration, Instant};

use cloudformation::{Observer, ResourceEvent};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

pub use event::Event;
pub use ticker::Ticker;

/// How often a step prints its progress without a terminal.
const QUIET: Duration = Duration::from_secs(10);

/// Steps of a resource that are shorter have no line of their own.
const WORTH_A_LINE: f64 = 1.0;

/// Shows steps: spinners with durations on a terminal, plain lines elsewhere, or events as JSON.
#[derive(Clone, Debug)]
pub struct Progress(Sink);

#[derive(Clone, Debug)]
enum Sink {
    Bars(MultiProgress),
    Lines,
    /// Prints to standard output, because the events are the result.
    Json,
}

impl Default for Progress {
    fn default() -> Self {
        Self(if std::io::stderr().is_terminal() {
            Sink::Bars(MultiProgress::new())
        } else {
            Sink::Lines
        })
    }
}

impl Progress {
    /// Creates JSON events on standard output if `json`, otherwise what suits standard error.
    #[must_use]
    pub fn new(json: bool) -> Self {
        if json {
            Self(Sink::Json)
        } else {
            Self::default()
        }
    }

    /// Begins a step, such as "stack riverhouse-local-lake".
    #[must_use]
    pub fn step(&self, what: impl Into<String>) -> Step {
        let what = what.into();
        self.event(&Event::Step {
            step: &what,
            state: "begun",
            outcome: None,
            seconds: None,
        });
        let bar = match &self.0 {
            Sink::Bars(bars) => Some(spinner(bars, &what)),
            Sink::Lines | Sink::Json => None,
        };
        Step {
            progress: self.clone(),
            what,
            begun: Instant::now(),
            spoke: Cell::new(Instant::now()),
            since: RefCell::default(),
            bar,
        }
    }

    /// Shows a line that belongs to no step.
    pub fn say(&self, line: &str) {
        match &self.0 {
            // If the terminal is gone, nobody reads.
            Sink::Bars(bars) => drop(bars.println(line)),
            Sink::Lines => print_line(line),
            Sink::Json => self.event(&Event::Note { text: line }),
        }
    }

    /// Prints an event, if events were requested.
    pub fn event(&self, event: &Event<'_>) {
        if matches!(self.0, Sink::Json) {
            // Ignore an error: the reader has gone away.
            let _ = writeln!(std::io::stdout().lock(), "{}", event.line());
        }
    }

    /// Runs `ask` without spinners on the terminal.
    pub fn suspend<T>(&self, ask: impl FnOnce() -> T) -> T {
        match &self.0 {
            Sink::Bars(bars) => bars.suspend(ask),
            Sink::Lines | Sink::Json => ask(),
        }
    }
}

fn spinner(bars: &MultiProgress, what: &str) -> ProgressBar {
    let bar = bars.add(ProgressBar::new_spinner());
    if let Ok(style) =
        ProgressStyle::with_template("{spinner} {prefix} {elapsed:.dim} {wide_msg:.dim}")
    {
        bar.set_style(style);
    }
    bar.set_prefix(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// A running step. If it is dropped without [`Step::done`], it disappears from the terminal.
#[derive(Debug)]
pub struct Step {
    progress: Progress,
    what: String,
    begun: Instant,
    /// When the last line was printed, without a terminal.
    spoke: Cell<Instant>,
    /// When the operation on each resource began.
    since: RefCell<BTreeMap<String, f64>>,
    bar: Option<ProgressBar>,
}

impl Step {
    /// Shows the current activity: always on a terminal, elsewhere one line every ten seconds.
    pub fn at(&self, detail: impl Into<String>) {
        let detail = detail.into();
        match (&self.bar, &self.progress.0) {
            (Some(bar), _) => bar.set_message(detail),
            (None, Sink::Lines) if self.spoke.get().elapsed() >= QUIET => {
                self.spoke.set(Instant::now());
                print_line(&format!("{}: {detail}", self.what));
            }
            _ => {}
        }
    }

    /// Returns the duration of the operation on the resource; `None` while it is running.
    fn seconds(&self, event: &ResourceEvent) -> Option<f64> {
        let mut since = self.since.borrow_mut();
        if event.status.ends_with("_IN_PROGRESS") {
            since.entry(event.resource.clone()).or_insert(event.at);
            return None;
        }
        let begun = since.remove(&event.resource)?;
        Some(event.at - begun)
    }

    /// Ends the step with its outcome and duration.
    pub fn done(self, outcome: &str) {
        let seconds = self.begun.elapsed().as_secs_f64();
        let line = format!("{}: {outcome} ({seconds:.1} s)", self.what);
        match (&self.bar, &self.progress.0) {
            (Some(bar), _) => {
                if let Ok(style) = ProgressStyle::with_template("✓ {msg}") {
                    bar.set_style(style);
                }
                bar.finish_with_message(line);
            }
            (None, Sink::Lines) => print_line(&line),
            (None, _) => self.progress.event(&Event::Step {
                step: &self.what,
                state: "done",
                outcome: Some(outcome),
                seconds: Some(seconds),
            }),
        }
    }
}

impl Observer for Step {
    fn activity(&self, text: &str) {
        self.at(text);
    }

    /// Shows a line about the step without ending it.
    fn note(&self, line: &str) {
        self.progress.say(&format!("{}: {line}", self.what));
    }

    /// Shows the event of a resource: a line when the operation has ended, with its duration.
    fn resource_event(&self, stack: &str, event: &ResourceEvent) {
        let ResourceEvent {
            resource,
            kind,
            status,
            reason,
            ..
        } = event;
        let seconds = self.seconds(event);
        self.progress.event(&Event::Resource {
            stack,
            resource,
            kind,
            status,
            reason,
            seconds,
        });
        self.at(format!("{resource} {status}"));
        let failed = status.ends_with("_FAILED");
        if matches!(self.progress.0, Sink::Json)
            || !(failed || seconds.is_some_and(|it| it >= WORTH_A_LINE))
        {
            return;
        }
        self.spoke.set(Instant::now());
        let took = seconds.map_or_else(String::new, |seconds| format!(" ({seconds:.0} s)"));
        let why = if failed {
            format!(": {reason}")
        } else {
            String::new()
        };
        self.progress
            .say(&format!("{stack}: {resource} {status}{took}{why}"));
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
