//! What became of the events of a run.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use indicatif::HumanCount;
use serde::Serialize;

use super::answer::Rejected;
use super::made::Checksums;
use super::reading::{Listed, Read};
use super::source::{Sheet, located};
use super::wait::Waited;
use crate::stream::item::Skipped;

/// An event that the API refused for what it says.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct RejectedRow {
    /// The sheet of a workbook; a file has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Line of the file, or row of the sheet; of made rows, the row's number.
    pub line: Option<u64>,
    /// The field that is wrong.
    pub field: String,
    /// Why, for programs.
    pub reason: String,
    /// Why, for people.
    pub detail: String,
}

impl RejectedRow {
    /// The refusal of the event from `line`.
    #[must_use]
    pub fn new(line: Option<u64>, rejected: Rejected) -> Self {
        let Rejected {
            field,
            reason,
            detail,
            ..
        } = rejected;
        Self {
            sheet: None,
            line,
            field,
            reason,
            detail,
        }
    }
}

/// Counts of a run as they grow.
#[derive(Debug, Default)]
pub struct Tally {
    /// Events on the stream.
    pub accepted: u64,
    /// Events that the API refused for what they say.
    pub rejected: Listed<RejectedRow>,
    /// Fields that the API ignored; of each answer the first twenty.
    pub unknown_fields: BTreeSet<String>,
    /// Events sent again, counted each time.
    pub retried: u64,
    /// How long each request took; two hundred of a million events.
    pub requests: Vec<Duration>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Every event was accepted or rejected.
    Finished,
    /// Somebody pressed Ctrl-C.
    Interrupted,
    /// The API or the source failed.
    Failed,
}

/// How long requests took, in milliseconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct RequestTimes {
    /// How many requests were answered.
    pub count: usize,
    /// Half were faster.
    pub p50_ms: u128,
    /// One in a hundred was slower.
    pub p99_ms: u128,
}

/// What `stack stream --json` prints: the contract of its fields.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The environment.
    pub environment: String,
    /// How the run ended.
    pub ending: Ending,
    /// What the ids of the run's events start with.
    pub event_id_prefix: String,
    /// Rows read and made events of.
    pub rows: u64,
    /// Events on the stream.
    pub accepted: u64,
    /// Events that the API refused for what they say.
    pub rejected: Listed<RejectedRow>,
    /// Rows that no event can be made of.
    pub skipped: Listed<Skipped>,
    /// Fields that the API ignored.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub unknown_fields: BTreeSet<String>,
    /// Events sent again, counted each time.
    pub retried: u64,
    /// From the first request to the last answer.
    pub seconds: f64,
    /// Accepted and rejected ones.
    pub events_per_second: u64,
    /// How long requests took.
    pub requests: RequestTimes,
    /// What the platform should answer for these events alone; of made rows.
    pub expected: Option<Checksums>,
    /// The wait until all were loaded, if there was one.
    pub wait: Option<Waited>,
}

impl Report {
    /// The report on a run of `took`.
    #[must_use]
    pub fn new(
        environment: &str,
        prefix: &str,
        ending: Ending,
        took: Duration,
        mut read: Read,
        mut tally: Tally,
    ) -> Self {
        locate(&read.sheets, &mut tally.rejected, &mut read.skipped);
        Self {
            environment: environment.to_owned(),
            ending,
            event_id_prefix: prefix.to_owned(),
            rows: read.rows,
            accepted: tally.accepted,
            events_per_second: per_second(tally.accepted + tally.rejected.count, took),
            rejected: tally.rejected,
            skipped: read.skipped,
            unknown_fields: tally.unknown_fields,
            retried: tally.retried,
            seconds: took.as_secs_f64(),
            requests: request_times(tally.requests),
            expected: read.expected,
            wait: None,
        }
    }
}

