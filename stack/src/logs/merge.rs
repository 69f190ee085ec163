//! Merges the events of several log groups into one sequence of lines.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
use time::OffsetDateTime;
use time::serde::rfc3339;

/// How much later than newer events an event may arrive and still be shown, in milliseconds. Ingestion takes seconds.
pub(super) const LATE_MS: i64 = 30_000;

/// A line of a log.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Line {
    #[serde(with = "rfc3339")]
    pub at: OffsetDateTime,
    /// `api`, or the name of the function.
    pub source: &'static str,
    /// Message without the line end.
    pub message: String,
}

/// An event of CloudWatch Logs.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) at_ms: i64,
    pub(super) source: &'static str,
    pub(super) message: String,
}

/// Keeps what was shown, so that overlapping polls show each event once.
#[derive(Debug)]
pub struct Merge {
    since_ms: i64,
    newest_ms: i64,
    shown: BTreeMap<i64, HashSet<String>>,
}

impl Merge {
    /// Ignores events before `since`.
    #[must_use]
    pub fn since(since: OffsetDateTime) -> Self {
        let since_ms = since.unix_timestamp() * 1000;
        Self {
            since_ms,
            newest_ms: since_ms,
            shown: BTreeMap::new(),
        }
    }

    /// Returns the start time of the next poll, in milliseconds since 1970: some time before the newest event.
    pub(super) fn start_ms(&self) -> i64 {
        (self.newest_ms - LATE_MS).max(self.since_ms)
    }

    /// Returns the lines that were not shown yet, ordered by time, then by source.
    ///
    /// The emulator gives events of the same millisecond the same id, so their order is part of their identity.
    /// Overlapping polls return them in the same order.
    pub(super) fn take(&mut self, mut events: Vec<Event>) -> Vec<Line> {
        let mut places = BTreeMap::new();
        events.retain(|event| {
            let place: &mut usize = places
                .entry((event.at_ms, event.source, event.id.clone()))
                .or_default();
            *place += 1;
            let shown = self.shown.entry(event.at_ms).or_default();
            shown.insert(format!("{}\0{}\0{place}", event.source, event.id))
        });
        // The sort is stable: lines of one source and millisecond keep their order.
        events.sort_by_key(|event| (event.at_ms, event.source));
        if let Some(newest) = events.last() {
            self.newest_ms = self.newest_ms.max(newest.at_ms);
        }
        let from = self.start_ms();
        self.shown = self.shown.split_off(&from);
        events.into_iter().filter_map(Event::into_line).collect()
    }
}

impl Event {
    fn into_line(self) -> Option<Line> {
        let nanoseconds = i128::from(self.at_ms) * 1_000_000;
        Some(Line {
            at: OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok()?,
            source: self.source,
            message: self.message.trim_end().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOON: OffsetDateTime = datetime!(2026-01-02 12:00 UTC);

    fn event(seconds: i64, source: &'static str, id: &str) -> Event {
        Event {
            id: id.to_owned(),
            at_ms: (NOON.unix_timestamp() + seconds) * 1000,
            source,
            message: format!("{id}\n"),
        }
    }

    fn messages(lines: &[Line]) -> Vec<&str> {
        lines.iter().map(|line| line.message.as_str()).collect()
    }

    #[test]
    fn lines_of_all_sources_come_in_the_order_of_time() {
        let mut merge = Merge::since(NOON);
        let lines = merge.take(vec![
            event(3, "store", "c"),
            event(1, "store", "a"),
            event(2, "ingest", "b"),
            event(3, "ingest", "before c"),
        ]);
        assert_eq!(messages(&lines), ["a", "b", "before c", "c"]);
    }

    #[test]
    fn overlapping_looks_show_each_event_once_and_late_ones_still() {
        let mut merge = Merge::since(NOON);
        merge.take(vec![event(100, "store", "new")]);
        assert_eq!(merge.start_ms(), (NOON.unix_timestamp() + 70) * 1000);
        let again = vec![
            event(100, "store", "new"),
            event(80, "load", "late"),
            event(100, "load", "new"),
        ];
        assert_eq!(messages(&merge.take(again)), ["late", "new"]);
        assert!(merge.take(vec![event(100, "store", "new")]).is_empty());
    }

    #[test]
    fn events_of_one_moment_that_have_one_id_are_all_shown_and_each_once() {
        let line = |message: &str| Event {
            message: message.to_owned(),
            ..event(1, "load", "0")
        };
        let mut merge = Merge::since(NOON);
        let first = merge.take(vec![line("START"), line("error")]);
        assert_eq!(messages(&first), ["START", "error"]);
        let again = merge.take(vec![line("START"), line("error"), line("END")]);
        assert_eq!(messages(&again), ["END"]);
    }

    #[test]
    fn a_look_never_goes_back_before_the_beginning_and_forgets_what_it_cannot_see_again() {
        let mut merge = Merge::since(NOON);
        assert_eq!(merge.start_ms(), NOON.unix_timestamp() * 1000);
        merge.take(vec![event(1, "store", "old")]);
        merge.take(vec![event(1000, "store", "new")]);
        assert_eq!(merge.shown.len(), 1);
    }
}
