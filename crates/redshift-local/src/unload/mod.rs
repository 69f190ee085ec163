//! `UNLOAD`: writes the rows of a query to a file on S3.
//!
//! ```text
//! measure    counts the rows and describes the columns
//! csv        writes PostgreSQL's CSV
//! parquet    collects PostgreSQL's binary rows into row groups
//! values     pure: converts binary values of a column to Parquet's
//! numeric    pure: reads PostgreSQL's binary decimals
//! manifest   pure: renders the manifest
//! ```
//!
//! One file is written, as by a warehouse with one slice. A failed statement leaves no file,
//! because the complete file is uploaded at the end.

mod csv;
mod manifest;
mod measure;
mod numeric;
mod parquet;
mod values;

use std::error::Error;
use std::path::Path;

use crate::postgres::{Connection, Failure};
use crate::s3::{Location, ObjectStore};
use crate::sql::{UnloadFormat, UnloadStatement};
use measure::Measured;

/// Runs `unload` and returns the number of rows. `spool` is the path of a temporary file. Running
/// it again fails because the file exists, or replaces it with `ALLOWOVERWRITE`.
///
/// # Errors
///
/// Returns [`Failure`] if the role may not be assumed, the destination is not empty, a value cannot
/// be written in the format, or PostgreSQL, S3 or the disk fails.
pub(crate) async fn run(
    connection: &Connection,
    store: &ObjectStore,
    unload: &UnloadStatement,
    spool: &Path,
) -> Result<i64, Failure> {
    connection.assume(&unload.iam_role, "UNLOAD").await?;
    let prefix = Location::parse(&unload.prefix)
        .ok_or_else(|| Failure::error(format!("Invalid S3 URL \"{}\"", unload.prefix)))?;
    if !unload.overwrite {
        refuse_occupied(store, &prefix).await?;
    }
    let measured = measure::measure(connection, &unload.query).await?;
    let written = match &unload.format {
        UnloadFormat::Csv(format) => csv::write(connection, &unload.query, format, spool).await,
        UnloadFormat::Parquet { row_group_bytes } => {
            parquet::write(
                connection,
                &unload.query,
                &measured,
                *row_group_bytes,
                spool,
            )
            .await
        }
    };
    let stored = match written {
        Ok(()) => store_files(store, unload, &measured, &prefix, spool).await,
        Err(failure) => Err(failure),
    };
    let _ = std::fs::remove_file(spool);
    stored?;
    let rows = measured.rows;
    connection
        .run(&format!(
            "SELECT set_config('redshift.last_unload_count', '{rows}', false)"
        ))
        .await?;
    Ok(rows)
}

async fn refuse_occupied(store: &ObjectStore, prefix: &Location) -> Result<(), Failure> {
    let found = store.list(prefix).await.map_err(Failure::error)?;
    if found.is_empty() {
        return Ok(());
    }
    Err(Failure::error(
        "Specified unload destination on S3 is not empty. Consider using a different bucket / \
         prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE option.",
    ))
}

/// Uploads the file, then its manifest, so that the file exists whenever the manifest does.
async fn store_files(
    store: &ObjectStore,
    unload: &UnloadStatement,
    measured: &Measured,
    prefix: &Location,
    spool: &Path,
) -> Result<(), Failure> {
    let sibling = |name: &str| Location {
        key: format!("{}{name}", prefix.key),
        ..prefix.clone()
    };
    let target = sibling(&suffix(unload));
    let length = std::fs::metadata(spool)
        .map_err(|error| disk_failure(&error))?
        .len();
    store
        .write_file(&target, spool)
        .await
        .map_err(Failure::error)?;
    let Some(detail) = unload.manifest else {
        return Ok(());
    };
    let header = matches!(&unload.format, UnloadFormat::Csv(format) if format.header);
    let text = manifest::render(detail, &target.url(), length, measured, header);
    let manifest = sibling("manifest");
    store
        .write(&manifest, text.into_bytes().into())
        .await
        .map_err(Failure::error)
}

/// Logs an error of the local disk, and returns the failure for the client.
fn disk_failure(error: &dyn Error) -> Failure {
    tracing::error!(%error, "could not write the temporary file of an unload");
    Failure::error("the unloaded rows could not be written to disk")
}

/// Returns the end of the file's name.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html>
fn suffix(unload: &UnloadStatement) -> String {
    let slice = if unload.parallel {
        "0000_part_00"
    } else {
        "000"
    };
    let extension = match (&unload.extension, &unload.format) {
        (Some(extension), _) => extension,
        (None, UnloadFormat::Parquet { .. }) => "parquet",
        (None, UnloadFormat::Csv(format)) if format.gzip => "gz",
        (None, UnloadFormat::Csv(_)) => return slice.to_owned(),
    };
    format!("{slice}.{extension}")
}
