//! Splits a staged file that COPY rejects into files without the rejected rows.
//!
//! Pure: takes bytes and line numbers, returns bytes. The file is read twice and never held decompressed, because the
//! largest files have gigabytes then.

use std::collections::BTreeSet;
use std::io;

use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use super::csv_rows::{Rows, trimmed};
use crate::gzip;

/// The most files for suspect rows of several lines in one split.
const MAX_GROUPS: usize = 32;

/// The result of splitting a file.
#[derive(Debug, Default)]
pub(super) struct Isolated {
    /// Files with the rows that may be loadable. Each has fewer rows than the original.
    pub parts: Vec<Part>,
    /// Rows that COPY rejects.
    pub refused: Vec<RefusedRow>,
}

/// A file that replaces the original, together with others. It has the same header.
#[derive(Debug)]
pub(super) struct Part {
    /// SHA-256 of its text in hexadecimal: the same rows have the same name.
    pub name: String,
    /// Its compressed text.
    pub bytes: Vec<u8>,
}

/// A row that COPY rejects.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct RefusedRow {
    /// Its first line in the file, from 1.
    pub line: u64,
    /// The original bytes without the line end.
    pub bytes: Vec<u8>,
    /// Its event id, if it can be read.
    pub event_id: Option<String>,
}

/// Removes the rows that COPY reports by `lines` from the compressed file. Without line numbers, splits it in half.
///
/// AWS does not document whether COPY counts rows or lines, which differ after a field with line breaks. A row that
/// only one of the two counts points at is a suspect: it is moved to a file with few rows, which COPY then checks. If
/// a file has only one row, that row is the rejected one.
///
/// Returns `None` if the file is not gzip, or has no rows after the header.
pub(super) fn isolate(file: &[u8], lines: &BTreeSet<u64>) -> Option<Isolated> {
    let plan = Plan::of(file, lines).ok()?;
    if plan.rows == 0 {
        return None;
    }
    write(file, &plan).ok()
}

/// Assigns each row to a file.
#[derive(Debug, Default)]
struct Plan {
    rows: usize,
    refused: BTreeSet<usize>,
    /// Suspect rows of one line.
    single: BTreeSet<usize>,
    /// Suspect rows of several lines, in the order of the file.
    multiple: Vec<usize>,
}

impl Plan {
    fn of(file: &[u8], lines: &BTreeSet<u64>) -> io::Result<Self> {
        let mut reader = Rows::new(file);
        let mut plan = Self::default();
        if !reader.next()? {
            return Ok(plan);
        }
        while reader.next()? {
            let (row, number, first) = (plan.rows, reader.number, reader.line);
            plan.rows += 1;
            let is_named = lines.range(first..reader.next_line).next().is_some();
            if number == first && lines.contains(&first) {
                plan.refused.insert(row);
            } else if (is_named || lines.contains(&number)) && reader.next_line - first == 1 {
                plan.single.insert(row);
            } else if is_named || lines.contains(&number) {
                plan.multiple.push(row);
            }
        }
        if plan.rows == 1 {
            plan.refused.insert(0);
        }
        Ok(plan)
    }

    /// Returns the index of the file for `row`; `None` if the row is rejected.
    fn part(&self, row: usize) -> Option<usize> {
        if self.refused.contains(&row) {
            return None;
        }
        if self.refused.is_empty() && self.single.is_empty() && self.multiple.is_empty() {
            return Some(usize::from(row >= self.rows / 2));
        }
        if self.single.contains(&row) {
            return Some(1);
        }
        let group = self.multiple.len().div_ceil(MAX_GROUPS).max(1);
        let place = self.multiple.binary_search(&row).ok();
        Some(place.map_or(0, |place| 2 + place / group))
    }
}

