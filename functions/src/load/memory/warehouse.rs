//! The warehouse in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use time::OffsetDateTime;
use warehouse::check::Finding;
use warehouse::load::{FileError, LedgerState, Load, LoadId, LoadRow, Part};
use warehouse::{Failure, Outcome, StatementId, Submission, WarehouseError};

use super::fault_injector::{FaultInjector, lock};
use crate::load::ports::{CheckData, RunLoads};

/// A row of a staged file: event id, envelope id, content.
pub type MemoryRow = (&'static str, &'static str, &'static str);

/// The content of a staged file.
#[derive(Clone, Debug)]
pub enum MemoryFile {
    Rows(Vec<MemoryRow>),
    /// COPY rejects the file and names it.
    Corrupt,
    /// COPY rejects the file without naming it.
    Unnamed,
    /// The COPY role may not read the file.
    Denied,
    /// Loading the file fails for an unknown reason.
    Odd,
}

#[derive(Debug, Default)]
struct Tables {
    files: BTreeMap<String, MemoryFile>,
    rows: BTreeMap<&'static str, (&'static str, &'static str)>,
    load_file: BTreeMap<String, LoadId>,
    load: BTreeMap<LoadId, LoadRow>,
    statements: Vec<(Submission, Option<Outcome>)>,
    failing: Vec<Outcome>,
    slow: bool,
    longest_wait: Duration,
    reads: usize,
    findings: Vec<Finding>,
}

/// A warehouse in which a statement runs, atomically, when it is first waited for.
#[derive(Debug, Default)]
pub struct Warehouse<'a> {
    tables: Mutex<Tables>,
    faults: Option<&'a FaultInjector>,
}

impl<'a> Warehouse<'a> {
    /// Creates a warehouse whose calls fail when a fault is injected.
    #[must_use]
    pub fn with_faults(faults: &'a FaultInjector) -> Self {
        Self {
            faults: Some(faults),
            ..Self::default()
        }
    }

    pub fn stage(&self, key: &str, file: MemoryFile) {
        lock(&self.tables).files.insert(key.to_owned(), file);
    }

    /// Gives the next statements these outcomes in order, without running them.
    pub fn end_next(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        lock(&self.tables).failing = outcomes.into_iter().collect();
    }

    /// Returns the longest time limit with which a caller has waited for a statement.
    pub fn longest_wait(&self) -> Duration {
        lock(&self.tables).longest_wait
    }

    /// Makes statements run longer than any caller waits, or ends that.
    pub fn be_slow(&self, slow: bool) {
        lock(&self.tables).slow = slow;
    }

    /// Makes checks of the data find this.
    pub fn find(&self, findings: impl IntoIterator<Item = Finding>) {
        lock(&self.tables).findings = findings.into_iter().collect();
    }

    /// Returns how often the ledger was read.
    #[must_use]
    pub fn reads(&self) -> usize {
        lock(&self.tables).reads
    }

    /// Forgets every statement, as the Data API does after a day.
    pub fn forget(&self) {
        lock(&self.tables).statements.clear();
    }

    /// Clears all tables, as a restore from an empty snapshot does.
    pub fn put_back(&self) {
        let mut tables = lock(&self.tables);
        tables.rows.clear();
        tables.load_file.clear();
        tables.load.clear();
    }

