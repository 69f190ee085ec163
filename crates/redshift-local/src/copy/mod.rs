//! `COPY`: files on S3 into a table.
//!
//! ```text
//! files      which objects, from a prefix or a manifest
//! fetch      opens several at once, hands their bytes on in order, in bounded memory
//! input      bytes → lines, decompressed
//! record     lines → fields (CSV, delimited, JSON)
//! convert    fields → PostgreSQL's COPY text, by Redshift's rules, or a reason why not
//! load       runs it all, counts refused rows
//! history    what stays in SYS_LOAD_HISTORY and SYS_LOAD_ERROR_DETAIL
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
mod pattern;
mod record;
mod row;
mod scalar;
mod table;
mod text;
mod timestamp;

pub(crate) use load::{CopyContext, run};