fn write(file: &[u8], plan: &Plan) -> io::Result<Isolated> {
    let mut reader = Rows::new(file);
    reader.next()?;
    let header = reader.row.clone();
    let mut isolated = Isolated::default();
    let mut writers: Vec<Option<Writer>> = Vec::new();
    let mut row = 0;
    while reader.next()? {
        match plan.part(row) {
            None => isolated.refused.push(RefusedRow {
                line: reader.line,
                bytes: trimmed(&reader.row).to_vec(),
                event_id: event_id(&header, &reader.row),
            }),
            Some(part) => {
                if writers.len() <= part {
                    writers.resize_with(part + 1, || None);
                }
                let writer = match &mut writers[part] {
                    Some(writer) => writer,
                    none => none.insert(Writer::new(&header)?),
                };
                writer.add(&reader.row)?;
            }
        }
        row += 1;
    }
    for writer in writers.into_iter().flatten() {
        isolated.parts.push(writer.finish()?);
    }
    Ok(isolated)
}

struct Writer {
    gzip: GzEncoder<Vec<u8>>,
    hash: Sha256,
}

impl Writer {
    fn new(header: &[u8]) -> io::Result<Self> {
        let mut writer = Self {
            gzip: gzip::writer(Vec::new()),
            hash: Sha256::new(),
        };
        writer.add(header)?;
        Ok(writer)
    }

    fn add(&mut self, row: &[u8]) -> io::Result<()> {
        for bytes in [trimmed(row), b"\n"] {
            self.hash.update(bytes);
            io::Write::write_all(&mut self.gzip, bytes)?;
        }
        Ok(())
    }

    fn finish(self) -> io::Result<Part> {
        Ok(Part {
            name: hex::encode(self.hash.finalize()),
            bytes: self.gzip.finish()?,
        })
    }
}

