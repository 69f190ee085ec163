//! A statement as tokens, and the error that every parser of statements returns.

mod cursor;
mod error;
mod parameter;
mod redact;
mod scan;
mod token;

pub(crate) use cursor::{Cursor, closing, split};
pub(crate) use error::SqlError;
pub(crate) use parameter::{Parameter, bind, check_parameters};
pub(crate) use redact::hide_passwords;
pub(crate) use token::{Kind, Tok, lex, literal, name, quote, value};
