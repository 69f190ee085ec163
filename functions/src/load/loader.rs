//! Groups files into loads and completes each load.

use std::collections::{BTreeSet, VecDeque};

use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};
use warehouse::load::{End, FileError, Load, LoadRow, Progress, StagedFile, loads};

use super::driver::in_time;
use super::error::LoadError;
use super::ports::{QuarantineFiles, RunLoads, TrackLoads};
use crate::logs;
use crate::metrics::Metric;
use crate::ports::{Clock, Count, GetObject, PutIfAbsent, PutObject};

/// Prefix, in the staging bucket, of the objects that keep the rows and files that the warehouse rejected, with the
/// reasons.
pub const REJECTS: &str = "rejects/load/";

/// A timestamp as the warehouse prints it, without fractions of a second.
const TIMESTAMP_FORMAT: StaticFormatDescription =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const TIMESTAMP_LENGTH: usize = 19;

#[derive(Debug)]
pub struct Loader<W, R, B, C, M> {
    pub warehouse: W,
    pub load_table: R,
    pub staging: B,
    /// Determines when to stop waiting.
    pub clock: C,
    /// Metrics: `Loads`, `RowsStaged`, `RowsInserted`, `RowsReplaced`, `Duplicates`, `Conflicts`, `FilesSetAside`,
    /// `FilesSplit`, `RowsSetAside`, `LoadsLeftRunning`, `FreshnessSeconds`, `EventAgeMilliseconds`; a reconciliation
    /// adds `OpenLoads`, `OldestOpenLoadSeconds`.
    pub metrics: M,
    pub bucket: String,
    /// The IAM role with which the warehouse reads the staging bucket.
    pub copy_role_arn: String,
}

/// The result of loading files: those in neither set are loaded or in quarantine.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// Files of loads that did not finish in time.
    pub running: BTreeSet<String>,
    /// Files that must be retried.
    pub failed: BTreeSet<String>,
}

/// The result of a load.
enum Settled {
    /// All its files are in the ledger.
    There,
    /// It is recorded in table `load`; the reconciler will finish it.
    Left(Load),
    /// It failed too often in this run.
    Failed { load: Load, reason: String },
    /// These loads have its files, except those in quarantine.
    Replaced(Vec<Load>),
}

