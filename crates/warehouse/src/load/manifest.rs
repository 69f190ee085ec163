//! Staged files, loads and their manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use events::row::{CSV_VERSION, STAGED_ROOT};
use serde::{Deserialize, Serialize};

use crate::digest::sha256;
use crate::statement::Token;

/// The maximum number of files of one load: two of its statements list all files, and a statement may have
/// 100 KB.
pub const MAX_FILES: usize = 500;

/// The maximum length of a key, so that a statement can list [`MAX_FILES`] keys.
const MAX_KEY_BYTES: usize = 128;

/// A staged file: `csv/v1/dt=…/<id>.csv.gz` in the staging bucket. The id is derived from its content.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct StagedFile {
    version: u32,
    key: String,
}

/// Why an object is not a staged file.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StagedFileError {
    /// The key does not have the form of a staged file.
    #[error(
        "`{0}` is not a staged file: expected a key csv/v<version>/….csv.gz of at most {MAX_KEY_BYTES} letters, digits and / = - _ ."
    )]
    Name(String),
    /// The file was written by a newer version of the platform.
    #[error(
        "`{key}` has CSV version {version}, but this version of the platform supports up to {CSV_VERSION}: deploy the newer functions"
    )]
    Version { key: String, version: u32 },
}

impl StagedFile {
    /// Returns the staged file with this key.
    ///
    /// # Errors
    ///
    /// Fails if the key is not that of a staged file, or its version is not supported.
    pub fn at(key: &str) -> Result<Self, StagedFileError> {
        Self::up_to(CSV_VERSION, key)
    }

    /// Returns the file at `key`, for a reader that knows the versions up to `newest`.
    ///
    /// # Errors
    ///
    /// When no staged file of such a version has such a key.
    pub fn up_to(newest: u32, key: &str) -> Result<Self, StagedFileError> {
        let named = || StagedFileError::Name(key.to_owned());
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/=-_.".contains(&byte);
        if key.len() > MAX_KEY_BYTES || !key.bytes().all(allowed) {
            return Err(named());
        }
        let rest = key
            .strip_prefix(STAGED_ROOT)
            .and_then(|rest| rest.strip_prefix('v'))
            .and_then(|rest| rest.strip_suffix(".csv.gz"));
        let (version, _) = rest
            .and_then(|rest| rest.split_once('/'))
            .ok_or_else(named)?;
        let version: u32 = version.parse().map_err(|_| named())?;
        match version {
            _ if (1..=newest).contains(&version) => Ok(Self {
                version,
                key: key.to_owned(),
            }),
            _ => Err(StagedFileError::Version {
                key: key.to_owned(),
                version,
            }),
        }
    }

    /// Returns the key in the staging bucket.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the CSV version of the file.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }
}

/// The identity of a load: the SHA-256 of its manifest, in hexadecimal.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct LoadId(pub String);

impl fmt::Display for LoadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Files that are loaded in one transaction, all of one CSV version.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Load {
    id: LoadId,
    version: u32,
    files: BTreeSet<String>,
    bucket: String,
    manifest: String,
}

#[derive(Serialize)]
struct Manifest {
    entries: Vec<ManifestEntry>,
}

#[derive(Serialize)]
struct ManifestEntry {
    url: String,
    mandatory: bool,
}

/// Groups `files` of `bucket` into loads: each of one version and with at most [`MAX_FILES`] files.
///
/// Order and repetitions of the files do not change the result.
#[must_use]
pub fn loads(bucket: &str, files: impl IntoIterator<Item = StagedFile>) -> Vec<Load> {
    let mut by_version: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for file in files {
        by_version.entry(file.version).or_default().insert(file.key);
    }
    let mut loads = Vec::new();
    for (version, keys) in by_version {
        let keys: Vec<_> = keys.into_iter().collect();
        let parts = keys.chunks(MAX_FILES);
        loads.extend(parts.map(|keys| Load::new(bucket, version, keys.iter().cloned().collect())));
    }
    loads
}

impl Load {
    fn new(bucket: &str, version: u32, files: BTreeSet<String>) -> Self {
        let entries = files.iter().map(|key| ManifestEntry {
            url: format!("s3://{bucket}/{key}"),
            mandatory: true,
        });
        let manifest = Manifest {
            entries: entries.collect(),
        };
        // Strings and booleans can always be serialised.
        let manifest = serde_json::to_string(&manifest).unwrap_or_default();
        let id = LoadId(sha256(&manifest));
        Self {
            id,
            version,
            files,
            bucket: bucket.to_owned(),
            manifest,
        }
    }

    #[must_use]
    pub fn id(&self) -> &LoadId {
        &self.id
    }

    /// Returns the CSV version of its files.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Returns the keys of its files in the staging bucket.
    #[must_use]
    pub fn files(&self) -> &BTreeSet<String> {
        &self.files
    }