    /// Returns the table: event id to envelope id and content.
    #[must_use]
    pub fn rows(&self) -> BTreeMap<&'static str, (&'static str, &'static str)> {
        lock(&self.tables).rows.clone()
    }

    /// Returns the files in the ledger.
    #[must_use]
    pub fn loaded(&self) -> Vec<String> {
        lock(&self.tables).load_file.keys().cloned().collect()
    }

    /// Returns the loads in the ledger.
    #[must_use]
    pub fn ledger(&self) -> Vec<LoadRow> {
        lock(&self.tables).load.values().cloned().collect()
    }

    /// Returns the number of distinct statements, however often each was submitted.
    #[must_use]
    pub fn statements(&self) -> usize {
        lock(&self.tables).statements.len()
    }

    /// Yields first, so that two concurrent loaders alternate at every call.
    async fn guard<T>(&self, effect: impl FnOnce() -> T) -> Result<T, WarehouseError> {
        tokio::task::yield_now().await;
        let done = match self.faults {
            Some(faults) => faults.guard(effect),
            None => Ok(effect()),
        };
        done.map_err(|_| WarehouseError::Aborted {
            name: "a loader that stopped".to_owned(),
        })
    }

    /// Reads the ledger. While a statement runs and locks it, the read times out.
    async fn read<T>(
        &self,
        waited: Duration,
        read: impl FnOnce(&Tables) -> T,
    ) -> Result<T, WarehouseError> {
        let answer = self.guard(|| {
            let mut tables = lock(&self.tables);
            tables.reads += 1;
            (!tables.is_held()).then(|| read(&tables))
        });
        answer.await?.ok_or_else(|| WarehouseError::StillRunning {
            name: "a question to the ledger".to_owned(),
            id: StatementId("reader".to_owned()),
            waited,
        })
    }
}

/// Returns the files of an attempt, parsed from its SQL.
fn files_of(attempt: &Submission) -> BTreeSet<String> {
    let position = Part::ALL
        .into_iter()
        .position(|part| part == Part::RecordFiles);
    let text = position.and_then(|position| attempt.statements.get(position));
    let quoted = text.into_iter().flat_map(|text| text.split('\''));
    quoted
        .filter(|text| text.starts_with("csv/"))
        .map(str::to_owned)
        .collect()
}

/// Returns the load id and the attempt from an attempt's name, `load/<id>/<attempt>`.
fn name_of(attempt: &Submission) -> Option<(LoadId, i64)> {
    let (id, number) = attempt.name.strip_prefix("load/")?.split_once('/')?;
    Some((LoadId(id.to_owned()), number.parse().ok()?))
}

impl Tables {
    /// Returns whether a running statement locks the ledger.
    fn is_held(&self) -> bool {
        self.slow && self.statements.iter().any(|(_, outcome)| outcome.is_none())
    }

    fn run(&mut self, submission: &Submission) -> Outcome {
        let files = files_of(submission);
        let Some((id, attempt)) = name_of(submission) else {
            return Outcome::Aborted;
        };
        if files.iter().any(|file| self.load_file.contains_key(file)) {
            return failed(Part::RefuseLoaded, "Divide by zero");
        }
        let staged = match self.copy(&files) {
            Ok(staged) => staged,
            Err(message) => return failed(Part::Copy, message),
        };
        let rows_staged = count(staged.len());
        let (rows_inserted, rows_replaced) = self.merge(staged);
        for file in &files {
            self.load_file.insert(file.clone(), id.clone());
        }
        let row = LoadRow {
            load_id: id.clone(),
            attempt,
            files: count(files.len()),
            rows_staged,
            rows_inserted,
            rows_replaced,
            duplicates: rows_staged - rows_inserted - rows_replaced,
            conflicts: 0,
            max_ingested_at: "2026-01-02 03:04:00.25".to_owned(),
            event_ages: vec![2, 5],
            finished_at: String::new(),
        };
        self.load.insert(id, row);
        Outcome::Finished(Vec::new())
    }

