//! Files to loads, and each load to its end.

use std::collections::{BTreeSet, VecDeque};

use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};
use warehouse::load::{End, FileError, Load, LoadRow, Progress, StagedFile, loads};

use super::driver::in_time;
use super::error::LoadError;
use super::ports::{RememberLoads, RunLoads, SetFilesAside};
use crate::logs;
use crate::metrics::Metric;
use crate::ports::{Clock, Count, GetObject, PutIfAbsent, PutObject};

/// Prefix of the objects in the staging bucket that tell what the warehouse refused of which file, and why.
pub const REJECTS: &str = "rejects/load/";

/// A moment as the warehouse prints it, without parts of a second.
const MOMENT: StaticFormatDescription =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const MOMENT_LENGTH: usize = 19;

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
    /// `FilesSetAside`, `FilesSplit`, `RowsSetAside`, `LoadsLeftRunning`, `FreshnessSeconds`; of a reconciliation
    /// `OpenLoads`, `OldestOpenLoadSeconds`.
    pub metrics: M,
    /// Name of the staging bucket.
    pub bucket: String,
    /// The role by which the warehouse reads the staging bucket.
    pub copy_role_arn: String,
}

/// What became of files: those in neither list are in the ledger or set aside.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// Files of loads that were not over when the time was up.
    pub running: BTreeSet<String>,
    /// Files that have to come again.
    pub failed: BTreeSet<String>,
}

/// What became of a load.
enum Settled {
    /// It is in the ledger.
    There,
    /// It is in table `load`, and the reconciler sees to it.
    Left(Load),
    /// It failed too often for this run.
    GaveUp { load: Load, reason: String },
    /// Its files are in these loads or set aside.
    Replaced(Vec<Load>),
}

impl<W, R, B, C, M> Loader<W, R, B, C, M>
where
    W: RunLoads,
    R: RememberLoads + SetFilesAside,
    B: PutObject + PutIfAbsent + GetObject,
    C: Clock,
    M: Count,
{
    /// Loads `files` until `until`; what is not begun or not over by then is left to the reconciler. One
    /// load's failure does not stop the next.
    ///
    /// Files that are loaded already are left out; loading the same files again changes nothing.
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
                Ok(Settled::GaveUp { load, reason }) => (load, reason),
                Err(error) => (load, logs::chain(&error)),
            };
            tracing::error!(load = %load.id(), cause, "files have to come again");
            report.failed.extend(load.files().iter().cloned());
        }
        report
    }

    /// Finishes what loaders began and nobody is known to have ended: first what runs, which holds the
    /// ledger that the others have to ask. Done again it changes nothing.
    ///
    /// # Errors
    ///
    /// When table `load` cannot be read or written; what one load fails by is in the report.
    pub async fn reconcile(&self, until: OffsetDateTime) -> Result<Report, LoadError> {
        let mut all = Report::default();
        let mut open = self.memory.unfinished().await?;
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
                self.memory.close(&unfinished.id).await?;
            }
            all.running.extend(report.running);
            all.failed.extend(report.failed);
        }
        self.count_open(!all.running.is_empty() || !all.failed.is_empty())
            .await?;
        Ok(all)
    }

    /// Counts the loads that are open after a reconciliation; table `load` is read again only when some are.
    async fn count_open(&self, any: bool) -> Result<(), LoadError> {
        let open = if any {
            self.memory.unfinished().await?
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

    /// Sees `load` to its end, or what the ledger lacks of it.
    async fn settle(&self, load: &Load, until: OffsetDateTime) -> Result<Settled, LoadError> {
        let known = self.memory.recall(load.id()).await?;
        let progress = known.map(|memory| memory.progress);
        if matches!(progress, Some(Progress::Running(_))) {
            // It may hold the ledger, and so is waited for before that is asked.
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

    /// What the ledger lacks of `load`; nothing at all when it does not answer in time.
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

    /// Writes `load` down for the reconciler. Left again it changes nothing.
    async fn leave(&self, load: &Load) -> Result<Settled, LoadError> {
        self.memory.claim(load, self.clock.now()).await?;
        Ok(Settled::Left(load.clone()))
    }

    async fn run(&self, load: &Load, until: OffsetDateTime) -> Result<Settled, LoadError> {
        // Boxed, or the nest of futures is deeper than the compiler follows.
        let by = match Box::pin(self.drive(load, until)).await? {
            End::Loaded(row) => {
                self.count(&row);
                return Ok(Settled::There);
            }
            End::LeftRunning => return Ok(Settled::Left(load.clone())),
            End::GaveUp(reason) => {
                let load = load.clone();
                return Ok(Settled::GaveUp { load, reason });
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
                    return Ok(Settled::GaveUp { load, reason });
                };
                Vec::from(halves)
            }
        };
        self.hand_over(load, &by).await?;
        Ok(Settled::Replaced(by))
    }

    /// Claims the loads that now have the files of `load`, then closes it: whoever dies here, no file is
    /// without a load, and what one of them fails by keeps only that one open. Done again it changes nothing.
    async fn hand_over(&self, load: &Load, to: &[Load]) -> Result<(), LoadError> {
        if to.contains(load) {
            return Ok(());
        }
        for next in to {
            self.memory.claim(next, self.clock.now()).await?;
        }
        Ok(self.memory.close(load.id()).await?)
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
        if let Some(seconds) = freshness(self.clock.now(), row) {
            self.metrics
                .count(&[Metric::seconds("FreshnessSeconds", seconds)]);
        }
    }
}

/// That something in the only file of `load` is at fault.
fn unnamed(load: &Load) -> FileError {
    FileError {
        key: load.files().first().cloned().unwrap_or_default(),
        line: None,
        column: None,
        reason: "COPY refuses the file and names no row".to_owned(),
    }
}

/// Seconds since the newest event of a load came in, by the clock of this function; `None` when it had no rows.
fn freshness(now: OffsetDateTime, row: &LoadRow) -> Option<usize> {
    let newest = row.max_ingested_at.get(..MOMENT_LENGTH)?;
    let newest = PrimitiveDateTime::parse(newest, MOMENT).ok()?;
    usize::try_from((now - newest.assume_utc()).whole_seconds()).ok()
}
