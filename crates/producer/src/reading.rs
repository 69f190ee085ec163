//! Reads a source as batches, and counts what it held.

use serde::Serialize;

use super::batch::{Batch, Batcher, Limits};
use super::event::{Prefix, write};
use super::source::{Sheet, Source, SourceError};
use super::synthetic::Checksums;
use crate::item::{Item, Skipped};

/// Maximum number of items of each kind that are kept for the report.
const SHOWN: usize = 20;

/// A count, with the first items kept for the report.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Listed<T> {
    /// Total number.
    pub count: u64,
    /// The first twenty items.
    pub first: Vec<T>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self {
            count: 0,
            first: Vec::new(),
        }
    }
}

impl<T> Listed<T> {
    /// Counts one item.
    pub fn add(&mut self, thing: T) {
        self.add_as(1, thing);
    }

    /// Counts `count` items, described by `thing`.
    pub(crate) fn add_as(&mut self, count: u64, thing: T) {
        self.count += count;
        if self.first.len() < SHOWN {
            self.first.push(thing);
        }
    }
}

/// What was read from a source.
#[derive(Clone, Debug, Default)]
pub struct ReadSummary {
    /// Number of rows in batches.
    pub rows: u64,
    /// Number of the last row that was read, sent now or in an earlier run; `None` if there is none.
    pub last: Option<u64>,
    /// Malformed rows.
    pub skipped: Listed<Skipped>,
    /// Sheets of a workbook, in order.
    pub sheets: Vec<Sheet>,
    /// Expected results, for synthetic rows.
    pub expected: Option<Checksums>,
}

/// The rows of a source, or its first rows, as batches.
#[derive(Debug)]
pub struct Batches {
    source: Source,
    prefix: Prefix,
    batcher: Batcher,
    /// Number of rows that may still be read.
    left: u64,
    /// Rows up to this line are not sent.
    after: u64,
    read: ReadSummary,
}

impl Batches {
    /// Batches the first `rows` rows of `source`, or all rows, within `limits`.
    ///
    /// The limit on rows does not change their ids.
    #[must_use]
    pub fn new(source: Source, limits: Limits, rows: Option<u64>) -> Self {
        let prefix = source.prefix().clone();
        let left = rows.unwrap_or(u64::MAX);
        Self {
            source,
            prefix,
            batcher: Batcher::new(limits),
            left,
            after: 0,
            read: ReadSummary::default(),
        }
    }

    /// Skips the rows up to `line`. The ids of the others do not change.
    #[must_use]
    pub fn after(self, line: u64) -> Self {
        Self {
            after: line,
            ..self
        }
    }

    /// Reads the next batch; `None` at the end.
    ///
    /// # Errors
    ///
    /// When the source cannot be read further.
    pub fn read(&mut self) -> Result<Option<Batch>, SourceError> {
        while self.left > 0 {
            match self.source.read()? {
                None => break,
                Some(Item::Skipped(skipped)) if skipped.line <= self.after => self.left -= 1,
                Some(Item::Row(row)) if row.line <= self.after => {
                    self.left -= 1;
                    self.read.last = Some(row.number);
                }
                Some(Item::Skipped(skipped)) => {
                    self.left -= 1;
                    self.read.skipped.add_as(skipped.rows, skipped);
                }
                Some(Item::Row(row)) => {
                    self.left -= 1;
                    self.read.rows += 1;
                    self.read.last = Some(row.number);
                    let write = |body: &mut Vec<u8>| {
                        write(body, &self.prefix, row.number, &row.fields);
                    };
                    let full = self
                        .batcher
                        .push(&row.fields[0], row.line, row.position, write);
                    if full.is_some() {
                        return Ok(full);
                    }
                }
            }
        }
        Ok(self.batcher.finish())
    }

    /// Returns what was read so far.
    #[must_use]
    pub fn account(&self) -> ReadSummary {
        ReadSummary {
            expected: self.source.checksums(),
            sheets: self.source.sheets().to_vec(),
            ..self.read.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::event::COLUMNS;
    use crate::{Columns, MAX_BYTES};

    const LIMITS: Limits = Limits {
        events: 10,
        bytes: MAX_BYTES,
    };

    fn ids(mut batches: Batches) -> (Vec<String>, ReadSummary) {
        let mut ids = Vec::new();
        while let Some(batch) = batches.read().unwrap() {
            let events: Vec<serde_json::Value> = serde_json::from_slice(batch.body()).unwrap();
            ids.extend(
                events
                    .iter()
                    .map(|event| event["EventId"].as_str().unwrap().to_owned()),
            );
        }
        (ids, batches.account())
    }

    #[test]
    fn a_limit_stops_early_and_changes_no_id() {
        let (all, read) = ids(Batches::new(Source::synthetic(100, 1), LIMITS, None));
        let (some, limited) = ids(Batches::new(Source::synthetic(100, 1), LIMITS, Some(33)));
        assert_eq!((all.len(), some.len()), (100, 33));
        assert_eq!(some, all[..33]);
        assert_eq!((read.rows, limited.rows), (100, 33));
        assert_eq!(limited.expected.unwrap().rows, 33);
    }

    #[test]
    fn rows_up_to_a_line_are_left_out_and_the_others_keep_their_ids() {
        let (all, _) = ids(Batches::new(Source::synthetic(100, 1), LIMITS, None));
        let (rest, read) = ids(Batches::new(Source::synthetic(100, 1), LIMITS, Some(90)).after(33));
        assert_eq!(rest, all[33..90]);
        assert_eq!(read.rows, 57);
    }

    #[test]
    fn rows_of_a_file_are_named_by_its_content_and_skipped_ones_leave_a_gap() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let row = "536365,85123A,HOLDER,6,12/1/2010 8:26,2.55,17850,EIRE";
        writeln!(file, "{}\n{row}\nbroken\n{row}", COLUMNS.join(",")).unwrap();
        let source = Source::open(file.path(), &Columns::default()).unwrap();
        let prefix = source.prefix().clone();
        let (ids, read) = ids(Batches::new(source, LIMITS, None));
        assert_eq!(ids, [prefix.id(1), prefix.id(3)]);
        assert_eq!(
            (read.rows, read.skipped.count, read.skipped.first[0].line),
            (2, 1, 3)
        );
        assert_eq!(read.expected, None);
    }

    #[test]
    fn a_file_that_is_not_there_or_is_something_else_says_what_to_do() {
        let missing = Source::open("no/such.csv".as_ref(), &Columns::default()).unwrap_err();
        insta::assert_snapshot!(missing, @"`no/such.csv` cannot be read: name a CSV file or an .xlsx workbook, or use --synthetic 20000");
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(
            Source::open(file.path(), &Columns::default()),
            Err(SourceError::Csv { .. })
        ));
    }

    #[test]
    fn only_the_first_twenty_are_kept_to_be_shown() {
        let mut listed = Listed::default();
        (0..50).for_each(|thing| listed.add(thing));
        assert_eq!((listed.count, listed.first), (50, (0..20).collect()));
    }
}
