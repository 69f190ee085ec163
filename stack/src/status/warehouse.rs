//! What the warehouse's ledger says.

use std::time::Duration;

use time::OffsetDateTime;
use time::macros::format_description;
use warehouse::load::LoadRow;
use warehouse::{Warehouse, WarehouseError};

use super::{LastError, LastLoad, Stage, StageName};
use crate::load::SetAside;

/// How long the ledger is waited for: a running load holds it.
const PATIENCE: Duration = Duration::from_secs(5);

/// The ledger's answer.
#[derive(Debug)]
pub(super) enum Ledger {
    Known(Option<LoadRow>),
    /// A load holds it.
    Busy,
    Silent(String),
}

pub(super) async fn ask(warehouse: &Warehouse) -> Ledger {
    match tokio::time::timeout(PATIENCE, warehouse.last_load()).await {
        Ok(Ok(row)) => Ledger::Known(row),
        Ok(Err(error)) => Ledger::Silent(chain(&error)),
        Err(_elapsed) => Ledger::Busy,
    }
}

/// Those of `files` that the ledger has not got since they were set aside; all while it does not tell.
pub(super) async fn without_loaded(
    warehouse: &Warehouse,
    mut files: Vec<SetAside>,
) -> Vec<SetAside> {
    if files.is_empty() {
        return files;
    }
    let keys = files.iter().map(|aside| aside.file.clone()).collect();
    if let Ok(loaded) = warehouse.within(PATIENCE).loaded_files(&keys).await {
        files.retain(|aside| !loaded.contains(&aside.file));
    }
    files
}

impl Ledger {
    fn row(&self) -> Option<&LoadRow> {
        match self {
            Self::Known(row) => row.as_ref(),
            _ => None,
        }
    }

    /// The load stage, with what the last load did.
    pub(super) fn stage(&self) -> Stage {
        let stage = Stage::new(StageName::Load);
        match self {
            Self::Known(None) => stage,
            Self::Known(Some(row)) => [
                ("last_load_files", row.files),
                ("last_load_rows", row.rows_staged),
                ("last_load_conflicts", row.conflicts),
            ]
            .into_iter()
            .fold(stage, |stage, (what, count)| {
                stage.counting(what, u64::try_from(count).unwrap_or_default())
            }),
            Self::Busy => stage.counting("running", 1),
            Self::Silent(message) => stage.with_error(Some(LastError {
                at: OffsetDateTime::now_utc(),
                message: message.clone(),
            })),
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

    pub(super) fn last_finished(&self) -> Option<OffsetDateTime> {
        finished(&self.row()?.finished_at)
    }
}

/// Reads a timestamp as the warehouse prints it; fractions of a second do not matter here.
fn finished(text: &str) -> Option<OffsetDateTime> {
    let form = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    time::PrimitiveDateTime::parse(text.get(..19)?, form)
        .ok()
        .map(time::PrimitiveDateTime::assume_utc)
}

fn chain(error: &WarehouseError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
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
