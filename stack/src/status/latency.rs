//! The latency from the request with an event to its row in the warehouse.

use serde::Serialize;
use warehouse::load::LoadRow;

/// Rows are weighed in hundredths, because a load has up to 100 ages.
const HUNDREDTHS: u64 = 100;

/// Latency of the new rows of some loads.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Latency {
    /// Number of loads with new rows, at most 10.
    pub loads: usize,
    /// Number of their new rows.
    pub rows: u64,
    /// Half of the rows were in the warehouse after this time at the latest.
    pub p50_seconds: u64,
    /// 99 of 100 rows were in the warehouse after this time at the latest.
    pub p99_seconds: u64,
}

/// Returns the latency of the new rows of `loads`, each load weighted by its number of new rows; `None` without new
/// rows.
pub(super) fn latency(loads: &[LoadRow]) -> Option<Latency> {
    let loads: Vec<_> = loads
        .iter()
        .filter(|load| !load.event_ages.is_empty())
        .collect();
    // In each load every age stands for the same number of rows.
    let mut ages: Vec<_> = loads
        .iter()
        .flat_map(|load| {
            let parts = u64::try_from(load.event_ages.len()).unwrap_or(u64::MAX);
            let weight = new_rows(load) * HUNDREDTHS / parts;
            load.event_ages.iter().map(move |age| (*age, weight))
        })
        .collect();
    ages.sort_unstable();
    let percentile = |percent: u64| {
        let total: u64 = ages.iter().map(|(_, weight)| weight).sum();
        let mut younger = 0;
        let reached = |(_, weight): &&(u64, u64)| {
            younger += weight;
            younger * 100 >= total * percent
        };
        ages.iter().find(reached).map(|(age, _)| *age)
    };
    Some(Latency {
        loads: loads.len(),
        rows: loads.iter().map(|load| new_rows(load)).sum(),
        p50_seconds: percentile(50)?,
        p99_seconds: percentile(99)?,
    })
}

fn new_rows(load: &LoadRow) -> u64 {
    u64::try_from(load.rows_inserted + load.rows_replaced).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use warehouse::load::LoadId;

    use super::*;

    fn load(rows: i64, event_ages: Vec<u64>) -> LoadRow {
        LoadRow {
            load_id: LoadId("0123".to_owned()),
            attempt: 1,
            files: 1,
            rows_staged: rows + 7,
            rows_inserted: rows,
            rows_replaced: 0,
            duplicates: 7,
            conflicts: 0,
            max_ingested_at: String::new(),
            event_ages,
            finished_at: String::new(),
        }
    }

    #[test]
    fn a_large_load_weighs_more_than_a_small_one() {
        let loads = [
            load(3, vec![500, 500, 500]),
            load(100_000, (1..=100).collect()),
        ];
        let expected = Latency {
            loads: 2,
            rows: 100_003,
            p50_seconds: 51,
            p99_seconds: 100,
        };
        assert_eq!(latency(&loads), Some(expected));
        assert_eq!(latency(&loads[1..]).unwrap().p50_seconds, 50);
        assert_eq!(latency(&loads[1..]).unwrap().p99_seconds, 99);
    }

    #[test]
    fn a_load_without_new_rows_has_no_latency() {
        assert_eq!(latency(&[load(0, Vec::new())]), None);
        assert_eq!(latency(&[]), None);
    }
}
