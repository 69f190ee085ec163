//! The report of a run.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use indicatif::HumanCount;
use serde::Serialize;

use super::reading::{Listed, ReadSummary};
use super::source::{Sheet, located};
use super::synthetic::Checksums;
use super::verdict::Rejected;
use crate::item::Skipped;

/// An event that the API rejected as invalid.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct RejectedRow {
    /// Sheet of a workbook. `None` for a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Line of the file, row of the sheet, or number of the synthetic row.
    pub line: Option<u64>,
    /// Name of the invalid field.
    pub field: String,
    /// Reason code, for programs.
    pub reason: String,
    /// Explanation, for people.
    pub detail: String,
}

impl RejectedRow {
    /// Returns the rejection of the event from `line`.
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

/// Counters of a run.
#[derive(Debug, Default)]
pub struct Tally {
    /// Number of events on the stream.
    pub accepted: u64,
    /// Events that the API rejected as invalid.
    pub rejected: Listed<RejectedRow>,
    /// Fields that the API ignored; at most twenty from each response.
    pub unknown_fields: BTreeSet<String>,
    /// Number of retried events, each counted once per retry.
    pub retried: u64,
    /// Duration of each request. A million events take about 2,000 requests.
    pub requests: Vec<Duration>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Every event was accepted or rejected.
    Finished,
    /// The user pressed Ctrl-C.
    Interrupted,
    /// The API or the source failed.
    Failed,
}

/// Durations of requests, in milliseconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct RequestTimes {
    /// Number of requests that were answered.
    pub count: usize,
    /// Median.
    pub p50_ms: u128,
    /// 99th percentile.
    pub p99_ms: u128,
}

/// The wait until all accepted events are in the warehouse or rejected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waited {
    /// Duration of the wait.
    pub seconds: f64,
    /// Events of the run in the warehouse.
    pub loaded: u64,
    /// Events of the run that were rejected by a stage after the API.
    pub rejected: u64,
}

/// The report that `stack stream --json` prints. Its fields are a public contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    pub environment: String,
    pub ending: Ending,
    /// Prefix of the ids of the run's events.
    pub event_id_prefix: String,
    /// Number of rows that were read as events.
    pub rows: u64,
    /// Number of events on the stream.
    pub accepted: u64,
    /// Events that the API rejected as invalid.
    pub rejected: Listed<RejectedRow>,
    /// Malformed rows.
    pub skipped: Listed<Skipped>,
    /// Fields that the API ignored.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub unknown_fields: BTreeSet<String>,
    /// Number of retried events, each counted once per retry.
    pub retried: u64,
    /// Seconds from the first request to the last response.
    pub seconds: f64,
    /// Accepted and rejected events per second.
    pub events_per_second: u64,
    pub requests: RequestTimes,
    /// Expected results for these events alone. `None` unless the rows are synthetic.
    pub expected: Option<Checksums>,
    /// Result of `--wait`.
    pub wait: Option<Waited>,
}

impl Report {
    /// Returns the report on a run that took `took`.
    #[must_use]
    pub fn new(
        environment: &str,
        prefix: &str,
        ending: Ending,
        took: Duration,
        mut read: ReadSummary,
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

/// Replaces row numbers that are counted across sheets by sheet and row.
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

/// Returns `events` per second. Under one millisecond no rate can be computed.
#[must_use]
pub(crate) fn per_second(events: u64, took: Duration) -> u64 {
    let rate = u128::from(events) * 1_000 / took.as_millis().max(1);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

fn request_times(mut times: Vec<Duration>) -> RequestTimes {
    times.sort_unstable();
    // Nearest-rank percentile: a measured time that is at least as long as `percent` of all.
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

impl Report {
    fn counts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = HumanCount;
        writeln!(
            f,
            "{} accepted, {} rejected, {} retried; {} rows read, {} skipped",
            count(self.accepted),
            count(self.rejected.count),
            count(self.retried),
            count(self.rows),
            count(self.skipped.count),
        )?;
        writeln!(
            f,
            "{} events/s over {:.1} s; {} requests, p50 {} ms, p99 {} ms",
            count(self.events_per_second),
            self.seconds,
            count(self.requests.count as u64),
            self.requests.p50_ms,
            self.requests.p99_ms,
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = HumanCount;
        self.counts(f)?;
        if self.rows == 0 && self.skipped.count == 0 && self.ending == Ending::Finished {
            writeln!(f, "nothing was sent: the source has a header and no rows")?;
        }
        problems(f, &self.rejected, &self.skipped)?;
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
                "{} loaded, {} rejected by later stages, {:.1} s after the last response",
                count(wait.loaded),
                count(wait.rejected),
                wait.seconds,
            )?;
        }
        writeln!(f, "event ids start with {}", self.event_id_prefix)
    }
}

/// Writes the first problems of each kind.
fn problems(
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
