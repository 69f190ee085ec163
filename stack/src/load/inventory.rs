//! Counts distinct events by the day on which the API received them.

use std::collections::{BTreeMap, HashMap};

use events::{EnvelopeId, LakeLine};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// First 128 bits of the hash of an event id. At 32 bytes per event, the ids of years fit in memory.
type Event = u128;

/// Distinct events with the day of the winning envelope: the smallest envelope id, as everywhere. If that envelope
/// arrived on two days, the earlier day counts.
#[derive(Debug, Default)]
pub struct Inventory {
    events: HashMap<Event, (String, u32)>,
    names: Vec<String>,
    /// Number of objects or lines that cannot be read.
    pub unreadable: u64,
}

impl Inventory {
    /// Counts an event. An event that was counted before is not counted twice.
    pub fn add(&mut self, event_id: &str, envelope_id: &EnvelopeId, day: &str) {
        let day = self.day(day);
        let envelope = envelope_id.as_ref();
        let kept = self
            .events
            .entry(event(event_id))
            .or_insert_with(|| (envelope.to_owned(), day));
        let name = |day: u32| self.names.get(day as usize);
        if (envelope, name(day)) < (kept.0.as_str(), name(kept.1)) {
            *kept = (envelope.to_owned(), day);
        }
    }

    /// Returns the index of a day. There are few days, so each name is stored once, in any order.
    fn day(&mut self, day: &str) -> u32 {
        let known = self.names.iter().rposition(|name| name == day);
        let position = known.unwrap_or_else(|| {
            self.names.push(day.to_owned());
            self.names.len() - 1
        });
        u32::try_from(position).unwrap_or(u32::MAX)
    }

    /// Returns whether the event was counted.
    pub(super) fn has(&self, event_id: &str) -> bool {
        self.events.contains_key(&event(event_id))
    }

    /// Returns the number of events per day.
    #[must_use]
    pub fn days(&self) -> BTreeMap<String, u64> {
        let mut days = BTreeMap::new();
        for (_, day) in self.events.values() {
            let name = self.names.get(*day as usize).cloned().unwrap_or_default();
            *days.entry(name).or_default() += 1;
        }
        days
    }

    /// Counts the lines of an object of the raw lake: valid events into `self`, events that `transform` rejects into
    /// `unfit`. Returns whether `staged` lacks a valid event.
    pub(super) fn add_lake(&mut self, unfit: &mut Self, staged: &Self, text: &str) -> bool {
        let mut lacks = false;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let Ok(line) = serde_json::from_str::<LakeLine>(line) else {
                self.unreadable += 1;
                continue;
            };
            let day = line.received_at.to_offset(time::UtcOffset::UTC).date();
            let inventory = if events::read_received(line.event.get(), line.received_at).is_ok() {
                lacks |= !staged.has(line.event_id.as_ref());
                &mut *self
            } else {
                &mut *unfit
            };
            inventory.add(line.event_id.as_ref(), &line.envelope_id, &day.to_string());
        }
        lacks
    }

    /// Counts the rows of a staged file. A file that lacks columns or is truncated counts as unreadable.
    pub(super) fn add_staged(&mut self, text: &str) {
        if self.add_rows(text).is_none() {
            self.unreadable += 1;
        }
    }

    fn add_rows(&mut self, text: &str) -> Option<()> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().ok()?;
        let column = |name: &str| header.iter().position(|column| column == name);
        let (id, envelope, at) = (
            column("event_id")?,
            column("envelope_id")?,
            column("ingested_at")?,
        );
        for record in reader.records() {
            let record = record.ok()?;
            let envelope: EnvelopeId = record.get(envelope)?.parse().ok()?;
            self.add(record.get(id)?, &envelope, record.get(at)?.get(..10)?);
        }
        Some(())
    }
}

fn event(id: &str) -> Event {
    let hash = Sha256::digest(id);
    hash.iter()
        .take(16)
        .fold(0, |event, byte| event << 8 | u128::from(*byte))
}

/// Event counts of one day in lake, staging and warehouse.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Day {
    /// Day on which the API received the events, UTC.
    pub day: String,
    /// Valid events in the raw lake.
    pub lake: u64,
    /// Events in the raw lake that `transform` rejects.
    pub unfit: u64,
    /// Events in the staging bucket.
    pub staging: u64,
    /// Events in the warehouse.
    pub warehouse: u64,
    /// Whether `lake`, `staging` and `warehouse` are equal.
    pub agrees: bool,
}

