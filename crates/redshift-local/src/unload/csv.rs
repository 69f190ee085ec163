//! Writes rows as CSV.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::pin::pin;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::TryStreamExt;

use super::disk_failure;
use crate::postgres::{Connection, Failure, explain};
use crate::private;
use crate::sql::CsvFormat;

/// Writes the rows of `query` to the file at `path`. Replaces an existing file.
pub(super) async fn write(
    connection: &Connection,
    query: &str,
    format: &CsvFormat,
    path: &Path,
) -> Result<(), Failure> {
    let file = BufWriter::new(private::file(path).map_err(|error| disk_failure(&error))?);
    let mut out: Box<dyn Write + Send> = if format.gzip {
        Box::new(GzEncoder::new(file, Compression::fast()))
    } else {
        Box::new(file)
    };
    let sql = format!(
        "COPY ({query}) TO STDOUT (FORMAT csv, HEADER {}, DELIMITER E'\\x{:02x}', NULL '{}')",
        format.header,
        format.delimiter,
        format.null.replace('\'', "''"),
    );
    let chunks = connection.client.copy_out(&sql).await;
    let mut chunks = pin!(chunks.map_err(|error| explain(&error))?);
    while let Some(chunk) = chunks.try_next().await.map_err(|error| explain(&error))? {
        out.write_all(&chunk)
            .map_err(|error| disk_failure(&error))?;
    }
    out.flush().map_err(|error| disk_failure(&error))
}