/// Names sheet and row of what was told by a row that is counted on from sheet to sheet.
fn locate(sheets: &[Sheet], rejected: &mut Listed<RejectedRow>, skipped: &mut Listed<Skipped>) {
    for row in &mut rejected.first {
        if let Some(line) = row.line {
            let (sheet, line) = located(sheets, line);
            (row.sheet, row.line) = (sheet, Some(line));
        }
    }
    for row in &mut skipped.first {
        (row.sheet, row.line) = located(sheets, row.line);
    }
}

/// `events` in `took`, a second. Of less than a millisecond no rate can be told.
#[must_use]
pub fn per_second(events: u64, took: Duration) -> u64 {
    let rate = u128::from(events) * 1_000 / took.as_millis().max(1);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

fn request_times(mut times: Vec<Duration>) -> RequestTimes {
    times.sort_unstable();
    // The nearest rank: a time that was measured, and at least `percent` of all.
    let percentile = |percent: usize| {
        let rank = (times.len() * percent).div_ceil(100);
        times
            .get(rank.saturating_sub(1))
            .map_or(0, Duration::as_millis)
    };
    RequestTimes {
        count: times.len(),
        p50_ms: percentile(50),
        p99_ms: percentile(99),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = HumanCount;
        let Self {
            requests,
            rejected,
            skipped,
            ..
        } = self;
        writeln!(
            f,
            "{} accepted, {} rejected, {} retried; {} rows read, {} skipped",
            count(self.accepted),
            count(rejected.count),
            count(self.retried),
            count(self.rows),
            count(skipped.count),
        )?;
        writeln!(
            f,
            "{} events/s over {:.1} s; {} requests, p50 {} ms, p99 {} ms",
            count(self.events_per_second),
            self.seconds,
            count(requests.count as u64),
            requests.p50_ms,
            requests.p99_ms,
        )?;
        if self.rows == 0 && skipped.count == 0 && self.ending == Ending::Finished {
            writeln!(f, "nothing was sent: the source has a header and no rows")?;
        }
        troubles(f, rejected, skipped)?;
        if !self.unknown_fields.is_empty() {
            let names: Vec<_> = self.unknown_fields.iter().map(String::as_str).collect();
            writeln!(
                f,
                "  ignored fields that the API does not know: {}",
                names.join(", ")
            )?;
        }
        if let Some(wait) = &self.wait {
            writeln!(
                f,
                "{} loaded and {} rejected on the way, {:.1} s after the last answer",
                count(wait.loaded),
                count(wait.rejected),
                wait.seconds,
            )?;
        }
        writeln!(f, "event ids start with {}", self.event_id_prefix)
    }
}

/// The first of those that did not get through.
fn troubles(
    f: &mut fmt::Formatter<'_>,
    rejected: &Listed<RejectedRow>,
    skipped: &Listed<Skipped>,
) -> fmt::Result {
    for RejectedRow {
        sheet,
        line,
        field,
        reason,
        detail,
    } in &rejected.first
    {
        let at = place(sheet.as_deref(), line.unwrap_or_default());
        writeln!(f, "  rejected {at}: {field} {reason}: {detail}")?;
    }
    more(f, rejected.count, rejected.first.len() as u64)?;
    for Skipped {
        sheet,
        line,
        reason,
        ..
    } in &skipped.first
    {
        let at = place(sheet.as_deref(), *line);
        writeln!(f, "  skipped {at}: {reason}")?;
    }
    more(
        f,
        skipped.count,
        skipped.first.iter().map(|it| it.rows).sum(),
    )
}

fn place(sheet: Option<&str>, line: u64) -> String {
    match sheet {
        Some(sheet) => format!("sheet `{sheet}`, row {line}"),
        None => format!("line {line}"),
    }
}

fn more(f: &mut fmt::Formatter<'_>, count: u64, shown: u64) -> fmt::Result {
    match count.saturating_sub(shown) {
        0 => Ok(()),
        more => writeln!(f, "  and {} more", HumanCount(more)),
    }
}

#[cfg(test)]
mod tests;