/// Returns all days in order. An event that is valid in one envelope and invalid in another counts as valid.
#[must_use]
pub fn days(
    lake: &Inventory,
    mut unfit: Inventory,
    staging: &Inventory,
    warehouse: &BTreeMap<String, u64>,
) -> Vec<Day> {
    unfit
        .events
        .retain(|event, _| !lake.events.contains_key(event));
    let (lake, unfit, staging) = (lake.days(), unfit.days(), staging.days());
    let mut names: Vec<_> = lake
        .keys()
        .chain(unfit.keys())
        .chain(staging.keys())
        .chain(warehouse.keys())
        .collect();
    names.sort();
    names.dedup();
    let of = |days: &BTreeMap<String, u64>, day: &str| days.get(day).copied().unwrap_or_default();
    let day = |name: &String| {
        let (lake, staging, warehouse) = (of(&lake, name), of(&staging, name), of(warehouse, name));
        Day {
            day: name.clone(),
            lake,
            unfit: of(&unfit, name),
            staging,
            warehouse,
            agrees: lake == staging && staging == warehouse,
        }
    };
    names.into_iter().map(day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "00000000000000000000000000000001";
    const GREAT: &str = "f0000000000000000000000000000000";

    fn lake(id: &str, envelope: &str, at: &str, quantity: &str) -> String {
        format!(
            r#"{{"event_id":"{id}","envelope_id":"{envelope}","received_at":"{at}","event":{{"InvoiceNo":"1","StockCode":"2","Quantity":{quantity},"InvoiceDate":"12/1/2010 8:26","UnitPrice":1,"Country":"EIRE"}}}}"#
        )
    }

    fn staged(rows: &[(&str, &str, &str)]) -> Inventory {
        let mut inventory = Inventory::default();
        let rows = rows
            .iter()
            .map(|(id, envelope, at)| format!("{id},{envelope},{at}"));
        let header = "event_id,envelope_id,ingested_at".to_owned();
        let lines: Vec<_> = std::iter::once(header).chain(rows).collect();
        inventory.add_staged(&lines.join("\n"));
        inventory
    }

    #[test]
    fn an_event_that_came_twice_counts_once_on_the_day_of_the_smallest_envelope() {
        let (mut fit, mut unfit) = (Inventory::default(), Inventory::default());
        let lines = [
            lake("a", GREAT, "2026-01-02T23:59:59Z", "1"),
            lake("a", SMALL, "2026-01-03T00:00:01Z", "1"),
            lake("b", GREAT, "2026-01-03T00:30:00+01:00", "1"),
        ];
        let lacks = fit.add_lake(&mut unfit, &Inventory::default(), &lines.join("\n"));
        assert!(lacks);
        let staging = staged(&[
            ("a", SMALL, "2026-01-03 00:00:01"),
            ("b", GREAT, "2026-01-02 23:30:00"),
        ]);
        let warehouse = [("2026-01-02".to_owned(), 1), ("2026-01-03".to_owned(), 1)].into();
        let days = days(&fit, unfit, &staging, &warehouse);
        assert!(days.iter().all(|day| day.agrees && day.lake == 1));
        assert_eq!(days.len(), 2);
    }

    #[test]
    fn an_envelope_that_came_on_two_days_counts_on_the_earlier_whichever_is_read_first() {
        let days = ["2026-01-02 23:59:59", "2026-01-03 00:00:01"];
        for [first, second] in [[0, 1], [1, 0]] {
            let inventory = staged(&[("a", SMALL, days[first]), ("a", SMALL, days[second])]);
            assert_eq!(inventory.days(), [("2026-01-02".to_owned(), 1)].into());
        }
    }

    #[test]
    fn what_only_one_place_has_does_not_agree_and_what_is_unfit_is_apart() {
        let (mut fit, mut unfit) = (Inventory::default(), Inventory::default());
        let lines = [
            lake("a", SMALL, "2026-01-02T10:00:00Z", "1"),
            lake("b", SMALL, "2026-01-02T10:00:00Z", "\"six\""),
            "no line of ours".to_owned(),
        ];
        let lacks = fit.add_lake(&mut unfit, &Inventory::default(), &lines.join("\n"));
        assert!(lacks);
        assert_eq!(fit.unreadable, 1);
        let none = BTreeMap::new();
        let seen = days(
            &fit,
            unfit,
            &staged(&[("a", SMALL, "2026-01-02 10:00:00")]),
            &none,
        );
        assert_eq!(
            seen,
            [Day {
                day: "2026-01-02".to_owned(),
                lake: 1,
                unfit: 1,
                staging: 1,
                warehouse: 0,
                agrees: false,
            }]
        );
    }

    #[test]
    fn a_file_without_our_columns_is_unreadable() {
        let mut inventory = Inventory::default();
        inventory.add_staged("other\n1\n");
        inventory.add_staged("event_id,envelope_id,ingested_at\na,short,2026-01-02\n");
        assert_eq!((inventory.unreadable, inventory.days().len()), (2, 0));
    }
}
