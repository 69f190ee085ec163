//! One source of rows, whichever was asked for.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::{CsvError, CsvFile, Item};
use crate::stream::content::{self, Content};
use crate::stream::made::{Checksums, Made};
use crate::stream::{Encoding, Prefix};

/// Rows to stream.
#[derive(Debug)]
pub enum Source {
    /// Of a CSV file.
    File {
        /// To name it in errors.
        path: PathBuf,
        /// What the first pass found.
        content: Content,
        /// Its rows.
        rows: Box<CsvFile<File>>,
    },
    /// Made ones.
    Made(Box<Made>),
}

/// Why a source cannot be read. Names the file; the cause is the `source`.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It could not be opened, or its bytes not read.
    #[error("`{}` cannot be read: name a CSV file, or stream --synthetic 20000", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its rows could not be read.
    #[error("`{}` cannot be streamed", .path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// Why.
        source: CsvError,
    },
}

impl Source {
    /// Opens the CSV file at `path`, after reading it once for its hash and its encoding.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or does not start with the header.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let io = |source| SourceError::Io {
            path: path.to_owned(),
            source,
        };
        let content = content::inspect(File::open(path).map_err(io)?).map_err(io)?;
        let file = File::open(path).map_err(io)?;
        let rows = CsvFile::new(file, content.encoding).map_err(|source| SourceError::Csv {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self::File {
            path: path.to_owned(),
            content,
            rows: Box::new(rows),
        })
    }

    /// `rows` made rows: the same `rows` and `seed` are the same rows with the same ids.
    #[must_use]
    pub fn made(rows: u64, seed: u64) -> Self {
        Self::Made(Box::new(Made::new(rows, seed)))
    }

    /// What the ids of its events start with.
    #[must_use]
    pub fn prefix(&self) -> &Prefix {
        match self {
            Self::File { content, .. } => &content.prefix,
            Self::Made(made) => made.prefix(),
        }
    }

    /// How its text is encoded.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        match self {
            Self::File { content, .. } => content.encoding,
            Self::Made(_) => Encoding::Utf8,
        }
    }

    /// Its size in the unit of [`Row::position`](super::Row::position).
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Self::File { content, .. } => content.bytes,
            Self::Made(made) => made.total(),
        }
    }

    /// What the platform should answer for the rows so far; known of made rows alone.
    #[must_use]
    pub fn checksums(&self) -> Option<Checksums> {
        match self {
            Self::File { .. } => None,
            Self::Made(made) => Some(made.checksums()),
        }
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    ///
    /// When reading fails.
    pub fn read(&mut self) -> Result<Option<Item<'_>>, SourceError> {
        match self {
            Self::File { path, rows, .. } => rows.read().map_err(|source| SourceError::Csv {
                path: path.clone(),
                source,
            }),
            Self::Made(made) => Ok(made.next().map(Item::Row)),
        }
    }
}
