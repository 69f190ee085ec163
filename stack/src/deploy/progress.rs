//! What a person sees while something is deployed: a line a step, on standard error.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write as _};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::event::Event;
use super::stack::Happening;

/// How long a step may be silent where there is no terminal.
const QUIET: Duration = Duration::from_secs(10);

/// What is done sooner has no line of its own.
const WORTH_A_LINE: f64 = 1.0;

/// Shows steps: spinners with durations on a terminal, plain lines elsewhere, or events as JSON.
#[derive(Clone, Debug)]
pub struct Progress(Sink);

#[derive(Clone, Debug)]
enum Sink {
    Bars(MultiProgress),
    Lines,
    /// On standard output: there they are the result.
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
    /// Events on standard output when `json`, else what suits standard error.
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

    /// Says something that is not part of a step.
    pub fn say(&self, line: &str) {
        match &self.0 {
            // It may be that the terminal is gone: then nobody reads.
            Sink::Bars(bars) => drop(bars.println(line)),
            Sink::Lines => print_line(line),
            Sink::Json => self.event(&Event::Note { text: line }),
        }
    }

    /// Prints an event where events are asked for.
    pub fn event(&self, event: &Event<'_>) {
        if matches!(self.0, Sink::Json) {
            // A reader that went away has what it wanted.
            let _ = writeln!(std::io::stdout().lock(), "{}", event.line());
        }
    }

    /// Runs `ask` with the terminal to itself.
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

/// A step that has begun. Dropped without [`Step::done`], it disappears from the terminal.
#[derive(Debug)]
pub struct Step {
    progress: Progress,
    what: String,
    begun: Instant,
    /// When a line was printed last, where there is no terminal.
    spoke: Cell<Instant>,
    /// When work on each resource began.
    since: RefCell<BTreeMap<String, f64>>,
    bar: Option<ProgressBar>,
}

impl Step {
    /// Shows what the step is busy with: always on a terminal, elsewhere a line every ten seconds.
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

    /// Shows what happened to a resource: a line once it is done, with how long that took.
    pub(crate) fn happened(&self, stack: &str, happening: &Happening) {
        let Happening {
            resource,
            kind,
            status,
            reason,
            ..
        } = happening;
        let seconds = self.seconds(happening);
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

    /// How long work on the resource took; `None` while it lasts.
    fn seconds(&self, happening: &Happening) -> Option<f64> {
        let mut since = self.since.borrow_mut();
        if happening.status.ends_with("_IN_PROGRESS") {
            since
                .entry(happening.resource.clone())
                .or_insert(happening.at);
            return None;
        }
        let begun = since.remove(&happening.resource)?;
        Some(happening.at - begun)
    }

    /// Says something about the step without ending it.
    pub(crate) fn say(&self, line: &str) {
        self.progress.say(&format!("{}: {line}", self.what));
    }

    /// Ends the step with its outcome and how long it took.
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
