//! Streams order lines to the HTTP API: from a CSV file, a workbook or standard input, or synthetic ones.
//!
//! A [`Source`] yields rows, [`Batches`] gathers them into request bodies, and [`send`] posts these concurrently until
//! each event is accepted or rejected. A [`Report`] gives the result, [`Checkpoints`] let an interrupted run resume.
//! [`api`] is the signed client of the API. Everything except `sender`, `deliver` and `api` is pure or only reads files.

pub mod api;
mod backoff;
mod batch;
mod checkpoint;
mod content;
mod deliver;
mod event;
mod item;
mod observer;
mod rate;
mod reading;
mod report;
mod sender;
mod source;
mod synthetic;
mod verdict;

pub use batch::{Limits, MAX_BYTES, MAX_EVENTS};
pub use checkpoint::{Checkpoint, Checkpoints, read as read_checkpoint};
pub use deliver::{SendError, resend};
pub use event::Prefix;
pub use item::Skipped;
pub use observer::Observer;
pub use rate::{Rate, RateError};
pub use reading::{Batches, Listed, ReadSummary};
pub use report::{Ending, RejectedRow, Report, RequestTimes, Tally, Waited};
pub use sender::{Sent, Speed, send};
pub use source::{
    Columns, ColumnsError, CsvError, Foreign, HeaderError, Sheet, Source, SourceError,
    WorkbookError,
};
pub use synthetic::Checksums;
pub use verdict::StopError;
