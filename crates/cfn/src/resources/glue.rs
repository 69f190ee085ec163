//! AWS Glue.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_Glue.html>

mod catalog;
mod connection;
mod crawler;
mod job;
mod security;

pub use catalog::{Column, CsvTable, Database};
pub use connection::Connection;
pub use crawler::{Crawler, CsvClassifier, Target};
pub use job::{Job, Start, Trigger};
pub use security::{LOG_GROUPS, SecurityConfiguration, grant_log};
