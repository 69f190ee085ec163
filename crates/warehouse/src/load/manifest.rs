//! What is loaded: files of one CSV version, named by a manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use events::row::{CSV_VERSION, STAGED_ROOT};
use serde::{Deserialize, Serialize};

use crate::digest::sha256;
use crate::statement::Token;

/// The most files of one load: two of its statements list them all, and a statement takes 100 KB.
pub const MAX_FILES: usize = 500;

/// The most bytes of a key, so that [`MAX_FILES`] of them fit.
const MAX_KEY_BYTES: usize = 128;

/// A staged file: `csv/v1/dt=…/<id>.csv.gz` in the staging bucket. Its name says its content.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct StagedFile {
    version: u32,
    key: String,
}

/// Why an object is no staged file.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StagedFileError {
    /// Something else lies there.
    #[error(
        "`{0}` is no staged file: those are csv/v<version>/….csv.gz of at most {MAX_KEY_BYTES} letters, digits and / = - _ ."
    )]
    Name(String),
    /// A newer platform made it.
    #[error(
        "`{key}` is of CSV version {version}, up to {CSV_VERSION} is known here: deploy the newer functions"
    )]
    Version {
        /// Its key.
        key: String,
        /// Its version.
        version: u32,
    },
}

impl StagedFile {
    /// The file at `key`.
    ///
    /// # Errors
    ///
    /// When no staged file of a version known here has such a key.
    pub fn at(key: &str) -> Result<Self, StagedFileError> {
        Self::up_to(CSV_VERSION, key)
    }

    /// The file at `key`, for a reader that knows the versions up to `newest`.
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

    /// Its key in the staging bucket.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The version of the CSV inside.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }
}

/// Identity of a load: SHA-256 of its manifest, in hexadecimal.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct LoadId(pub String);

impl fmt::Display for LoadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Files that are loaded together, all of one version.
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

/// The loads that bring `files` of `bucket`: each of one version and of at most [`MAX_FILES`].
///
/// The same files in another order or twice make the same loads.
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
        // Texts and truth values always serialise.
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

    /// Its identity.
    #[must_use]
    pub fn id(&self) -> &LoadId {
        &self.id
    }

    /// Version of the CSV in its files.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Keys of its files in the staging bucket.
    #[must_use]
    pub fn files(&self) -> &BTreeSet<String> {
        &self.files
    }

    /// Its files as `s3://bucket/key`.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.files
            .iter()
            .map(|key| format!("s3://{}/{key}", self.bucket))
            .collect()
    }

    /// The manifest that COPY reads.
    ///
    /// Source: <https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html>
    #[must_use]
    pub fn manifest(&self) -> &str {
        &self.manifest
    }

    /// Where the manifest lies in the staging bucket.
    #[must_use]
    pub fn manifest_key(&self) -> String {
        format!("manifests/{}.json", self.id)
    }

    /// Where the manifest lies, as `s3://bucket/key`.
    #[must_use]
    pub fn manifest_url(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.manifest_key())
    }

    /// The client token of an attempt: whoever makes this attempt, the warehouse runs one statement.
    #[must_use]
    pub fn token(&self, attempt: u32) -> Token {
        Token(sha256(&format!("{} {attempt}", self.id)))
    }

    /// The two halves of a load of several files, to find the one that cannot be loaded.
    #[must_use]
    pub fn halves(&self) -> Option<[Self; 2]> {
        let files: Vec<_> = self.files.iter().cloned().collect();
        let (left, right) = files.split_at(files.len() / 2);
        let half =
            |keys: &[String]| Self::new(&self.bucket, self.version, keys.iter().cloned().collect());
        (!left.is_empty()).then(|| [half(left), half(right)])
    }

    /// The load of those of its files that are not among `gone`; `None` when none is left.
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
    fn a_load_is_known_by_its_files_in_any_order() {
        let one = loads("staging", [file("b"), file("a"), file("b")]);
        assert_eq!(one, loads("staging", [file("a"), file("b")]));
        assert_ne!(one[0].id(), loads("staging", [file("a")])[0].id());
        assert_ne!(one[0].id(), loads("other", [file("a"), file("b")])[0].id());
        insta::assert_snapshot!(format!("{}\n{}", one[0].manifest(), one[0].manifest_url()));
    }

    #[test]
    fn each_attempt_has_a_token_of_its_own_that_the_data_api_takes() {
        let load = loads("staging", [file("a")]).remove(0);
        let tokens = [load.token(1), load.token(2)].map(|token| token.to_string());
        assert_ne!(tokens[0], tokens[1]);
        assert_eq!(load.token(1), load.token(1));
        assert!(tokens.iter().all(|token| token.len() == 64));
    }

    #[test]
    fn a_load_holds_no_more_files_than_its_statements_can_list() {
        let many = loads("staging", (0..1_001).map(|n| file(&n.to_string())));
        let sizes: Vec<_> = many.iter().map(|load| load.files().len()).collect();
        assert_eq!(sizes, [500, 500, 1]);
    }

    #[test]
    fn what_is_no_staged_file_is_refused() {
        let long = format!("csv/v1/{}.csv.gz", "x".repeat(128));
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
    fn what_is_gone_makes_another_load_of_what_is_left() {
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
