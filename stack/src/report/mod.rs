//! The analysts' report: runs the queries of the pages, draws their charts, and writes one HTML file.
//!
//! The crate `report` reads, checks and renders the pages; here is its I/O.

mod charts;
mod definitions;
mod pages;
mod run;

pub use charts::Drawn;
pub use pages::{built_in, in_folder};
pub use run::{ReportError, Written, write};
