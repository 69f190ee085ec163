//! Riverhouse's command line: renders CloudFormation templates from typed Rust, deploys them, and operates the
//! deployed environments.

pub mod cli;
pub mod clients;
pub mod console;
pub mod deploy;
pub mod doctor;
pub mod environment;
mod file;
pub mod function;
pub mod identities;
pub mod invoke;
pub mod listing;
pub mod load;
pub mod lock;
pub mod login;
pub mod logs;
mod object;
pub mod outputs;
pub mod permissions;
pub mod platform;
pub mod progress;
pub mod rejects;
pub mod replay;
pub mod report;
pub mod session;
pub mod status;
pub mod teardown;
pub mod trace;
pub mod wait;
pub mod workbook;
