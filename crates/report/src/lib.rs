//! The report as code: reads pages of Markdown with SQL, charts, tables and figures, checks them, and renders the
//! results of their queries as one HTML file. Runs no query and draws no chart; the caller does both.
//!
//! 1. [`Report::read`] reads the pages and returns all mistakes in them.
//! 2. The caller runs [`Report::queries`].
//! 3. [`Report::check`] compares the columns of the results with those that the pages name.
//! 4. The caller draws [`Report::drawings`].
//! 5. [`Report::html`] returns the file.

mod block;
mod check;
mod colors;
mod columns;
mod drawing;
mod format;
mod markdown;
mod mistake;
mod page;
mod place;
mod render;
mod report;
mod spec;
mod value;

#[cfg(test)]
mod tests;

pub use drawing::{Drawing, Pictures};
pub use mistake::{Mistake, Mistakes};
pub use page::Query;
pub use place::Source;
pub use render::{Definition, Facts};
pub use report::Report;
pub use templates::RenderError;

use std::collections::BTreeMap;

/// The rows of each query, by its name. A query that failed is not in it.
pub type Results = BTreeMap<String, warehouse::Rows>;
