//! Groups objects into files.

use std::collections::{BTreeMap, BTreeSet};

use events::row::staged_prefix_of;
use sha2::{Digest as _, Sha256};

use super::source::Source;

/// Objects that become one file, or several if one gets full.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Group {
    /// Day of arrival of all objects.
    day: String,
    /// Distinct objects in the order of their keys.
    pub(super) sources: Vec<Source>,
}

/// Groups objects by their day of arrival. Their order does not matter.
pub(super) fn plan(sources: impl IntoIterator<Item = Source>) -> Vec<Group> {
    let mut days: BTreeMap<String, BTreeSet<Source>> = BTreeMap::new();
    for source in sources {
        days.entry(source.day.clone()).or_default().insert(source);
    }
    let group = |(day, sources): (_, BTreeSet<_>)| Group {
        day,
        sources: sources.into_iter().collect(),
    };
    days.into_iter().map(group).collect()
}

impl Group {
    /// Returns the key of the group's file number `part`, in a version of the CSV. The same objects have the same
    /// keys, as long as the files begin and end at the same rows. Otherwise the hash of the content gives another key,
    /// so that no row is skipped because another file has its key. A row that is in two files is loaded once, by its
    /// event id.
    pub(super) fn key(&self, version: u32, part: usize, file: &[u8]) -> String {
        format!(
            "{}dt={}/{}-{part:03}-{}.csv.gz",
            staged_prefix_of(version),
            self.day,
            self.id(),
            hex::encode(&Sha256::digest(file)[..8])
        )
    }

    /// Returns the first 128 bits of a hash of the objects' buckets, keys and `ETag`s.
    fn id(&self) -> String {
        let mut sha = Sha256::new();
        for source in &self.sources {
            for part in [&source.bucket, &source.key, &source.etag] {
                sha.update(part);
                sha.update([0]);
            }
        }
        hex::encode(&sha.finalize()[..16])
    }
}

/// Returns the key for the rejects of `source`. It does not depend on the group, so a redelivery replaces the same
/// object.
pub(super) fn rejects(source: &Source) -> String {
    let name = source
        .key
        .trim_end_matches(".gz")
        .trim_end_matches(".ndjson");
    format!("rejects/transform/{name}.ndjson")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(day: &str, key: &str, etag: &str) -> Source {
        Source {
            bucket: "raw".to_owned(),
            key: key.to_owned(),
            etag: etag.to_owned(),
            day: day.to_owned(),
        }
    }

    #[test]
    fn a_file_is_named_by_its_objects_and_not_by_their_order_or_repetition() {
        let (a, b) = (
            source("2026-01-02", "a", "1"),
            source("2026-01-02", "b", "2"),
        );
        let one = plan([a.clone(), b.clone()]);
        let two = plan([b.clone(), a.clone(), b.clone()]);
        assert_eq!(one, two);
        assert_eq!(one[0].key(1, 0, b"rows"), two[0].key(1, 0, b"rows"));
        assert_ne!(one[0].key(1, 0, b"rows"), one[0].key(1, 0, b"other rows"));
        let other = plan([a, source("2026-01-02", "b", "3")]);
        assert_ne!(one[0].key(1, 0, b"rows"), other[0].key(1, 0, b"rows"));
        insta::assert_snapshot!(one[0].key(1, 1, b"abc"), @"csv/v1/dt=2026-01-02/7ed8a2725c4b14cfa8a047399f805b7e-001-ba7816bf8f01cfea.csv.gz");
    }

    #[test]
    fn each_day_of_arrival_has_a_file_of_its_own() {
        let groups = plan([
            source("2026-01-03", "b", "1"),
            source("2026-01-02", "a", "1"),
        ]);
        let days: Vec<_> = groups.iter().map(|group| group.day.as_str()).collect();
        assert_eq!(days, ["2026-01-02", "2026-01-03"]);
    }

    #[test]
    fn an_object_has_one_place_for_its_rejects() {
        let key = rejects(&source(
            "2026-01-02",
            "raw/v1/dt=2026-01-02/hr=03/s/1-2.ndjson.gz",
            "",
        ));
        assert_eq!(
            key,
            "rejects/transform/raw/v1/dt=2026-01-02/hr=03/s/1-2.ndjson"
        );
    }
}
