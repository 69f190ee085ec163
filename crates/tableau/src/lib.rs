//! Tableau data sources and a workbook for the analysts' views. Computes texts and bytes; reads and writes no file.
//!
//! [`Catalog`] is what the database says about its views, [`Files::of`] the files for a [`Connection`]. Captions,
//! formats, folders and descriptions come from the catalog. [`lint()`] checks what Tableau's schema does not check.

mod catalog;
mod connection;
mod dashboard;
mod datatype;
mod error;
mod files;
mod id;
mod kind;
mod lint;
mod package;
mod sheet;
mod sheets;
mod source;
mod worksheet;

pub use catalog::{Catalog, Column, View, ViewColumn};
pub use connection::{Connection, Server};
pub use datatype::Datatype;
pub use error::BuildError;
pub use files::Files;
pub use lint::{LintError, lint};
pub use package::{Extract, package};

/// The schema of the analysts' views.
pub const SCHEMA: &str = "analytics";