fn event_id(header: &[u8], row: &[u8]) -> Option<String> {
    let fields = |bytes| {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(bytes);
        reader.records().next()?.ok()
    };
    let position = fields(header)?.iter().position(|name| name == "event_id")?;
    fields(row)?.get(position).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::MultiGzDecoder;
    use proptest::prelude::*;

    use super::*;

    fn texts(isolated: &Isolated) -> Vec<String> {
        let text = |part: &Part| {
            let mut text = String::new();
            MultiGzDecoder::new(part.bytes.as_slice())
                .read_to_string(&mut text)
                .unwrap();
            text
        };
        isolated.parts.iter().map(text).collect()
    }

    fn isolated(text: &str, lines: &[u64]) -> Isolated {
        isolate(
            &gzip::compress(text.as_bytes()),
            &lines.iter().copied().collect(),
        )
        .unwrap()
    }

    #[test]
    fn rows_that_copy_reports_are_removed_with_their_original_bytes() {
        let text = "event_id,n\ne-1,1\r\ne-2,\"two, \"\"2\"\"\"\ne-3,3\ne-4,4";
        let isolated = isolated(text, &[3, 5]);
        assert_eq!(texts(&isolated), ["event_id,n\ne-1,1\ne-3,3\n"]);
        let rows: Vec<_> = isolated
            .refused
            .iter()
            .map(|row| (row.line, str::from_utf8(&row.bytes).unwrap()))
            .collect();
        assert_eq!(rows, [(3, "e-2,\"two, \"\"2\"\"\""), (5, "e-4,4")]);
        assert_eq!(isolated.refused[1].event_id.as_deref(), Some("e-4"));
    }

    #[test]
    fn a_suspect_row_is_moved_to_a_file_with_few_rows() {
        // Line 5 is the second e-3; row 5 is e-4.
        let text = "event_id,n\ne-1,\"a\nb\"\ne-2,2\ne-3,3\ne-4,4\ne-5,5\n";
        let isolated = isolated(text, &[5]);
        assert!(isolated.refused.is_empty());
        assert_eq!(
            texts(&isolated),
            [
                "event_id,n\ne-1,\"a\nb\"\ne-2,2\ne-5,5\n",
                "event_id,n\ne-3,3\ne-4,4\n",
            ]
        );
    }

    #[test]
    fn suspect_rows_of_several_lines_get_files_of_their_own() {
        // Line 4 is inside of e-1, and row 4 is e-3.
        let text = "event_id,n\ne-1,\"a\nb\nc\"\ne-2,2\ne-3,\"d\ne\"\ne-4,4\n";
        let isolated = isolated(text, &[4]);
        assert!(isolated.refused.is_empty());
        assert_eq!(
            texts(&isolated),
            [
                "event_id,n\ne-2,2\ne-4,4\n",
                "event_id,n\ne-1,\"a\nb\nc\"\n",
                "event_id,n\ne-3,\"d\ne\"\n",
            ]
        );
    }

    #[test]
    fn many_suspect_rows_of_several_lines_share_at_most_32_files() {
        let rows: Vec<_> = (0..70).map(|n| format!("e-{n},\"a\nb\"\n")).collect();
        let rows = rows.concat();
        let text = format!("event_id,n\n{rows}e-70,1\n");
        // Each names the second line of a row.
        let lines: Vec<_> = (0..70).map(|n| 3 + 2 * n).collect();
        let parts = texts(&isolated(&text, &lines));
        // Three rows each; the row of one line is in the first file.
        assert_eq!(parts.len(), 1 + 70_usize.div_ceil(3));
        assert_eq!(parts[0], "event_id,n\ne-70,1\n");
        let group = "event_id,n\ne-0,\"a\nb\"\ne-1,\"a\nb\"\ne-2,\"a\nb\"\n";
        assert_eq!(parts[1], group);
    }

    #[test]
    fn a_file_without_reported_lines_is_halved_until_one_row_is_left() {
        let text = "event_id,n\ne-1,1\ne-2,2\ne-3,3\n";
        let halves = isolated(text, &[]);
        assert_eq!(
            texts(&halves),
            ["event_id,n\ne-1,1\n", "event_id,n\ne-2,2\ne-3,3\n"]
        );
        let alone = isolated("event_id,n\ne-1,1\n", &[]);
        assert_eq!((alone.parts.len(), alone.refused.len()), (0, 1));
        // A line number beyond the end of the file is ignored.
        assert_eq!(texts(&isolated(text, &[9])), texts(&halves));
    }

    #[test]
    fn a_file_that_is_not_gzip_or_has_no_rows_cannot_be_split() {
        let whole = gzip::compress("event_id\ne-1\n".repeat(99).as_bytes());
        for bytes in [&b"no gzip"[..], &whole[..whole.len() / 2], b""] {
            assert!(isolate(bytes, &BTreeSet::new()).is_none());
        }
        assert!(isolate(&gzip::compress(b"event_id\n"), &BTreeSet::new()).is_none());
    }

    proptest! {
        #[test]
        fn every_row_is_kept_once_and_every_split_makes_files_smaller(
            rows in prop::collection::vec("[a-c\",\n]{0,6}", 1..40),
            lines in prop::collection::btree_set(1..60_u64, 0..20),
        ) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["event_id", "text"]).unwrap();
            for (number, row) in rows.iter().enumerate() {
                writer.write_record([&number.to_string(), row]).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let isolated = isolate(&gzip::compress(text.as_bytes()), &lines).unwrap();
            let mut kept = Vec::new();
            for text in texts(&isolated) {
                let mut reader = csv::Reader::from_reader(text.as_bytes());
                let part: Vec<_> = reader
                    .records()
                    .map(|row| (row.as_ref().unwrap()[0].to_owned(), row.unwrap()[1].to_owned()))
                    .collect();
                prop_assert!(part.len() < rows.len());
                kept.extend(part);
            }
            for row in &isolated.refused {
                let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(row.bytes.as_slice());
                let read = reader.records().next().unwrap().unwrap();
                prop_assert_eq!(row.event_id.as_deref(), Some(&read[0]));
                kept.push((read[0].to_owned(), read[1].to_owned()));
            }
            kept.sort_by_key(|(number, _)| number.parse::<usize>().unwrap());
            let expected: Vec<_> = rows.iter().enumerate().map(|(n, row)| (n.to_string(), row.clone())).collect();
            prop_assert_eq!(kept, expected);
        }
    }
}
