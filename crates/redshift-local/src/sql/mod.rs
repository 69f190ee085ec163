//! Translates Redshift SQL to PostgreSQL SQL or to a plan. Pure: nothing here does I/O.
//!
//! [`planner`] splits a statement into tokens, binds its parameters and picks a small parser by its
//! first words; [`expression`] rewrites the rest token by token. Text that no rule changes is
//! copied as written, so literals cannot change.

mod access;
mod ddl;
mod expression;
mod lexing;
mod merge;
mod plan;
mod planner;
mod refusal;
mod setting;
mod transfer;

pub(crate) use expression::SCHEMA;
pub(crate) use lexing::{Parameter, SqlError, check_parameters, hide_passwords};
pub(crate) use plan::{Command, Transaction};
pub(crate) use planner::plan;
#[cfg(test)]
use planner::rewritten;
pub(crate) use transfer::copy::{
    Compression, CopyFormat, CopySource, CopyStatement, JsonPaths, NullRules, TimeFormat,
};
pub(crate) use transfer::unload::{CsvFormat, ManifestDetail, UnloadFormat, UnloadStatement};

#[cfg(test)]
mod property_tests;
