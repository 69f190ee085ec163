//! Why Tableau's files cannot be written.

use std::io;
use std::path::{Path, PathBuf};

use tableau::{BuildError, LintError};
use warehouse::{RenderError, WarehouseError};

/// Why Tableau's files cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    /// The warehouse could not be read.
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    /// The views do not have what the sheets show.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A finished file did not pass our checks.
    #[error(
        "a generated file did not pass its check, so nothing was written; this is a defect of `stack`"
    )]
    Lint(#[from] LintError),
    /// A template of SQL is wrong, or a view has a name that is not allowed.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The packaged workbook could not be created.
    #[error("cannot create the packaged workbook")]
    Zip(#[from] zip::result::ZipError),
    /// A file could not be read or written.
    #[error("cannot {doing} `{}`", path.display())]
    File {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    /// A result could not be written as CSV.
    #[error("cannot write the rows of `analytics.{view}` for the extract")]
    Csv { view: String, source: csv::Error },
    /// The interpreter does not start.
    #[error("cannot start `{}` for the extract\n  next: name a Python with `tableauhyperapi` by `--python`", python.display())]
    Python { python: PathBuf, source: io::Error },
    /// The interpreter lacks the package.
    #[error(
        "`{0}` has no package `tableauhyperapi`, which writes the extract\n  next: `{0} -m pip install tableauhyperapi`, or name another Python by `--python` (for example that of a virtual environment)",
        python.display()
    )]
    NoHyper { python: PathBuf },
    #[error("Hyper could not write the extract: {message}")]
    Hyper { message: String },
    /// The warehouse or Hyper returned something else than expected.
    #[error("the totals of `analytics.{view}` are missing in the answer of {of}")]
    Totals { view: String, of: &'static str },
    /// The extract is not equal to the warehouse.
    #[error(
        "the extract differs from the warehouse, so nothing was written: `{column}` of `analytics.{view}` is {extract} in the extract and {warehouse} in the warehouse; this is a defect of `stack`"
    )]
    Differs {
        view: String,
        column: String,
        extract: String,
        warehouse: String,
    },
}

/// Returns the error of an operation on a path.
pub(super) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WorkbookError {
    let path = path.to_owned();
    move |source| WorkbookError::File {
        doing,
        path,
        source,
    }
}
