//! Detects a warehouse whose lake was lost.

use ::warehouse::Warehouse;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use cloudformation::CallFailure;

use super::LoadError;

/// The files of the latest days, by the day in their names.
const NEWEST: &str = "SELECT file FROM etl.load_file ORDER BY file DESC LIMIT 5";

/// Returns whether none of the last loaded files exists in the staging bucket: the lake was then lost or replaced
/// while the warehouse was kept. `false` for an empty ledger.
///
/// # Errors
///
/// When S3 or the warehouse cannot be read.
pub async fn lake_is_gone(
    s3: &aws_sdk_s3::Client,
    staging: &str,
    ledger: &Warehouse,
) -> Result<bool, LoadError> {
    let rows = ledger.query("query/newest_files", NEWEST).await?;
    let mut remembers = false;
    for file in rows.rows.iter().filter_map(|row| row.first()?.as_text()) {
        remembers = true;
        match s3.head_object().bucket(staging).key(file).send().await {
            Ok(_) => return Ok(false),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(HeadObjectError::is_not_found) => {}
            Err(error) => {
                return Err(CallFailure::of(format!("s3 HeadObject of `{file}`"))(error).into());
            }
        }
    }
    Ok(remembers)
}
