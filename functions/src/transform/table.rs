//! Writes rows as gzip CSV in UTF-8: always a header, quotes as in RFC 4180, an empty field for NULL.

use csv::Writer;
use events::row::{COLUMNS, Row};
use flate2::write::GzEncoder;

use crate::gzip;
use crate::metrics::Arrivals;

/// Compressed size, in bytes, at which a file is closed: 64 MiB. AWS recommends 1 MB to 1 GB for COPY; 32 to 128 MB
/// keep the number of files and the function's memory small.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/c_best-practices-use-multiple-files.html>
pub const ROLL_BYTES: usize = 64 * 1024 * 1024;

/// A CSV file that is built in memory.
///
/// Lines end with `\n`, which COPY accepts as well as the `\r\n` of RFC 4180.
pub(super) struct Table {
    csv: Writer<GzEncoder<Vec<u8>>>,
    /// Number of rows so far.
    pub(super) rows: usize,
    arrivals: Arrivals,
}

impl Table {
    /// Starts a file with the header.
    pub(super) fn new() -> Self {
        let mut csv = Writer::from_writer(gzip::writer(Vec::new()));
        written(csv.write_record(COLUMNS.map(|column| column.name)));
        Self {
            csv,
            rows: 0,
            arrivals: Arrivals::default(),
        }
    }

    pub(super) fn add(&mut self, row: &Row) {
        self.rows += 1;
        self.arrivals.add(row.ingested_at, 1);
        let fields = row.fields();
        written(
            self.csv
                .write_record(fields.iter().map(|field| field.as_bytes())),
        );
    }

    /// Returns the compressed size so far, without the bytes that the compressor still buffers.
    pub(super) fn bytes(&self) -> usize {
        self.csv.get_ref().get_ref().len()
    }

    /// Returns the finished file, and when its events arrived.
    pub(super) fn finish(self) -> (Vec<u8>, Arrivals) {
        let gzip = self
            .csv
            .into_inner()
            .map_err(csv::IntoInnerError::into_error);
        (written(gzip.and_then(GzEncoder::finish)), self.arrivals)
    }
}

fn written<T, E: std::fmt::Debug>(done: Result<T, E>) -> T {
    #[expect(
        clippy::expect_used,
        reason = "memory takes every write, and each row has a field a column"
    )]
    done.expect("a row is written to memory")
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;
    use time::macros::datetime;

    use super::*;

    fn row(json: &str) -> Row {
        Row {
            event_id: "e-1".parse().unwrap(),
            envelope_id: "0123456789abcdef0123456789abcdef".parse().unwrap(),
            line: events::read(json).unwrap().line,
            ingested_at: datetime!(2026-01-02 03:04:05 UTC),
        }
    }

    fn text(rows: &[Row]) -> String {
        let mut table = Table::new();
        for row in rows {
            table.add(row);
        }
        let mut text = String::new();
        GzDecoder::new(table.finish().0.as_slice())
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    #[test]
    fn quotes_commas_pounds_guests_and_missing_descriptions_are_written_as_copy_reads_them() {
        let quoted = r#"{"InvoiceNo":"C536379","StockCode":"85123A","Description":"12\" DOLLS, \"£\" TAG",
            "Quantity":-6,"InvoiceDate":"12/1/2010 8:26","UnitPrice":0.001,"CustomerID":"17850.0","Country":"EIRE"}"#;
        let bare = r#"{"InvoiceNo":"536414","StockCode":"22139","Quantity":56,
            "InvoiceDate":"12/1/2010 11:52","UnitPrice":0,"Country":"United Kingdom"}"#;
        insta::assert_snapshot!(text(&[row(quoted), row(bare)]), @r#"
        event_id,envelope_id,invoice_no,kind,stock_code,description,quantity,invoice_ts,unit_price,customer_id,country,ingested_at
        e-1,0123456789abcdef0123456789abcdef,C536379,cancellation,85123A,"12"" DOLLS, ""£"" TAG",-6,2010-12-01 08:26:00,0.001,17850,EIRE,2026-01-02 03:04:05
        e-1,0123456789abcdef0123456789abcdef,536414,sale,22139,,56,2010-12-01 11:52:00,0,,United Kingdom,2026-01-02 03:04:05
        "#);
    }

    #[test]
    fn a_full_file_has_the_size_that_copy_reads_best() {
        assert!((32 << 20..=128 << 20).contains(&ROLL_BYTES));
    }

    #[test]
    fn a_file_without_rows_has_its_header() {
        assert_eq!(text(&[]).lines().count(), 1);
    }
}
