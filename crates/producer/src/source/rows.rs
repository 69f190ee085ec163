//! A source of rows, of any kind.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::format::{Foreign, Format};
use super::input::{self, Bytes, InputError};
use super::workbook::{self, Sheet, SheetRows, WorkbookError};
use super::{Columns, CsvError, CsvFile};
use crate::Prefix;
use crate::content::{self, Content};
use crate::item::Item;
use crate::synthetic::{Checksums, SyntheticRows};

/// Rows to stream.
#[derive(Debug)]
pub struct Source(Kind);

#[derive(Debug)]
enum Kind {
    /// Rows of a CSV file.
    File {
        /// Path for errors.
        path: PathBuf,
        /// Result of the first pass.
        content: Content,
        rows: Box<CsvFile<Bytes>>,
    },
    /// Rows of a workbook.
    Workbook {
        /// Path for errors.
        path: PathBuf,
        /// Hash, encoding and size of the rows.
        content: Content,
        /// Sheets in order.
        sheets: Vec<Sheet>,
        rows: Box<SheetRows>,
    },
    /// Synthetic rows.
    Synthetic(Box<SyntheticRows>),
}

/// Why a source cannot be read. The message names the file; the cause is the `source`.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file could not be opened or read.
    #[error("{} cannot be read: name a CSV file or an .xlsx workbook, or use --synthetic 20000", input::name(.path))]
    Io { path: PathBuf, source: io::Error },
    /// The content of a pipe could not be copied to a temporary file.
    #[error("{} could not be copied to a temporary file in `{}`: free space there, or set TMPDIR to another folder", input::name(.path), std::env::temp_dir().display())]
    Spool { path: PathBuf, source: io::Error },
    /// The format is not supported.
    #[error("{} is {}: {}", input::name(.path), .foreign.name, .foreign.advice)]
    Foreign {
        path: PathBuf,
        /// The format, and what the user can do.
        foreign: &'static Foreign,
    },
    /// The gzip data is damaged.
    #[error("{} is a damaged or truncated gzip file: download it again; nothing was sent", input::name(.path))]
    Gzip { path: PathBuf, source: io::Error },
    /// The CSV rows could not be read.
    #[error("{} cannot be streamed", input::name(.path))]
    Csv { path: PathBuf, source: CsvError },
    /// The file is not a workbook of order lines.
    #[error("{} cannot be streamed", input::name(.path))]
    Workbook {
        path: PathBuf,
        source: Box<WorkbookError>,
    },
}

impl Source {
    /// Opens the file at `path`, or standard input for `-`, and finds the columns of an event: those that `columns`
    /// names, the others by their known names.
    ///
    /// The first bytes determine the format (CSV, gzip or a workbook), not the name. A CSV file is read once for its
    /// hash and its encoding; the sheets of a workbook are copied to a temporary file. A compressed file gives the
    /// same ids as the same file uncompressed.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or does not start with a header that has all columns.
    pub fn open(path: &Path, columns: &Columns) -> Result<Self, SourceError> {
        let file = input::open(path).map_err(|error| match error {
            InputError::Open(source) => io_error(path)(source),
            InputError::Spool(source) => spool_error(path)(source),
        })?;
        match format(path, &file, false)? {
            Format::Text => Self::csv(path, &file, false, columns),
            Format::Zip => Self::workbook(path, file, columns),
            Format::Foreign(foreign) => Err(foreign_error(path, foreign)),
            Format::Gzip => match format(path, &file, true)? {
                Format::Text => Self::csv(path, &file, true, columns),
                Format::Zip => {
                    let content = Bytes::of(&file, true).map_err(io_error(path))?;
                    let file = input::spool(content).map_err(gzip_or(path, spool_error))?;
                    Self::workbook(path, file, columns)
                }
                Format::Foreign(foreign) => Err(foreign_error(path, foreign)),
                Format::Gzip => Err(foreign_error(path, &Foreign::TWICE)),
            },
        }
    }

