//! `UNLOAD`: a query's rows into a file on S3.
//!
//! PostgreSQL writes the CSV, so every value is printed as everywhere else. One file is written,
//! as by a warehouse of one slice.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::pin::pin;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::TryStreamExt;
use serde_json::json;

use crate::postgres::{Failure, Link, explain};
use crate::s3::{Location, ObjectStore};
use crate::sql::UnloadStatement;

/// Runs `unload` and returns the number of rows. `spool` holds the file until it is on S3.
pub(crate) async fn run(
    link: &Link,
    store: &ObjectStore,
    unload: &UnloadStatement,
    spool: &Path,
) -> Result<i64, Failure> {
    let prefix = Location::parse(&unload.prefix)
        .ok_or_else(|| Failure::error(format!("Invalid S3 URL \"{}\"", unload.prefix)))?;
    if !unload.overwrite
        && !store
            .list(&prefix)
            .await
            .map_err(Failure::error)?
            .is_empty()
    {
        return Err(Failure::error(
            "Specified unload destination on S3 is not empty. Consider using a different bucket / \
             prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE option.",
        ));
    }
    let rows = count(link, &unload.query).await?;
    let written = write(link, unload, spool).await;
    let target = Location {
        key: format!("{}{}", prefix.key, suffix(unload)),
        ..prefix.clone()
    };
    let stored = match written {
        Ok(()) => store
            .write_file(&target, spool)
            .await
            .map_err(Failure::error),
        Err(failure) => Err(failure),
    };
    let length = std::fs::metadata(spool).map_or(0, |file| file.len());
    let _ = std::fs::remove_file(spool);
    stored?;
    if unload.manifest {
        let location = Location {
            key: format!("{}manifest", prefix.key),
            ..prefix
        };
        let manifest =
            json!({"entries": [{"url": target.url(), "meta": {"content_length": length}}]});
        let body = manifest.to_string().into_bytes().into();
        store.write(&location, body).await.map_err(Failure::error)?;
    }
    link.run(&format!(
        "SELECT set_config('redshift.last_unload_count', '{rows}', false)"
    ))
    .await?;
    Ok(rows)
}

/// Counts first: PostgreSQL's copy does not tell. Both see the same snapshot.
async fn count(link: &Link, query: &str) -> Result<i64, Failure> {
    let row = link
        .client
        .query_typed_one(&format!("SELECT count(*) FROM ({query}) AS unloaded"), &[])
        .await
        .map_err(|error| explain(&error))?;
    row.try_get(0).map_err(|error| explain(&error))
}

async fn write(link: &Link, unload: &UnloadStatement, spool: &Path) -> Result<(), Failure> {
    let file = std::fs::File::create(spool).map_err(disk)?;
    let mut out: Box<dyn Write + Send> = if unload.gzip {
        Box::new(GzEncoder::new(BufWriter::new(file), Compression::fast()))
    } else {
        Box::new(BufWriter::new(file))
    };
    let sql = format!(
        "COPY ({}) TO STDOUT (FORMAT csv, HEADER {}, DELIMITER E'\\x{:02x}', NULL '{}')",
        unload.query,
        unload.header,
        unload.delimiter,
        unload.null.replace('\'', "''"),
    );
    let chunks = link
        .client
        .copy_out(&sql)
        .await
        .map_err(|error| explain(&error))?;
    let mut chunks = pin!(chunks);
    while let Some(chunk) = chunks.try_next().await.map_err(|error| explain(&error))? {
        out.write_all(&chunk).map_err(disk)?;
    }
    out.flush().map_err(disk)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is the argument of `map_err`"
)]
fn disk(error: io::Error) -> Failure {
    tracing::error!(%error, "an unload could not be written");
    Failure::error("the unloaded rows could not be stored")
}

/// What the name of the one file ends with.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html>
fn suffix(unload: &UnloadStatement) -> String {
    let slice = if unload.parallel {
        "0000_part_00"
    } else {
        "000"
    };
    match (&unload.extension, unload.gzip) {
        (Some(extension), _) => format!("{slice}.{extension}"),
        (None, true) => format!("{slice}.gz"),
        (None, false) => slice.to_owned(),
    }
}
