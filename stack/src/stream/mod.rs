//! Streams orders from a file, or synthetic ones, to the API.
//!
//! A source yields rows, a batcher gathers them into request bodies, and the sender posts these concurrently until
//! each event is accepted or rejected. The report gives the result. Everything except the sender, the ticker and the
//! loop of the wait is pure.

mod answer;
mod backoff;
mod batch;
mod checkpoint;
mod content;
mod deliver;
mod event;
mod item;
mod made;
mod pace;
mod reading;
mod report;
mod sender;
mod source;
mod ticker;
pub mod wait;

pub use answer::{Again, Rejected, Settled, StopError, Verdict, decide};
pub use backoff::Backoff;
pub use batch::{Batch, Batcher, Limits, MAX_BYTES, MAX_EVENTS};
pub use checkpoint::{Checkpoint, Checkpoints, read as read_checkpoint};
pub use content::{Content, Encoding, inspect};
pub use deliver::{SendError, post_again};
pub use event::{COLUMNS, Fields, Prefix, write};
pub use item::{Item, Row, Skipped};
pub use made::{Checksums, Made};
pub use pace::{Pacer, Rate, RateError};
pub use reading::{Batches, Listed, Read};
pub use report::{Ending, RejectedRow, Report, RequestTimes, Tally, per_second};
pub use sender::{Sent, Speed, send};
pub use source::{
    Bytes, Columns, ColumnsError, CsvError, CsvFile, Foreign, Header, HeaderError, Sheet,
    SheetRows, Source, SourceError, WorkbookError,
};
pub use ticker::Ticker;
