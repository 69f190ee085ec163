//! Templates of SQL for the warehouse, of JSON for dashboards, of XML for Tableau and of HTML for the report.
//!
//! A template is a file with one struct that has its values. Rendering is strict: a placeholder without a
//! value is an error. Helpers quote names and texts as SQL requires; XML is escaped by itself. Template structs have no `Option`
//! fields, because strict rendering would print `null` as an empty text.

pub mod cloudwatch;
pub mod columns;
mod quote;
mod render;
pub mod report;
pub mod sql;
pub mod tableau;

pub use quote::is_identifier;
pub use render::{RenderError, Sql, render};
