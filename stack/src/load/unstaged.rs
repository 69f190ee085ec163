//! Objects of the raw lake that were never staged, as the last comparison found them. `stack status` reads this list
//! instead of the lake.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;
use cloudformation::CallFailure;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::object;

/// Key of the list in the staging bucket.
const KEY: &str = "reconciled/unstaged.json";

/// Result of the last comparison.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Unstaged {
    /// Time of the comparison.
    #[serde(with = "time::serde::rfc3339::option")]
    pub at: Option<OffsetDateTime>,
    /// Keys in the raw bucket.
    pub objects: Vec<String>,
}

/// Stores the result of a comparison. Overwrites an earlier one.
pub(super) async fn remember(
    s3: &Client,
    staging: &str,
    objects: &[String],
) -> Result<(), CallFailure> {
    let found = Unstaged {
        at: Some(OffsetDateTime::now_utc()),
        objects: objects.to_vec(),
    };
    if objects.is_empty() && known_unstaged(s3, staging).await?.objects.is_empty() {
        return Ok(());
    }
    write(s3, staging, &found).await
}

/// Returns the objects of the last comparison that are still not staged. Empty before the first comparison.
///
/// # Errors
///
/// When the bucket cannot be read.
pub async fn known_unstaged(s3: &Client, staging: &str) -> Result<Unstaged, CallFailure> {
    let found = object::find(s3, staging, KEY).await?;
    let read = found.and_then(|(bytes, _)| serde_json::from_slice(&bytes).ok());
    Ok(read.unwrap_or_default())
}

/// Removes objects that are now staged from the list. Idempotent.
///
/// # Errors
///
/// When the bucket cannot be read or written.
pub async fn forget(
    s3: &Client,
    staging: &str,
    staged: &BTreeSet<String>,
) -> Result<(), CallFailure> {
    let mut known = known_unstaged(s3, staging).await?;
    let before = known.objects.len();
    known.objects.retain(|key| !staged.contains(key));
    if known.objects.len() == before {
        return Ok(());
    }
    write(s3, staging, &known).await
}

async fn write(s3: &Client, staging: &str, found: &Unstaged) -> Result<(), CallFailure> {
    // Strings and times can always be serialised.
    let bytes = serde_json::to_vec(found).unwrap_or_default();
    object::put(s3, staging, KEY, bytes).await
}
