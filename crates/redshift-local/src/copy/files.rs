//! Finds the objects of a load.

use serde::Deserialize;

use crate::postgres::Failure;
use crate::s3::{Location, ObjectStore};
use crate::sql::CopySource;

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct SourceFile {
    pub(crate) location: Location,
    /// Whether the load fails if the object does not exist.
    pub(crate) mandatory: bool,
    /// Expected size in bytes: the manifest's `content_length` or the size in the listing.
    pub(crate) length: Option<u64>,
}

/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html>
#[derive(Debug, Deserialize)]
struct Manifest {
    entries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    url: String,
    #[serde(default)]
    mandatory: bool,
    #[serde(default)]
    meta: Option<Meta>,
}

#[derive(Debug, Deserialize)]
struct Meta {
    content_length: Option<u64>,
}

/// Returns the objects in the order in which they are loaded.
///
/// # Errors
///
/// Returns [`Failure`] if the manifest is missing or invalid, or if no object has the prefix.
pub(crate) async fn find(
    store: &ObjectStore,
    source: &CopySource,
) -> Result<Vec<SourceFile>, Failure> {
    match source {
        CopySource::Manifest(url) => {
            let location = locate(url)?;
            let bytes = store.read_all(&location).await.map_err(|error| {
                Failure::error(format!("Problem reading manifest file - {error}"))
            })?;
            read_manifest(&bytes)
        }
        CopySource::Prefix(url) => {
            let prefix = locate(url)?;
            let found = store.list(&prefix).await.map_err(Failure::error)?;
            let files: Vec<_> = found
                .into_iter()
                .filter(|object| object.length > 0 || !object.location.key.ends_with('/'))
                .map(|object| SourceFile {
                    location: object.location,
                    mandatory: true,
                    length: Some(object.length),
                })
                .collect();
            if files.is_empty() {
                let key = prefix.key;
                return Err(Failure::error(format!(
                    "The specified S3 prefix '{key}' does not exist"
                )));
            }
            Ok(files)
        }
    }
}

fn locate(url: &str) -> Result<Location, Failure> {
    Location::parse(url).ok_or_else(|| Failure::error(format!("Invalid S3 URL \"{url}\"")))
}

fn read_manifest(bytes: &[u8]) -> Result<Vec<SourceFile>, Failure> {
    let manifest: Manifest = serde_json::from_slice(bytes).map_err(|error| {
        Failure::error(format!(
            "Manifest file is not in correct json format: {error}"
        ))
    })?;
    let found = manifest.entries.into_iter().map(|entry| {
        let location = Location::parse(&entry.url).filter(|location| !location.key.is_empty());
        let location = location.ok_or_else(|| {
            Failure::error(format!(
                "COPY with MANIFEST parameter requires full path of an S3 object, not \"{}\"",
                entry.url
            ))
        })?;
        let length = entry.meta.and_then(|meta| meta.content_length);
        Ok(SourceFile {
            location,
            mandatory: entry.mandatory,
            length,
        })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_lists_files_with_mandatory_flag_and_size() {
        let files = read_manifest(
            br#"{"entries":[
                {"url":"s3://b/1","mandatory":true,"meta":{"content_length":7}},
                {"url":"s3://b/2"}]}"#,
        )
        .unwrap();
        assert_eq!((files[0].mandatory, files[0].length), (true, Some(7)));
        assert_eq!((files[1].mandatory, files[1].length), (false, None));
    }

    #[test]
    fn an_invalid_manifest_is_refused() {
        for text in [
            "",
            "[]",
            "{\"entries\":[{\"url\":\"s3://b\"}]}",
            "{\"files\":[]}",
        ] {
            assert!(read_manifest(text.as_bytes()).is_err(), "{text}");
        }
    }
}
