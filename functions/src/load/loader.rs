//! Files to loads, and each load to its end.

use std::collections::{BTreeSet, VecDeque};

use time::OffsetDateTime;
use warehouse::load::{End, FileError, Load, LoadId, LoadRow, StagedFile, loads};

use super::error::LoadError;
use super::ports::{RememberLoads, RunLoads, SetFilesAside};
use crate::logs;
use crate::metrics::Metric;
use crate::ports::{Clock, Count, PutObject};
use crate::rejects::{Rejected, ndjson};

/// Prefix of the objects in the staging bucket that tell which files were set aside, and why.
pub const REJECTS: &str = "rejects/load/";

/// Loads staged files.
#[derive(Debug)]
pub struct Loader<W, R, B, C, M> {
    /// The warehouse.
    pub warehouse: W,
    /// Table `load`.
    pub memory: R,
    /// The staging bucket.
    pub staging: B,
    /// Tells when to stop waiting.
    pub clock: C,
    /// Figures: `Loads`, `RowsStaged`, `RowsInserted`, `RowsReplaced`, `Duplicates`, `Conflicts`,
    /// `FilesSetAside`, `LoadsLeftRunning`.
    pub metrics: M,
    /// Name of the staging bucket.
    pub bucket: String,
    /// The role by which the warehouse reads the staging bucket.
    pub copy_role_arn: String,
}

/// What became of files: those in neither list are in the ledger or set aside.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// Files of loads that still ran when the time was up.
    pub running: BTreeSet<String>,
    /// Files that have to come again.
    pub failed: BTreeSet<String>,
}

/// What became of a load.
enum Settled {
    /// It is in the ledger, or will be.
    There,
    /// Its files are in other loads or set aside.
    Replaced { id: LoadId, by: Vec<Load> },
}

impl<W, R, B, C, M> Loader<W, R, B, C, M>
where
    W: RunLoads,
    R: RememberLoads + SetFilesAside,
    B: PutObject,
    C: Clock,
    M: Count,
{
    /// Loads `files`, waiting until `until`. One load's failure does not stop the next.
    ///
    /// Files that are loaded already are left out; loading the same files again changes nothing.
    pub async fn load(
        &self,
        files: impl IntoIterator<Item = StagedFile>,
        until: OffsetDateTime,
    ) -> Report {
        let mut report = Report::default();
        let mut replaced = Vec::new();
        let mut queue = VecDeque::from(loads(&self.bucket, files));
        while let Some(load) = queue.pop_front() {
            match self.settle(&load, until, &mut report).await {
                Ok(Settled::There) => {}
                Ok(Settled::Replaced { id, by }) => {
                    replaced.push(id);
                    queue.extend(by);
                }
                Err(error) => {
                    let cause = logs::chain(&error);
                    tracing::error!(load = %load.id(), cause, "files have to come again");
                    report.failed.extend(load.files().iter().cloned());
                }
            }
        }
        if report == Report::default() {
            self.close(&replaced).await;
        }
        report
    }

    /// Closes loads whose files are all in others or set aside. One that stays open is looked at again by
    /// the next reconciliation, so nothing hangs on it.
    async fn close(&self, replaced: &[LoadId]) {
        for id in replaced {
            if let Err(error) = self.memory.close(id).await {
                tracing::warn!(load = %id, cause = %error, "load stays open");
            }
        }
    }

    /// Finishes what loaders began and nobody is known to have ended. Done again it changes nothing.
    ///
    /// # Errors
    ///
    /// When table `load` cannot be read or written; what one load fails by is in the report.
    pub async fn reconcile(&self, until: OffsetDateTime) -> Result<Report, LoadError> {
        let mut all = Report::default();
        for unfinished in self.memory.unfinished().await? {
            let files: Result<Vec<_>, _> = unfinished
                .files
                .iter()
                .map(|key| StagedFile::at(key))
                .collect();
            let report = match files {
                Ok(files) => self.load(files, until).await,
                Err(error) => {
                    tracing::error!(load = %unfinished.id, cause = %error, "load stays open");
                    let failed = unfinished.files.into_iter().collect();
                    Report {
                        failed,
                        ..Report::default()
                    }
                }
            };
            if report == Report::default() {
                self.memory.close(&unfinished.id).await?;
            }
            all.running.extend(report.running);
            all.failed.extend(report.failed);
        }
        Ok(all)
    }

    /// Sees `load` to its end.
    async fn settle(
        &self,
        load: &Load,
        until: OffsetDateTime,
        report: &mut Report,
    ) -> Result<Settled, LoadError> {
        let loaded = self.warehouse.loaded_files(load.files()).await?;
        let Some(left) = load.without(&loaded) else {
            return Ok(Settled::There);
        };
        // Boxed, or the nest of futures is deeper than the compiler follows.
        let by = match Box::pin(self.drive(&left, until)).await? {
            End::Loaded(row) => {
                self.count(&row);
                return Ok(Settled::There);
            }
            End::LeftRunning => {
                tracing::warn!(load = %left.id(), "left running for the reconciler");
                self.metrics.count(&[Metric::count("LoadsLeftRunning", 1)]);
                report.running.extend(left.files().iter().cloned());
                return Ok(Settled::There);
            }
            End::GaveUp(reason) => {
                let load = left.id().to_string();
                return Err(LoadError::GaveUp { load, reason });
            }
            End::Recut => vec![left.clone()],
            End::Faulty(errors) => self.without_faulty(&left, &errors).await?,
            End::Halve => left.halves().map(Vec::from).unwrap_or_default(),
        };
        let id = left.id().clone();
        Ok(Settled::Replaced { id, by })
    }

    async fn without_faulty(
        &self,
        load: &Load,
        errors: &[FileError],
    ) -> Result<Vec<Load>, LoadError> {
        for error in errors {
            tracing::error!(file = error.key, reason = error.reason, "file set aside");
            let told = Rejected::file("set_aside", error.reason.clone(), error.key.clone());
            self.staging
                .put_object(&rejects_key(&error.key), ndjson(&[told]))
                .await?;
            self.memory.set_aside(load.id(), error).await?;
        }
        self.metrics
            .count(&[Metric::count("FilesSetAside", errors.len())]);
        let faulty = errors.iter().map(|error| error.key.clone()).collect();
        Ok(Vec::from_iter(load.without(&faulty)))
    }

    fn count(&self, row: &LoadRow) {
        tracing::info!(?row, "loaded");
        let rows =
            |name, value: i64| Metric::count(name, usize::try_from(value).unwrap_or_default());
        self.metrics.count(&[
            Metric::count("Loads", 1),
            rows("RowsStaged", row.rows_staged),
            rows("RowsInserted", row.rows_inserted),
            rows("RowsReplaced", row.rows_replaced),
            rows("Duplicates", row.duplicates),
            rows("Conflicts", row.conflicts),
        ]);
    }
}

/// Where people, `status` and `load` find why a file was set aside: set aside again it is written over.
fn rejects_key(file: &str) -> String {
    format!("{REJECTS}{}.ndjson", file.trim_end_matches(".csv.gz"))
}
