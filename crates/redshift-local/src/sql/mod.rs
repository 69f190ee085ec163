//! Redshift SQL in, PostgreSQL SQL or a plan out. Pure: nothing here does I/O.
//!
//! A statement is cut into tokens, its parameters are put in, its first words pick a small parser,
//! and everything else passes through [`expression`] token by token. Text that no rule touches is
//! copied as it was written, so a literal cannot change.

mod alter;
mod assume_role;
mod call;
mod clause;
mod column;
mod copy;
mod copy_option;
mod create_table;
mod cursor;
mod define;
mod error;
mod expression;
mod foreign;
mod function;
mod grant;
mod maintain;
mod merge;
mod parameter;
mod plan;
mod redact;
mod refusal;
mod routine;
mod setting;
mod token;
mod types;
mod unload;
mod unload_option;
mod user;

pub(crate) use copy::{
    Compression, CopyFormat, CopySource, CopyStatement, JsonPaths, NullRules, TimeFormat,
};
pub(crate) use error::SqlError;
pub(crate) use function::SCHEMA;
pub(crate) use parameter::{Parameter, check_parameters};
pub(crate) use plan::{Command, Plan, Transaction, plan};
pub(crate) use redact::hide_passwords;
pub(crate) use unload::{CsvFormat, ManifestDetail, UnloadFormat, UnloadStatement};

#[cfg(test)]
mod properties;
