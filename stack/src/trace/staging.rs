//! Finds the event's row in the staging bucket.

use std::error::Error;

use cloudformation::CallFailure;
use events::row::{COLUMNS, STAGED_ROOT};
use time::Duration;
use warehouse::{LoadedLine, WarehouseError};

use super::evidence::{LakeEntry, StagedRow};
use super::lake::written_since;
use crate::load::unzip;
use crate::object;
use crate::session::Session;

/// The most files that are read.
const MAX_FILES: usize = 50;

/// Why the staged files cannot be searched.
#[derive(Debug, thiserror::Error)]
pub(super) enum StagingError {
    #[error(transparent)]
    Call(#[from] CallFailure),
    #[error("the files of the load are unknown")]
    Ledger(#[source] Box<dyn Error + Send + Sync>),
    #[error("the first {MAX_FILES} of {0} files do not have it; the others were not read")]
    TooMany(usize),
}

impl From<WarehouseError> for StagingError {
    fn from(error: WarehouseError) -> Self {
        Self::Ledger(error.into())
    }
}

/// Searches the files of the load that brought the row; without a row, the files that were written since the lake
/// object was. Reads at most 50 files.
pub(super) async fn find(
    session: &Session,
    event_id: &str,
    line: Option<&LoadedLine>,
    entry: Option<&LakeEntry>,
) -> Result<Option<StagedRow>, StagingError> {
    let keys = match (line, entry) {
        (Some(line), _) => session.warehouse().files_of(&line.load_id).await?,
        (None, Some(entry)) => staged_since(session, entry).await?,
        (None, None) => return Ok(None),
    };
    let envelope_id = line.map(|it| it.envelope_id.as_str());
    let envelope_id = envelope_id.or(entry.map(|it| it.envelope_id.as_str()));
    let (s3, bucket) = (session.s3(), &session.outputs.buckets.staging);
    for key in keys.iter().take(MAX_FILES) {
        let Some((bytes, _)) = object::find(&s3, bucket, key).await? else {
            continue;
        };
        let text = unzip(&bytes).unwrap_or_default();
        if let Some(row) = row(&text, event_id, envelope_id.unwrap_or_default()) {
            return Ok(Some(StagedRow {
                modified: modified(session, key).await?,
                key: key.clone(),
                row,
            }));
        }
    }
    if keys.len() > MAX_FILES {
        return Err(StagingError::TooMany(keys.len()));
    }
    Ok(None)
}

/// Lists the files of all versions that were written after a lake object of the same day.
async fn staged_since(session: &Session, entry: &LakeEntry) -> Result<Vec<String>, CallFailure> {
    let Some(from) = entry.modified else {
        return Ok(Vec::new());
    };
    let day = entry.key.split('/').find(|part| part.starts_with("dt="));
    let mut keys = Vec::new();
    for version in (1..=events::row::CSV_VERSION).rev() {
        let prefix = format!("{STAGED_ROOT}v{version}/{}/", day.unwrap_or_default());
        let bucket = &session.outputs.buckets.staging;
        let objects = object::list(&session.s3(), bucket, &prefix, usize::MAX).await?;
        let since = written_since(objects, from - Duration::SECOND);
        keys.extend(since.into_iter().map(|(key, _)| key));
    }
    Ok(keys)
}

/// Returns when the file was written.
async fn modified(
    session: &Session,
    key: &str,
) -> Result<Option<time::OffsetDateTime>, CallFailure> {
    let bucket = &session.outputs.buckets.staging;
    let listed = object::list(&session.s3(), bucket, key, 1).await?;
    let listed = written_since(listed, time::OffsetDateTime::UNIX_EPOCH);
    Ok(listed.into_iter().next().and_then(|(_, modified)| modified))
}

/// Returns the number of the event's row in a staged file, from 1 after the header.
fn row(text: &str, event_id: &str, envelope_id: &str) -> Option<usize> {
    let position = |name: &str| COLUMNS.iter().position(|column| column.name == name);
    let (event, envelope) = (position("event_id")?, position("envelope_id")?);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut rows = reader.records();
    let found = rows.position(|record| {
        record.is_ok_and(|record| {
            record.get(event) == Some(event_id) && record.get(envelope) == Some(envelope_id)
        })
    });
    found.map(|position| position + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_is_counted_from_the_header_also_after_a_text_of_two_lines() {
        let text = "event_id,envelope_id,description\ne-1,a,\"two\nlines\"\ne-2,a,x\ne-2,b,y\n";
        assert_eq!(row(text, "e-2", "b"), Some(3));
        assert_eq!(row(text, "e-2", "c"), None);
    }
}
