//! Reads the lines of the raw lake, one at a time.

use std::io::{self, BufRead, BufReader, Read as _};

use events::row::Row;
use events::{LakeLine, MAX_EVENT_BYTES};
use flate2::bufread::MultiGzDecoder;

use crate::rejects::{Rejected, Stage};

/// The longest line, in bytes: an event and its metadata, with room to spare.
const MAX_LINE_BYTES: usize = 4 * MAX_EVENT_BYTES;

/// The lines of a gzip object. Holds one line in memory at a time, however large the decompressed object is.
pub(super) struct Lines<'a> {
    key: &'a str,
    /// Number of lines read, including blank ones.
    number: u64,
    reader: BufReader<MultiGzDecoder<&'a [u8]>>,
    line: Vec<u8>,
}

impl<'a> Lines<'a> {
    /// Reads `object`, whose key is `key`.
    pub(super) fn new(key: &'a str, object: &'a [u8]) -> Self {
        Self {
            key,
            number: 0,
            reader: BufReader::new(MultiGzDecoder::new(object)),
            line: Vec::new(),
        }
    }

    /// Parses the next line that is not blank. Returns `None` at the end.
    ///
    /// # Errors
    ///
    /// Fails if the object is not gzip or is truncated. The whole object is rejected then.
    pub(super) fn next(&mut self) -> io::Result<Option<Result<Row, Rejected>>> {
        loop {
            self.line.clear();
            let most = MAX_LINE_BYTES as u64;
            let read = self
                .reader
                .by_ref()
                .take(most)
                .read_until(b'\n', &mut self.line)?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if read == MAX_LINE_BYTES && !self.line.ends_with(b"\n") {
                self.reader.skip_until(b'\n')?;
                let reject = too_long(&self.line);
                return Ok(Some(Err(reject.at_position(self.position()))));
            }
            let line = self.line.trim_ascii();
            if !line.is_empty() {
                let row = row(line).map_err(|reject| reject.at_position(self.position()));
                return Ok(Some(row));
            }
        }
    }

    fn position(&self) -> String {
        format!("{}, line {}", self.key, self.number)
    }
}

/// Parses a line of the lake into a row of the warehouse.
#[expect(clippy::result_large_err, reason = "one a line that is refused")]
fn row(line: &[u8]) -> Result<Row, Rejected> {
    let lake: LakeLine = serde_json::from_slice(line).map_err(|error| {
        Rejected::record(Stage::Transform, "not_a_lake_line", error.to_string(), line)
    })?;
    let event = events::read_received(lake.event.get(), lake.received_at).map_err(|reject| {
        Rejected::event(Stage::Transform, &reject, lake.event.get())
            .kept_at(lake.received_at)
            .of_envelope(&lake.event_id, &lake.envelope_id, lake.received_at)
    })?;
    Ok(Row {
        event_id: lake.event_id,
        envelope_id: lake.envelope_id,
        line: event.line,
        ingested_at: lake.received_at,
    })
}

fn too_long(start: &[u8]) -> Rejected {
    let kept = start.get(..1_024).unwrap_or(start);
    let detail =
        format!("the line has more than {MAX_LINE_BYTES} bytes; the record has its first 1,024");
    Rejected::record(Stage::Transform, "too_large", detail, kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gzip::compress;

    const LINE: &str = r#"{"event_id":"e-1","envelope_id":"0123456789abcdef0123456789abcdef","received_at":"2026-01-02T03:04:05Z","event":{"InvoiceNo":"536365","StockCode":"85123A","Quantity":6,"InvoiceDate":"12/1/2010 8:26","UnitPrice":2.55,"Country":"United Kingdom"}}"#;

    fn read(object: &[u8]) -> io::Result<Vec<Result<Row, Rejected>>> {
        let mut lines = Lines::new("raw/v1/a.ndjson.gz", object);
        std::iter::from_fn(|| lines.next().transpose()).collect()
    }

    #[test]
    fn valid_lines_become_rows_and_the_others_are_rejected() {
        let wrong = LINE.replace("\"Quantity\":6", "\"Quantity\":\"six\"");
        let text = format!("{LINE}\n\n  \r\n{{}}\n{wrong}\n{LINE}");
        let read = read(&compress(text.as_bytes())).unwrap();
        let words: Vec<_> = read
            .iter()
            .map(|line| {
                line.as_ref()
                    .map_or_else(|r| r.reason.as_str(), |row| row.event_id.as_ref())
            })
            .collect();
        assert_eq!(words, ["e-1", "not_a_lake_line", "not_a_number", "e-1"]);
        let wrong = read[2].as_ref().unwrap_err();
        let position = wrong.position.as_deref();
        assert_eq!(position, Some("raw/v1/a.ndjson.gz, line 5"));
        assert_eq!(wrong.event_id.as_deref(), Some("e-1"));
    }

    #[test]
    fn a_line_without_end_is_rejected_and_does_not_fill_the_memory() {
        let text = format!("{}\n{LINE}\n", "x".repeat(3 * MAX_LINE_BYTES));
        let read = read(&compress(text.as_bytes())).unwrap();
        assert_eq!(read[0].as_ref().unwrap_err().reason, "too_large");
        assert_eq!(read[0].as_ref().unwrap_err().record.len(), 1_024);
        assert!(read[1].is_ok());
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn a_line_may_have_32768_bytes_and_no_more() {
        let text = format!("{LINE:<32767}\n{LINE:<32768}\n{LINE}\n");
        let read = read(&compress(text.as_bytes())).unwrap();
        let reasons: Vec<_> = read
            .iter()
            .map(|line| line.as_ref().err().map(|reject| reject.reason.as_str()))
            .collect();
        assert_eq!(reasons, [None, Some("too_large"), None]);
    }

    #[test]
    fn gzip_members_one_after_the_other_are_one_object() {
        let twice = [
            compress(LINE.as_bytes()),
            compress(format!("\n{LINE}").as_bytes()),
        ]
        .concat();
        assert_eq!(read(&twice).unwrap().len(), 2);
    }

    #[test]
    fn an_object_that_is_not_gzip_or_breaks_off_is_an_error() {
        assert!(read(LINE.as_bytes()).is_err());
        let whole = compress(format!("{LINE}\n").repeat(100).as_bytes());
        assert!(read(&whole[..whole.len() - 4]).is_err());
    }
}