    /// Returns the rows of the files, or the message with which COPY fails.
    fn copy(&self, files: &BTreeSet<String>) -> Result<Vec<MemoryRow>, &'static str> {
        let mut staged = Vec::new();
        for key in files {
            match self.files.get(key) {
                Some(MemoryFile::Rows(rows)) => staged.extend(rows.iter().copied()),
                Some(MemoryFile::Odd) => return Err("assertion failed"),
                Some(MemoryFile::Denied) => return Err("Access Denied,Status 403"),
                _ => return Err("Check 'sys_load_error_detail'"),
            }
        }
        Ok(staged)
    }

    /// Merges the smallest envelope of each event. Returns the number of inserted and of replaced rows.
    fn merge(&mut self, staged: Vec<MemoryRow>) -> (i64, i64) {
        let mut winners: BTreeMap<_, (&str, &str)> = BTreeMap::new();
        for (event, envelope, content) in staged {
            let best = winners.entry(event).or_insert((envelope, content));
            *best = (*best).min((envelope, content));
        }
        let (mut inserted, mut replaced) = (0, 0);
        for (event, fresh) in winners {
            match self.rows.get(event) {
                None => inserted += 1,
                Some(kept) if kept.0 <= fresh.0 => continue,
                Some(_) => replaced += 1,
            }
            self.rows.insert(event, fresh);
        }
        (inserted, replaced)
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn failed(part: Part, message: &str) -> Outcome {
    let position = Part::ALL
        .into_iter()
        .position(|other| other == part)
        .unwrap_or_default();
    Outcome::Failed(Failure {
        position,
        message: message.to_owned(),
        taken_at: Some(OffsetDateTime::UNIX_EPOCH),
    })
}

impl CheckData for Warehouse<'_> {
    async fn check(&self, _: Duration) -> Result<Vec<Finding>, WarehouseError> {
        self.guard(|| lock(&self.tables).findings.clone()).await
    }
}

impl RunLoads for Warehouse<'_> {
    async fn submit(
        &self,
        attempt: &Submission,
        _: Duration,
    ) -> Result<StatementId, WarehouseError> {
        self.guard(|| {
            let mut tables = lock(&self.tables);
            let known = tables
                .statements
                .iter()
                .position(|(other, _)| other.token == attempt.token);
            let position = known.unwrap_or_else(|| {
                tables.statements.push((attempt.clone(), None));
                tables.statements.len() - 1
            });
            StatementId(position.to_string())
        })
        .await
    }

    async fn wait(
        &self,
        statement: &StatementId,
        limit: Duration,
    ) -> Result<Outcome, WarehouseError> {
        let longest_wait = lock(&self.tables).longest_wait.max(limit);
        lock(&self.tables).longest_wait = longest_wait;
        let position: usize = statement.0.parse().unwrap_or(usize::MAX);
        let submission = lock(&self.tables).statements.get(position).cloned();
        let Some((submission, outcome)) = submission else {
            return self.guard(|| Outcome::Lost).await;
        };
        self.guard(|| {
            let mut tables = lock(&self.tables);
            if tables.slow {
                return Outcome::Running;
            }
            let outcome = outcome.unwrap_or_else(|| {
                if tables.failing.is_empty() {
                    tables.run(&submission)
                } else {
                    tables.failing.remove(0)
                }
            });
            if let Some((_, ended)) = tables.statements.get_mut(position) {
                *ended = Some(outcome.clone());
            }
            outcome
        })
        .await
    }

    async fn ask(&self, load: &Load, timeout: Duration) -> Result<LedgerState, WarehouseError> {
        self.read(timeout, |tables| match tables.load.get(load.id()) {
            Some(row) => LedgerState::Loaded(row.clone()),
            None if load
                .files()
                .iter()
                .any(|file| tables.load_file.contains_key(file)) =>
            {
                LedgerState::Overlaps
            }
            None => LedgerState::Absent,
        })
        .await
    }

    async fn loaded_files(
        &self,
        keys: &BTreeSet<String>,
        timeout: Duration,
    ) -> Result<BTreeSet<String>, WarehouseError> {
        self.read(timeout, |tables| {
            keys.iter()
                .filter(|key| tables.load_file.contains_key(*key))
                .cloned()
                .collect()
        })
        .await
    }

    async fn inspect(
        &self,
        load: &Load,
        _: &str,
        _: OffsetDateTime,
        _: Duration,
    ) -> Result<Vec<FileError>, WarehouseError> {
        self.guard(|| {
            let tables = lock(&self.tables);
            let corrupt = load
                .files()
                .iter()
                .filter(|key| matches!(tables.files.get(*key), Some(MemoryFile::Corrupt)));
            corrupt
                .map(|key| FileError {
                    key: key.clone(),
                    line: Some(7),
                    column: Some("quantity".to_owned()),
                    reason: "Invalid digit".to_owned(),
                })
                .collect()
        })
        .await
    }
}
