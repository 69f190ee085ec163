//! Names of objects, made of what the records are and never of when or where a function ran.

use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use super::batch::Record;

const DAY: StaticFormatDescription = format_description!("dt=[year]-[month]-[day]");
const HOUR: StaticFormatDescription = format_description!("dt=[year]-[month]-[day]/hr=[hour]");

/// The raw lake's object for the records from `first` to `last` of one shard.
///
/// The same range is the same content, so that putting it again changes nothing: a batch holds consecutive records of
/// its shard for as long as the mapping's `ParallelizationFactor` is 1, the default. Ranges may overlap after
/// a batch was cut; readers know events by their ids.
pub(super) fn lake(first: &Record, last: &Record) -> String {
    let hour = partition(first.arrival(), HOUR);
    let (shard, from, to) = (first.shard(), first.sequence(), last.sequence());
    format!("raw/v1/{hour}/{shard}/{from}-{to}.ndjson.gz")
}

/// The object for what was rejected of one record: written again when the record comes again.
pub(super) fn reject(record: &Record) -> String {
    let day = partition(record.arrival(), DAY);
    format!(
        "rejects/store/{day}/{}-{}.ndjson",
        record.shard(),
        record.sequence()
    )
}

fn partition(at: OffsetDateTime, form: StaticFormatDescription) -> String {
    // A date and an hour have every part that the forms name.
    at.to_offset(UtcOffset::UTC)
        .format(form)
        .unwrap_or_default()
}
