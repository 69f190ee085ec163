//! Measures how many events per second a stage processes, between two reports.

use std::collections::BTreeSet;
use std::time::Instant;

use super::inspection::Inspection;
use super::lake::Item;
use super::{LastLoad, StageName, Status};
use crate::load::unzip;
use crate::object;

/// Maximum number of new objects of a stage whose lines are counted. The lines of further objects are estimated from
/// their size.
const SAMPLE: usize = 40;

/// Recent objects of the raw lake and of staging, with their buckets.
#[derive(Debug, Default)]
pub struct Newest {
    pub(super) raw: Option<(String, Vec<Item>)>,
    pub(super) staged: Option<(String, Vec<Item>)>,
}

impl Newest {
    /// Returns the keys of the newest objects of the raw lake, the newest first: at most `most`, of today and
    /// yesterday. `None` if the lake could not be listed.
    #[must_use]
    pub fn raw_keys(&self, most: usize) -> Option<Vec<&str>> {
        let (_, items) = self.raw.as_ref()?;
        let mut items: Vec<_> = items.iter().collect();
        items.sort_by(|one, two| (two.modified, &two.key).cmp(&(one.modified, &one.key)));
        let newest = items.iter().take(most).map(|item| item.key.as_str());
        Some(newest.collect())
    }
}

/// Measures rates from one report to the next.
#[derive(Debug, Default)]
pub struct Meter {
    last: Option<Last>,
}

#[derive(Debug)]
struct Last {
    at: Instant,
    raw: BTreeSet<String>,
    staged: BTreeSet<String>,
    load: Option<LastLoad>,
}

impl Meter {
    /// Sets `events_per_second` of the stages whose events can be counted. The first report has no rates, because they
    /// are measured since the report before.
    pub async fn measure(&mut self, inspection: &Inspection, status: &mut Status) {
        let now = Instant::now();
        if let Some(last) = &self.last {
            let newest = &status.newest;
            let store = count(inspection, newest.raw.as_ref(), &last.raw, 0).await;
            let transform = count(inspection, newest.staged.as_ref(), &last.staged, 1).await;
            let load = rows_since(last.load.as_ref(), status.last_load.as_ref());
            let seconds = (now - last.at).as_secs_f64();
            for (name, events) in [
                (StageName::Store, store),
                (StageName::Transform, transform),
                (StageName::Load, load),
            ] {
                let stage = status.stages.iter_mut().find(|stage| stage.name == name);
                if let (Some(stage), Some(events)) = (stage, events) {
                    stage.events_per_second = Some(events / seconds);
                }
            }
        }
        let keys = |found: &Option<(String, Vec<Item>)>| {
            let items = found.iter().flat_map(|(_, items)| items);
            items.map(|item| item.key.clone()).collect()
        };
        self.last = Some(Last {
            at: now,
            raw: keys(&status.newest.raw),
            staged: keys(&status.newest.staged),
            load: status.last_load.clone(),
        });
    }
}

/// Returns the rows of the last load, or 0 if it is the same load as before. `None` if there is no load.
fn rows_since(before: Option<&LastLoad>, now: Option<&LastLoad>) -> Option<f64> {
    let now = now?;
    if before == Some(now) {
        return Some(0.0);
    }
    u32::try_from(now.rows_staged).ok().map(f64::from)
}

/// Returns the number of lines in the objects that are not `known`, without the `header` lines of each. `None` if an
/// object cannot be read.
async fn count(
    inspection: &Inspection,
    found: Option<&(String, Vec<Item>)>,
    known: &BTreeSet<String>,
    header: usize,
) -> Option<f64> {
    let (bucket, items) = found?;
    let new: Vec<_> = items
        .iter()
        .filter(|item| !known.contains(&item.key))
        .collect();
    let s3 = inspection.clients.s3();
    let (mut lines, mut bytes) = (0, 0);
    for item in new.iter().take(SAMPLE) {
        let object = object::get(&s3, bucket, &item.key);
        let text = unzip(&inspection.ask(object).await.ok()?)?;
        lines += text.lines().count().saturating_sub(header);
        bytes += item.bytes;
    }
    let all = new.iter().map(|item| item.bytes).sum();
    Some(scaled(lines, bytes, all))
}

/// Extrapolates `lines` in `bytes` bytes to `all` bytes.
#[expect(
    clippy::cast_precision_loss,
    reason = "a rate is shown as a whole number"
)]
fn scaled(lines: usize, bytes: u64, all: u64) -> f64 {
    if bytes == 0 {
        return 0.0;
    }
    lines as f64 * (all as f64 / bytes as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_beyond_the_sample_count_by_their_bytes() {
        let close = |one: f64, two: f64| assert!((one - two).abs() < 1e-9, "{one} {two}");
        close(scaled(300, 1000, 1000), 300.0);
        close(scaled(300, 1000, 2500), 750.0);
        close(scaled(0, 0, 0), 0.0);
    }

    #[test]
    fn the_rows_of_a_load_count_once() {
        let load = |id: &str| LastLoad {
            load_id: id.to_owned(),
            finished_at: "2026-01-02 03:04:05".to_owned(),
            rows_staged: 40,
            rows_inserted: 30,
        };
        assert_eq!(rows_since(None, None), None);
        assert_eq!(rows_since(None, Some(&load("a"))), Some(40.0));
        assert_eq!(rows_since(Some(&load("a")), Some(&load("a"))), Some(0.0));
        assert_eq!(rows_since(Some(&load("a")), Some(&load("b"))), Some(40.0));
    }
}