impl<W, R, B, C, M> Loader<W, R, B, C, M>
where
    W: RunLoads,
    R: TrackLoads + QuarantineFiles,
    B: PutObject + PutIfAbsent + GetObject,
    C: Clock,
    M: Count,
{
    /// Loads `files` until `until`. Loads that are not started or not finished by then are left to the reconciler. A
    /// failed load does not stop the next one.
    ///
    /// Idempotent: files that are in the ledger are skipped.
    pub async fn load(
        &self,
        files: impl IntoIterator<Item = StagedFile>,
        until: OffsetDateTime,
    ) -> Report {
        let mut report = Report::default();
        let mut queue = VecDeque::from(loads(&self.bucket, files));
        while let Some(load) = queue.pop_front() {
            let (load, cause) = match self.settle(&load, until).await {
                Ok(Settled::There) => continue,
                Ok(Settled::Replaced(by)) => {
                    queue.extend(by);
                    continue;
                }
                Ok(Settled::Left(left)) => {
                    tracing::warn!(load = %left.id(), "left for the reconciler");
                    self.metrics.count(&[Metric::count("LoadsLeftRunning", 1)]);
                    report.running.extend(left.files().iter().cloned());
                    continue;
                }
                Ok(Settled::Failed { load, reason }) => (load, reason),
                Err(error) => (load, logs::chain(&error)),
            };
            tracing::error!(load = %load.id(), cause, "files will be retried");
            report.failed.extend(load.files().iter().cloned());
        }
        report
    }

    /// Finishes the loads that are open in table `load`. Running loads come first, because they lock the ledger that
    /// the others need to read. Idempotent.
    ///
    /// # Errors
    ///
    /// Fails if table `load` cannot be read or written. A failed load is in the report instead.
    pub async fn reconcile(&self, until: OffsetDateTime) -> Result<Report, LoadError> {
        let mut all = Report::default();
        let mut open = self.load_table.unfinished().await?;
        open.sort_by_key(|unfinished| !unfinished.is_running);
        for unfinished in open {
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
                self.load_table.close(&unfinished.id).await?;
            }
            all.running.extend(report.running);
            all.failed.extend(report.failed);
        }
        self.count_open(!all.running.is_empty() || !all.failed.is_empty())
            .await?;
        Ok(all)
    }

    /// Emits the metrics of the loads that stay open. Table `load` is read again only if `any` is true.
    async fn count_open(&self, any: bool) -> Result<(), LoadError> {
        let open = if any {
            self.load_table.unfinished().await?
        } else {
            Vec::new()
        };
        let oldest = open.iter().filter_map(|load| load.claimed_at).min();
        let age = oldest.map_or(0, |oldest| (self.clock.now() - oldest).whole_seconds());
        self.metrics.count(&[
            Metric::count("OpenLoads", open.len()),
            Metric::seconds(
                "OldestOpenLoadSeconds",
                usize::try_from(age).unwrap_or_default(),
            ),
        ]);
        Ok(())
    }

    /// Completes `load`, or that part of it which is not in the ledger.
    async fn settle(&self, load: &Load, until: OffsetDateTime) -> Result<Settled, LoadError> {
        let known = self.load_table.read(load.id()).await?;
        let progress = known.map(|memory| memory.progress);
        if matches!(progress, Some(Progress::Running(_))) {
            // A running load may lock the ledger, so it is waited for before the ledger is read.
            return self.run(load, until).await;
        }
        let Some(left) = self.missing(load, until).await? else {
            return self.leave(load).await;
        };
        if progress == Some(Progress::Claimed) {
            self.hand_over(load, left.as_slice()).await?;
        }
        match left {
            None => Ok(Settled::There),
            Some(left) => self.run(&left, until).await,
        }
    }

    /// Returns the part of `load` that is not in the ledger, `Some(None)` if all of it is there; `None` if the ledger
    /// does not answer in time.
    async fn missing(
        &self,
        load: &Load,
        until: OffsetDateTime,
    ) -> Result<Option<Option<Load>>, LoadError> {
        let left = self.left(until);
        if left.is_zero() {
            return Ok(None);
        }
        let loaded = in_time(self.warehouse.loaded_files(load.files(), left).await)?;
        Ok(loaded.map(|loaded| load.without(&loaded)))
    }

    /// Records `load` in table `load` for the reconciler. Idempotent.
    async fn leave(&self, load: &Load) -> Result<Settled, LoadError> {
        self.load_table.claim(load, self.clock.now()).await?;
        Ok(Settled::Left(load.clone()))
    }

    async fn run(&self, load: &Load, until: OffsetDateTime) -> Result<Settled, LoadError> {
        // Boxed, because otherwise the nested futures exceed the compiler's recursion limit.
        let by = match Box::pin(self.drive(load, until)).await? {
            End::Loaded(row) => {
                self.count(&row);
                return Ok(Settled::There);
            }
            End::LeftRunning => return Ok(Settled::Left(load.clone())),
            End::TooManyAttempts(reason) => {
                let load = load.clone();
                return Ok(Settled::Failed { load, reason });
            }
            End::Overlap => match self.missing(load, until).await? {
                Some(left) => Vec::from_iter(left),
                None => return self.leave(load).await,
            },
            End::Unloadable(errors) => self.without_faulty(load, &errors).await?,
            End::Halve => match load.halves() {
                Some(halves) => Vec::from(halves),
                None => self.without_faulty(load, &[unnamed(load)]).await?,
            },
            End::Stuck(reason) => {
                let Some(halves) = load.halves() else {
                    let load = load.clone();
                    return Ok(Settled::Failed { load, reason });
                };
                Vec::from(halves)
            }
        };
        self.hand_over(load, &by).await?;
        Ok(Settled::Replaced(by))
    }

    /// Claims the loads that replace `load`, then closes `load`. If this stops in between, every file still belongs to
    /// an open load. If a replacement fails, only that one stays open. Idempotent.
    async fn hand_over(&self, load: &Load, to: &[Load]) -> Result<(), LoadError> {
        if to.contains(load) {
            return Ok(());
        }
        for next in to {
            self.load_table.claim(next, self.clock.now()).await?;
        }
        Ok(self.load_table.close(load.id()).await?)
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
        if !row.event_ages.is_empty() {
            let milliseconds = row.event_ages.iter().map(|seconds| seconds * 1_000);
            self.metrics
                .count(&[Metric::event_age(milliseconds.collect())]);
        }
        if let Some(seconds) = freshness(self.clock.now(), row) {
            self.metrics
                .count(&[Metric::seconds("FreshnessSeconds", seconds)]);
        }
    }
}

/// Returns an error that blames the only file of `load` as a whole, because COPY names no row.
fn unnamed(load: &Load) -> FileError {
    FileError {
        key: load.files().first().cloned().unwrap_or_default(),
        line: None,
        column: None,
        reason: "COPY refuses the file and names no row".to_owned(),
    }
}

/// Returns the seconds since the newest event of a load arrived, by this function's clock; `None` if the load had no
/// rows.
fn freshness(now: OffsetDateTime, row: &LoadRow) -> Option<usize> {
    let newest = row.max_ingested_at.get(..TIMESTAMP_LENGTH)?;
    let newest = PrimitiveDateTime::parse(newest, TIMESTAMP_FORMAT).ok()?;
    usize::try_from((now - newest.assume_utc()).whole_seconds()).ok()
}
