//! Reads the warehouse's ledger.

use std::time::Duration;

use time::OffsetDateTime;
use time::macros::format_description;
use warehouse::load::LoadRow;
use warehouse::{Outcome, Submission, Warehouse};

use super::LastLoad;
use super::inspection::causes;
use super::lake::Item;
use super::latency::{Latency, latency};
use super::problem::Answer;
use super::waiting::Waiting;
use crate::load::QuarantinedFile;

/// Time limit for reading the ledger. A running load locks it.
const TIMEOUT: Duration = Duration::from_secs(2);

/// How many of the newest loads are read, for the latency.
const LOADS: u32 = 10;

/// State of the ledger.
#[derive(Debug)]
pub(super) enum Ledger {
    /// The newest loads, the newest first.
    Known(Vec<LoadRow>),
    /// A load holds the lock.
    Busy,
    Silent(String),
}

/// Responses of the warehouse.
#[derive(Debug)]
pub(super) struct Responses {
    /// Response to a signed call of the Data API.
    pub(super) data_api: Answer<()>,
    /// Result of `SELECT 1`.
    pub(super) select: Answer<()>,
    pub(super) ledger: Ledger,
}

/// Calls the Data API, the warehouse and the ledger, each with a time limit.
pub(super) async fn ask(warehouse: &Answer<Warehouse>, limit: Duration) -> Responses {
    let warehouse = match warehouse {
        Ok(warehouse) => warehouse,
        Err(reason) => {
            return Responses {
                data_api: Err(reason.clone()),
                select: Err(reason.clone()),
                ledger: Ledger::Silent(reason.clone()),
            };
        }
    };
    let ledger = tokio::time::timeout(TIMEOUT, warehouse.newest_loads(LOADS));
    let ((data_api, select), ledger) = tokio::join!(select_one(warehouse, limit), ledger);
    let ledger = match (ledger, &select) {
        (Ok(Ok(loads)), _) => Ledger::Known(loads),
        (Ok(Err(error)), _) => Ledger::Silent(causes(&error)),
        (Err(_elapsed), Ok(())) => Ledger::Busy,
        (Err(_elapsed), Err(reason)) => Ledger::Silent(reason.clone()),
    };
    Responses {
        data_api,
        select,
        ledger,
    }
}

/// Runs `SELECT 1`. Returns whether the Data API accepted it, and whether the warehouse finished it.
async fn select_one(warehouse: &Warehouse, limit: Duration) -> (Answer<()>, Answer<()>) {
    let silent = || format!("no answer within {} s", limit.as_secs());
    let submission = Submission {
        name: "stack status".to_owned(),
        statements: vec!["SELECT 1".to_owned()],
        token: None,
    };
    let id = match tokio::time::timeout(limit, warehouse.submit(&submission)).await {
        Ok(Ok(id)) => id,
        Ok(Err(error)) => {
            let reason = causes(&error);
            return (Err(reason.clone()), Err(reason));
        }
        Err(_elapsed) => return (Err(silent()), Err(silent())),
    };
    let select = match tokio::time::timeout(limit, warehouse.wait(&id, limit)).await {
        Ok(Ok(Outcome::Finished(_))) => Ok(()),
        Ok(Ok(Outcome::Failed(failure))) => Err(failure.message),
        Ok(Ok(Outcome::Aborted | Outcome::Lost)) => Err("`SELECT 1` was aborted".to_owned()),
        Ok(Ok(Outcome::Running)) | Err(_) => Err(silent()),
        Ok(Err(error)) => Err(causes(&error)),
    };
    (Ok(()), select)
}

/// Returns the files that the ledger does not contain, or all files when it cannot be read.
pub(super) async fn without_loaded(
    warehouse: &Warehouse,
    mut files: Vec<QuarantinedFile>,
) -> Vec<QuarantinedFile> {
    if files.is_empty() {
        return files;
    }
    let keys = files.iter().map(|file| file.file.clone()).collect();
    if let Ok(loaded) = warehouse.with_timeout(TIMEOUT).loaded_files(&keys).await {
        files.retain(|file| !loaded.contains(&file.file));
    }
    files
}

/// Returns which of `files` are in no load. The ledger's times have whole seconds, so they do not tell it.
pub(super) async fn in_no_load(warehouse: &Warehouse, files: &[&Item]) -> Answer<Waiting> {
    let mut waiting = Waiting::default();
    if files.is_empty() {
        return Ok(waiting);
    }
    let keys = files.iter().map(|item| item.key.clone()).collect();
    let asked = warehouse.with_timeout(TIMEOUT).loaded_files(&keys).await;
    let loaded = asked.map_err(|error| causes(&error))?;
    for item in files.iter().filter(|item| !loaded.contains(&item.key)) {
        waiting.add(item.modified);
    }
    Ok(waiting)
}

impl Ledger {
    fn row(&self) -> Option<&LoadRow> {
        match self {
            Self::Known(loads) => loads.first(),
            _ => None,
        }
    }

    /// Returns the counters of the last load, or why they are unknown.
    pub(super) fn counts(&self) -> Answer<Vec<(&'static str, u64)>> {
        match self {
            Self::Known(loads) => Ok(loads.first().map_or_else(Vec::new, counts)),
            Self::Busy => Ok(vec![("running", 1)]),
            Self::Silent(reason) => Err(reason.clone()),
        }
    }

    pub(super) fn last_load(&self) -> Option<LastLoad> {
        self.row().map(|row| LastLoad {
            load_id: row.load_id.0.clone(),
            finished_at: row.finished_at.clone(),
            rows_staged: row.rows_staged,
            rows_inserted: row.rows_inserted,
        })
    }

    /// Returns the latency of the newest loads; `None` if it is unknown or no load brought a new row.
    pub(super) fn latency(&self) -> Option<Latency> {
        match self {
            Self::Known(loads) => latency(loads),
            _ => None,
        }
    }

    pub(super) fn last_finished(&self) -> Option<OffsetDateTime> {
        finished(&self.row()?.finished_at)
    }
}

fn counts(row: &LoadRow) -> Vec<(&'static str, u64)> {
    [
        ("last_load_files", row.files),
        ("last_load_rows", row.rows_staged),
        ("last_load_conflicts", row.conflicts),
    ]
    .map(|(what, count)| (what, u64::try_from(count).unwrap_or_default()))
    .into()
}

/// Parses a timestamp of the warehouse. Ignores fractions of a second.
fn finished(text: &str) -> Option<OffsetDateTime> {
    let form = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    time::PrimitiveDateTime::parse(text.get(..19)?, form)
        .ok()
        .map(time::PrimitiveDateTime::assume_utc)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_warehouses_timestamps_are_read_with_and_without_fractions() {
        let when = Some(datetime!(2026-01-02 03:04:05 UTC));
        assert_eq!(finished("2026-01-02 03:04:05"), when);
        assert_eq!(finished("2026-01-02 03:04:05.678901"), when);
        assert_eq!(finished("never"), None);
    }
}
