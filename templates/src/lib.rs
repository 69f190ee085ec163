//! Texts for other programs, as templates: SQL for the warehouse, JSON for dashboards.
//!
//! A template is a file with one struct beside it; rendering is strict, so a hole without a value is an
//! error and never a gap in a statement that may still run. Names and texts are quoted by helpers as SQL
//! quotes them, and a template struct holds no `Option`: strict rendering would print `null` as nothing.

pub mod cloudwatch;
pub mod columns;
mod quote;
mod render;
pub mod sql;

pub use quote::is_identifier;
pub use render::{RenderError, Sql, render};
