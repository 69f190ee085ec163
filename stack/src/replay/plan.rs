//! Selects the raw objects of a replay and groups them. Pure.

use std::collections::BTreeMap;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime};

/// Maximum number of objects per call of `transform`: the batch size of its event source mapping.
const GROUP: usize = 100;

/// A time on the command line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Time(pub OffsetDateTime);

/// The text is not a time.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "expected a day such as 2026-01-31, which begins at midnight UTC, or a time such as 2026-01-31T12:00:00Z"
)]
pub struct TimeError;

impl FromStr for Time {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
        let time = day.map(|day| day.midnight().assume_utc());
        time.or_else(|_| OffsetDateTime::parse(text, &Rfc3339))
            .map(Self)
            .map_err(|_| TimeError)
    }
}

/// Range of the times at which events arrived at the stream. A missing end is open.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Range {
    /// Inclusive.
    pub from: Option<OffsetDateTime>,
    /// Exclusive.
    pub to: Option<OffsetDateTime>,
}

impl Range {
    /// Returns whether the object at `key` may hold events of the range. An object is named after the hour of its
    /// first record, but its batch may extend into the next hour. A key without an hour always matches.
    fn may_hold(self, key: &str) -> bool {
        let Some(hour) = hour(key) else { return true };
        let starts_before = self.to.is_none_or(|to| hour < to);
        let ends_after = self
            .from
            .is_none_or(|from| hour + 2 * Duration::HOUR > from);
        starts_before && ends_after
    }
}

/// Parses the hour of `raw/v1/dt=2026-01-02/hr=03/…`.
fn hour(key: &str) -> Option<OffsetDateTime> {
    let part = |name| key.split('/').find_map(|part| part.strip_prefix(name));
    let day = Date::parse(part("dt=")?, format_description!("[year]-[month]-[day]")).ok()?;
    let time = day.with_hms(part("hr=")?.parse().ok()?, 0, 0).ok()?;
    Some(time.assume_utc())
}

/// An object of the raw lake.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Object {
    pub(super) key: String,
    /// Hash of the content, without quotes.
    pub(super) etag: String,
}

/// Objects of one hour that one call processes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Group {
    pub(super) objects: Vec<Object>,
}

impl Group {
    /// Returns the first 128 bits of a hash of keys and contents, in hexadecimal.
    pub(super) fn id(&self) -> String {
        let mut sha = Sha256::new();
        for object in &self.objects {
            for part in [&object.key, &object.etag] {
                sha.update(part);
                sha.update([0]);
            }
        }
        hex::encode(&sha.finalize()[..16])
    }
}

/// Groups the objects of `range` by hour, at most 100 per group. The groups of a past hour are always the same.
pub(super) fn groups(objects: impl IntoIterator<Item = Object>, range: Range) -> Vec<Group> {
    let mut hours: BTreeMap<String, Vec<Object>> = BTreeMap::new();
    for object in objects.into_iter().filter(|it| range.may_hold(&it.key)) {
        // The key up to the shard's folder.
        let hour = object.key.split('/').take(4).collect::<Vec<_>>().join("/");
        hours.entry(hour).or_default().push(object);
    }
    let mut groups = Vec::new();
    for mut objects in hours.into_values() {
        objects.sort_by(|one, two| one.key.cmp(&two.key));
        let chunks = objects.chunks(GROUP).map(<[Object]>::to_vec);
        groups.extend(chunks.map(|objects| Group { objects }));
    }
    groups
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn object(hour: &str, number: usize) -> Object {
        Object {
            key: format!("raw/v1/dt=2026-01-02/hr={hour}/shardId-0/{number:03}.ndjson.gz"),
            etag: number.to_string(),
        }
    }

    #[test]
    fn a_day_begins_at_midnight_and_other_words_are_refused_with_what_is_expected() {
        let midnight = datetime!(2026-01-02 00:00 UTC);
        assert_eq!("2026-01-02".parse(), Ok(Time(midnight)));
        assert_eq!("2026-01-02T01:00:00+01:00".parse(), Ok(Time(midnight)));
        for wrong in ["", "yesterday", "2026-1-2", "2026-01-02 00:00"] {
            assert_eq!(wrong.parse::<Time>(), Err(TimeError), "{wrong}");
        }
    }

    #[test]
    fn an_hour_is_replayed_when_the_range_touches_it_or_the_hour_after_it() {
        let range = Range {
            from: Some(datetime!(2026-01-02 03:30 UTC)),
            to: Some(datetime!(2026-01-02 05:00 UTC)),
        };
        let objects = ["01", "02", "03", "04", "05"].map(|hour| object(hour, 1));
        let chosen = groups(objects, range);
        let keys: Vec<_> = chosen.iter().map(|it| &it.objects[0].key).collect();
        let expected = ["02", "03", "04"].map(|hour| object(hour, 1).key);
        assert_eq!(keys, expected.iter().collect::<Vec<_>>());
        assert_eq!(groups([object("23", 1)], Range::default()).len(), 1);
    }

    #[test]
    fn groups_do_not_hang_on_the_order_or_on_other_hours_and_hold_100_objects() {
        let mut objects: Vec<_> = (0..250).map(|number| object("03", number)).collect();
        let one = groups(objects.clone(), Range::default());
        let sizes: Vec<_> = one.iter().map(|group| group.objects.len()).collect();
        assert_eq!(sizes, [100, 100, 50]);
        objects.reverse();
        objects.push(object("02", 7));
        let two = groups(objects, Range::default());
        assert_eq!(two[1..], one);
        assert_eq!(two[1].id(), one[0].id());
        assert_ne!(one[0].id(), one[1].id());
    }
}
