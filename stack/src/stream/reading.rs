//! A source as batches, with an account of what it held.

use serde::Serialize;

use super::made::Checksums;
use super::source::{Sheet, Source, SourceError};
use super::{Batch, Batcher, Limits, Prefix, write};
use crate::stream::item::{Item, Skipped};

/// How many of each kind of trouble are kept to be shown.
const SHOWN: usize = 20;

/// Things counted, of which the first are kept to be shown.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Listed<T> {
    /// How many there were.
    pub count: u64,
    /// The first twenty.
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
    /// Counts one more.
    pub fn add(&mut self, thing: T) {
        self.add_as(1, thing);
    }

    /// Counts `count` more, of which `thing` tells.
    pub fn add_as(&mut self, count: u64, thing: T) {
        self.count += count;
        if self.first.len() < SHOWN {
            self.first.push(thing);
        }
    }
}

/// What was read of a source.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Rows that went into batches.
    pub rows: u64,
    /// Number of the last of them; `None` when there is none.
    pub last: Option<u64>,
    /// Rows that no event can be made of.
    pub skipped: Listed<Skipped>,
    /// The sheets of a workbook, in order.
    pub sheets: Vec<Sheet>,
    /// What the platform should answer for them, if the rows were made.
    pub expected: Option<Checksums>,
}

/// The rows of a source, or its first ones, as batches.
#[derive(Debug)]
pub struct Batches {
    source: Source,
    prefix: Prefix,
    batcher: Batcher,
    /// Rows that may still be read.
    left: u64,
    read: Read,
}

impl Batches {
    /// Batches within `limits` of the first `rows` rows of `source`, or of all.
    ///
    /// Rows have the ids that they have without a limit.
    #[must_use]
    pub fn new(source: Source, limits: Limits, rows: Option<u64>) -> Self {
        let prefix = source.prefix().clone();
        let left = rows.unwrap_or(u64::MAX);
        Self {
            source,
            prefix,
            batcher: Batcher::new(limits),
            left,
            read: Read::default(),
        }
    }

    /// The next batch; `None` at the end.
    ///
    /// # Errors
    ///
    /// When the source cannot be read further.
    pub fn read(&mut self) -> Result<Option<Batch>, SourceError> {
        while self.left > 0 {
            match self.source.read()? {
                None => break,
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

    /// The account so far.
    #[must_use]
    pub fn account(&self) -> Read {
        Read {
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
    use crate::stream::{COLUMNS, Columns, MAX_BYTES};

    const LIMITS: Limits = Limits {
        events: 10,
        bytes: MAX_BYTES,
    };

    fn ids(mut batches: Batches) -> (Vec<String>, Read) {
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
        let (all, read) = ids(Batches::new(Source::made(100, 1), LIMITS, None));
        let (some, limited) = ids(Batches::new(Source::made(100, 1), LIMITS, Some(33)));
        assert_eq!((all.len(), some.len()), (100, 33));
        assert_eq!(some, all[..33]);
        assert_eq!((read.rows, limited.rows), (100, 33));
        assert_eq!((read.last, limited.last), (Some(100), Some(33)));
        assert_eq!(limited.expected.unwrap().rows, 33);
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
        insta::assert_snapshot!(missing, @"`no/such.csv` cannot be read: name a CSV file or an .xlsx workbook, or stream --synthetic 20000");
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
