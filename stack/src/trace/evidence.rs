//! What the places of the pipeline have of one event.

use time::OffsetDateTime;
use warehouse::LoadedLine;

use crate::rejects::Reject;

/// What a place has, or why that is unknown. `Ok(None)` means that the place was searched and has nothing.
pub(super) type Answer<T> = Result<Option<T>, String>;

/// Line of an item in table `invoice`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct TableLine {
    pub(super) envelope_id: String,
    /// When the API received the envelope.
    pub(super) received_at: Option<OffsetDateTime>,
    /// Position of the event in the item, from 1.
    pub(super) line: usize,
    /// Lines of the item.
    pub(super) lines: usize,
}

/// Line of an object in the raw lake.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct LakeEntry {
    pub(super) key: String,
    /// When the object was written.
    pub(super) modified: Option<OffsetDateTime>,
    /// Line in the object, from 1.
    pub(super) line: usize,
    pub(super) envelope_id: String,
    pub(super) invoice_no: String,
    pub(super) received_at: OffsetDateTime,
}

/// Record of the stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct StreamRecord {
    pub(super) shard: String,
    pub(super) sequence_number: String,
    /// When the record arrived in the stream.
    pub(super) arrived_at: Option<OffsetDateTime>,
    pub(super) envelope_id: String,
    pub(super) request_id: String,
    pub(super) received_at: OffsetDateTime,
    /// Events of the envelope.
    pub(super) events: usize,
}

/// Row of a staged file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct StagedRow {
    pub(super) key: String,
    /// When the file was written.
    pub(super) modified: Option<OffsetDateTime>,
    /// Row of the file without its header, from 1.
    pub(super) row: usize,
}

/// Everything that was found of one event.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    pub(super) line: Answer<LoadedLine>,
    pub(super) item: Answer<TableLine>,
    pub(super) entry: Answer<LakeEntry>,
    pub(super) record: Answer<StreamRecord>,
    pub(super) staged: Answer<StagedRow>,
    /// An open reject or dead letter of the event, of its lake object or of its staged file.
    pub(super) reject: Answer<Reject>,
}

impl Evidence {
    /// Returns the envelope of the event, if a place knows it.
    pub(super) fn envelope_id(&self) -> Option<&str> {
        let line = found(&self.line).map(|it| it.envelope_id.as_str());
        let item = || found(&self.item).map(|it| it.envelope_id.as_str());
        let entry = || found(&self.entry).map(|it| it.envelope_id.as_str());
        let record = || found(&self.record).map(|it| it.envelope_id.as_str());
        line.or_else(item).or_else(entry).or_else(record)
    }

    /// Returns when the API received the event: to the millisecond if a place other than the warehouse knows it.
    pub(super) fn received_at(&self) -> Option<OffsetDateTime> {
        let entry = found(&self.entry).map(|it| it.received_at);
        let record = || found(&self.record).map(|it| it.received_at);
        let item = || found(&self.item).and_then(|it| it.received_at);
        let line = || found(&self.line).and_then(|it| moment(&it.ingested_at));
        entry.or_else(record).or_else(item).or_else(line)
    }
}

/// Returns what an answer found.
pub(super) fn found<T>(answer: &Answer<T>) -> Option<&T> {
    answer.as_ref().ok().and_then(Option::as_ref)
}

/// Parses a timestamp of the warehouse, which is in UTC. Ignores fractions of a second.
pub(super) fn moment(text: &str) -> Option<OffsetDateTime> {
    let when = events::parse_timestamp(text).ok()?;
    Some(when.assume_utc())
}
