//! `COPY`: loads files from S3 into a table.
//!
//! ```text
//! files      finds the objects of a prefix or a manifest
//! fetch      reads several objects at once, in order and in bounded memory
//! input      bytes → decompressed lines
//! record     lines → fields (CSV, delimited; `json` for JSON)
//! convert    fields → PostgreSQL's COPY text by Redshift's rules, or an error
//! load       runs a load; its worker `loader` counts rejected rows
//! history    stores what SYS_LOAD_HISTORY and SYS_LOAD_ERROR_DETAIL show
//! ```

mod convert;
mod decimal;
mod fetch;
mod files;
mod history;
mod input;
mod json;
mod load;
mod load_error;
mod loader;
mod pattern;
mod record;
mod row;
mod scalar;
mod table;
mod text;
mod timestamp;

pub(crate) use load::{CopyContext, run};