    fn csv(
        path: &Path,
        file: &File,
        is_gzip: bool,
        columns: &Columns,
    ) -> Result<Self, SourceError> {
        let refused: fn(&Path) -> Refusal<'_> = io_error;
        let bytes = || Bytes::of(file, is_gzip).map_err(refused(path));
        let content = content::inspect(bytes()?);
        let content = if is_gzip {
            content.map_err(gzip_or(path, refused))?
        } else {
            content.map_err(refused(path))?
        };
        let rows = CsvFile::new(bytes()?, content.encoding, columns);
        let rows = rows.map_err(|source| SourceError::Csv {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self(Kind::File {
            path: path.to_owned(),
            content,
            rows: Box::new(rows),
        }))
    }

    fn workbook(path: &Path, file: File, columns: &Columns) -> Result<Self, SourceError> {
        let file = workbook::extract(file, columns).map_err(|source| SourceError::Workbook {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let bytes = || Bytes::of(&file.rows, false).map_err(spool_error(path));
        let content = content::inspect(bytes()?).map_err(spool_error(path))?;
        let rows = SheetRows::new(bytes()?);
        Ok(Self(Kind::Workbook {
            path: path.to_owned(),
            content,
            sheets: file.sheets,
            rows: Box::new(rows),
        }))
    }

    /// Returns `rows` synthetic rows. Deterministic: the same `rows` and `seed` give the same rows with the same ids.
    #[must_use]
    pub fn synthetic(rows: u64, seed: u64) -> Self {
        Self(Kind::Synthetic(Box::new(SyntheticRows::new(rows, seed))))
    }

    /// Returns the prefix of the ids of its events.
    #[must_use]
    pub fn prefix(&self) -> &Prefix {
        match &self.0 {
            Kind::File { content, .. } | Kind::Workbook { content, .. } => &content.prefix,
            Kind::Synthetic(rows) => rows.prefix(),
        }
    }

    /// Returns the size: bytes of a file, or number of synthetic rows.
    #[must_use]
    pub fn size(&self) -> u64 {
        match &self.0 {
            Kind::File { content, .. } | Kind::Workbook { content, .. } => content.bytes,
            Kind::Synthetic(rows) => rows.total(),
        }
    }

    /// Returns the expected results for the rows so far. `None` unless the rows are synthetic.
    #[must_use]
    pub(crate) fn checksums(&self) -> Option<Checksums> {
        match &self.0 {
            Kind::File { .. } | Kind::Workbook { .. } => None,
            Kind::Synthetic(rows) => Some(rows.checksums()),
        }
    }

    /// Returns the sheets of a workbook. Empty for other sources.
    #[must_use]
    pub(crate) fn sheets(&self) -> &[Sheet] {
        match &self.0 {
            Kind::Workbook { sheets, .. } => sheets,
            Kind::File { .. } | Kind::Synthetic(_) => &[],
        }
    }

    /// Reads the next row; `None` at the end.
    ///
    /// # Errors
    ///
    /// When reading fails.
    pub(crate) fn read(&mut self) -> Result<Option<Item<'_>>, SourceError> {
        match &mut self.0 {
            Kind::File { path, rows, .. } => rows.read().map_err(|source| SourceError::Csv {
                path: path.clone(),
                source,
            }),
            Kind::Workbook { path, rows, .. } => rows.read().map_err(|source| SourceError::Csv {
                path: path.clone(),
                source: CsvError::Read(source),
            }),
            Kind::Synthetic(rows) => Ok(rows.next().map(Item::Row)),
        }
    }
}

fn format(path: &Path, file: &File, is_gzip: bool) -> Result<Format, SourceError> {
    let content = Bytes::of(file, is_gzip).map_err(io_error(path))?;
    let format = content.format();
    if is_gzip {
        format.map_err(gzip_or(path, io_error))
    } else {
        format.map_err(io_error(path))
    }
}

type Refusal<'a> = Box<dyn Fn(io::Error) -> SourceError + 'a>;

fn io_error(path: &Path) -> Refusal<'_> {
    Box::new(|source| SourceError::Io {
        path: path.to_owned(),
        source,
    })
}

fn spool_error(path: &Path) -> Refusal<'_> {
    Box::new(|source| SourceError::Spool {
        path: path.to_owned(),
        source,
    })
}

/// Maps an error of the operating system by `other`, and an error of the decoder to damaged content.
fn gzip_or<'a>(path: &'a Path, other: fn(&'a Path) -> Refusal<'a>) -> Refusal<'a> {
    Box::new(move |source| {
        if source.raw_os_error().is_some() {
            return other(path)(source);
        }
        SourceError::Gzip {
            path: path.to_owned(),
            source,
        }
    })
}

fn foreign_error(path: &Path, foreign: &'static Foreign) -> SourceError {
    SourceError::Foreign {
        path: path.to_owned(),
        foreign,
    }
}

#[cfg(test)]
mod tests;
