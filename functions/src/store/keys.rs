//! Object keys. They depend only on the records, never on when or where a function ran.

use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use super::batch::Record;

const DAY: StaticFormatDescription = format_description!("dt=[year]-[month]-[day]");
const HOUR: StaticFormatDescription = format_description!("dt=[year]-[month]-[day]/hr=[hour]");

/// Returns the raw lake's key for the records from `first` to `last` of one shard.
///
/// Equal ranges have equal content, so writing an object again changes nothing. This holds because a batch has
/// consecutive records of its shard while the mapping's `ParallelizationFactor` is 1, the default. Ranges may overlap
/// after Lambda split a batch; readers deduplicate events by their ids.
pub(super) fn lake(first: &Record, last: &Record) -> String {
    let hour = lake_hour(first.arrival());
    let (shard, from, to) = (first.shard(), first.sequence(), last.sequence());
    format!("{hour}{shard}/{from}-{to}.ndjson.gz")
}

/// Returns the prefix of the raw lake's objects whose first record arrived in the hour of `at`, such as
/// `raw/v1/dt=2026-01-02/hr=03/`.
#[must_use]
pub fn lake_hour(at: OffsetDateTime) -> String {
    format!("raw/v1/{}/", partition(at, HOUR))
}

/// Returns the key for the rejects of one record. A redelivered record replaces the same object.
pub(super) fn reject(record: &Record) -> String {
    let day = partition(record.arrival(), DAY);
    format!(
        "rejects/store/{day}/{}-{}.ndjson",
        record.shard(),
        record.sequence()
    )
}

fn partition(at: OffsetDateTime, form: StaticFormatDescription) -> String {
    // A date with an hour has every component that the formats use.
    at.to_offset(UtcOffset::UTC)
        .format(form)
        .unwrap_or_default()
}