    /// Returns the URLs of its files, `s3://bucket/key`.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.files
            .iter()
            .map(|key| format!("s3://{}/{key}", self.bucket))
            .collect()
    }

    /// Returns the manifest that COPY reads, in JSON.
    ///
    /// Source: <https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html>
    #[must_use]
    pub fn manifest(&self) -> &str {
        &self.manifest
    }

    /// Returns the key of the manifest in the staging bucket.
    #[must_use]
    pub fn manifest_key(&self) -> String {
        format!("manifests/{}.json", self.id)
    }

    /// Returns the URL of the manifest, `s3://bucket/key`.
    #[must_use]
    pub fn manifest_url(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.manifest_key())
    }

    /// Returns the client token of an attempt. All loaders use the same token for the same attempt, so the warehouse
    /// runs one statement.
    #[must_use]
    pub fn token(&self, attempt: u32) -> Token {
        Token(sha256(&format!("{} {attempt}", self.id)))
    }

    /// Splits the load in two halves, to find a file that cannot be loaded; `None` for a single file.
    #[must_use]
    pub fn halves(&self) -> Option<[Self; 2]> {
        let files: Vec<_> = self.files.iter().cloned().collect();
        let (left, right) = files.split_at(files.len() / 2);
        let half =
            |keys: &[String]| Self::new(&self.bucket, self.version, keys.iter().cloned().collect());
        (!left.is_empty()).then(|| [half(left), half(right)])
    }

    /// Returns the load without the files in `gone`; `None` if no file is left.
    #[must_use]
    pub fn without(&self, gone: &BTreeSet<String>) -> Option<Self> {
        let left: BTreeSet<_> = self.files.difference(gone).cloned().collect();
        (!left.is_empty()).then(|| Self::new(&self.bucket, self.version, left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> StagedFile {
        StagedFile::at(&format!("csv/v1/dt=2026-01-02/{name}.csv.gz")).unwrap()
    }

    #[test]
    fn the_id_of_a_load_does_not_depend_on_the_order_of_its_files() {
        let one = loads("staging", [file("b"), file("a"), file("b")]);
        assert_eq!(one, loads("staging", [file("a"), file("b")]));
        assert_ne!(one[0].id(), loads("staging", [file("a")])[0].id());
        assert_ne!(one[0].id(), loads("other", [file("a"), file("b")])[0].id());
        insta::assert_snapshot!(format!("{}\n{}", one[0].manifest(), one[0].manifest_url()));
    }

    #[test]
    fn each_attempt_has_its_own_token_in_a_form_that_the_data_api_accepts() {
        let load = loads("staging", [file("a")]).remove(0);
        let tokens = [load.token(1), load.token(2)].map(|token| token.to_string());
        assert_ne!(tokens[0], tokens[1]);
        assert_eq!(load.token(1), load.token(1));
        assert!(tokens.iter().all(|token| token.len() == 64));
    }

    #[test]
    fn a_load_has_no_more_files_than_its_statements_can_list() {
        let many = loads("staging", (0..1_001).map(|n| file(&n.to_string())));
        let sizes: Vec<_> = many.iter().map(|load| load.files().len()).collect();
        assert_eq!(sizes, [500, 500, 1]);
    }

    #[test]
    fn a_staged_file_has_its_key_and_version_and_a_load_has_that_of_its_files() {
        let key = format!("csv/v12/{}.csv.gz", "x".repeat(113));
        assert_eq!(key.len(), 128);
        let file = StagedFile::up_to(12, &key).unwrap();
        assert_eq!((file.key(), file.version()), (key.as_str(), 12));
        let versions: Vec<_> = loads("staging", [file, self::file("a")])
            .iter()
            .map(Load::version)
            .collect();
        assert_eq!(versions, [1, 12]);
    }

    #[test]
    fn keys_that_are_not_staged_files_are_refused() {
        let long = format!("csv/v1/{}.csv.gz", "x".repeat(115));
        let keys = [
            "raw/v1/a.csv.gz",
            "csv/v1/a.csv",
            "csv/vx/a.csv.gz",
            "csv/v1a.csv.gz",
            "csv/v1/it's.csv.gz",
            "csv/v1/a b.csv.gz",
            &long,
        ];
        for key in keys {
            assert_eq!(
                StagedFile::at(key),
                Err(StagedFileError::Name(key.to_owned()))
            );
        }
        for (key, version) in [("csv/v0/a.csv.gz", 0), ("csv/v99/a.csv.gz", 99)] {
            let error = StagedFileError::Version {
                key: key.to_owned(),
                version,
            };
            assert_eq!(StagedFile::at(key), Err(error));
        }
    }

    #[test]
    fn halves_hold_every_file_once_and_one_file_has_no_halves() {
        let load = loads("staging", [file("a"), file("b"), file("c")]).remove(0);
        let halves = load.halves().unwrap();
        let all: Vec<_> = halves.iter().flat_map(Load::files).collect();
        assert_eq!(all, load.files().iter().collect::<Vec<_>>());
        assert_eq!(loads("staging", [file("a")])[0].halves(), None);
    }

    #[test]
    fn the_remaining_files_are_another_load() {
        let load = loads("staging", [file("a"), file("b")]).remove(0);
        let gone = BTreeSet::from([file("a").key]);
        assert_eq!(
            load.without(&gone).as_ref(),
            loads("staging", [file("b")]).first()
        );
        assert_eq!(load.without(&BTreeSet::new()), Some(load.clone()));
        assert_eq!(load.without(load.files()), None);
    }
}
