//! `UNLOAD`: a query's rows into a file on S3.
//!
//! ```text
//! measure    how many rows there are, and what Redshift would call their columns
//! csv        PostgreSQL's CSV, so every value is printed as everywhere else
//! parquet    PostgreSQL's binary rows → row groups
//! values     pure: binary values of a column → what Parquet stores
//! numeric    pure: PostgreSQL's binary decimals
//! manifest   pure: what is told about the file
//! ```
//!
//! One file is written, as by a warehouse of one slice. A failed statement leaves no file, as S3
//! gets it whole and last; one that is run again with `ALLOWOVERWRITE` replaces it.

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

/// Runs `unload` and returns the number of rows. `spool` holds the file until it is on S3.
pub(crate) async fn run(
    connection: &Connection,
    store: &ObjectStore,
    unload: &UnloadStatement,
    spool: &Path,
) -> Result<i64, Failure> {
    connection.assume(&unload.iam_role, "UNLOAD").await?;
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

/// The file, then what is told about it: whoever finds a manifest finds what it names.
async fn store_files(
    store: &ObjectStore,
    unload: &UnloadStatement,
    measured: &Measured,
    prefix: &Location,
    spool: &Path,
) -> Result<(), Failure> {
    let beside = |name: &str| Location {
        key: format!("{}{name}", prefix.key),
        ..prefix.clone()
    };
    let target = beside(&suffix(unload));
    let length = std::fs::metadata(spool)
        .map_err(|error| broken(&error))?
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
    let manifest = beside("manifest");
    store
        .write(&manifest, text.into_bytes().into())
        .await
        .map_err(Failure::error)
}

/// The room on disk failed, which is no fault of the statement's.
fn broken(error: &dyn Error) -> Failure {
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
    let extension = match (&unload.extension, &unload.format) {
        (Some(extension), _) => extension,
        (None, UnloadFormat::Parquet { .. }) => "parquet",
        (None, UnloadFormat::Csv(format)) if format.gzip => "gz",
        (None, UnloadFormat::Csv(_)) => return slice.to_owned(),
    };
    format!("{slice}.{extension}")
}
