//! Quarantine: moves rows and files that the warehouse rejects out of the way of the others, and keeps them for an
//! operator.

use std::collections::{BTreeMap, BTreeSet};

use warehouse::load::{FileError, Load, StagedFile, loads};

use super::error::LoadError;
use super::isolate::{Isolated, RefusedRow, isolate};
use super::loader::{Loader, REJECTS};
use super::ports::{QuarantineFiles, RunLoads, TrackLoads};
use crate::metrics::Metric;
use crate::ports::{Clock, Count, GetObject, PutIfAbsent, PutObject};
use crate::rejects::{Rejected, ndjson};

impl<W, R, B, C, M> Loader<W, R, B, C, M>
where
    W: RunLoads,
    R: TrackLoads + QuarantineFiles,
    B: PutObject + PutIfAbsent + GetObject,
    C: Clock,
    M: Count,
{
    /// Returns the loads of the rest of `load`, without the rows and files that `errors` names. A file with such rows
    /// is rewritten without them. Claims and closes nothing.
    ///
    /// Idempotent: the same errors give the same files, reject objects and loads.
    pub(super) async fn without_faulty(
        &self,
        load: &Load,
        errors: &[FileError],
    ) -> Result<Vec<Load>, LoadError> {
        let mut of_files: BTreeMap<&String, Vec<&FileError>> = BTreeMap::new();
        for error in errors {
            of_files.entry(&error.key).or_default().push(error);
        }
        let mut left = load.files().clone();
        left.retain(|key| !of_files.contains_key(key));
        for (key, errors) in of_files {
            left.extend(self.isolate(load, key, &errors).await?);
        }
        let files: Result<Vec<_>, _> = left.iter().map(|key| StagedFile::at(key)).collect();
        Ok(loads(&self.bucket, files?))
    }

    /// Writes the rows that can still be loaded from the file at `key` to new files and returns their keys. Keeps the
    /// others as rejects.
    ///
    /// A reject object is written for every such file. Its lines are the rejected rows; an empty one means that all
    /// rows are in other files.
    async fn isolate(
        &self,
        load: &Load,
        key: &str,
        errors: &[&FileError],
    ) -> Result<Vec<String>, LoadError> {
        let isolated = self.read_and_isolate(key, errors).await?;
        let reason = summary(errors);
        let Some(Isolated { parts, refused }) = isolated else {
            let file = Rejected::file("set_aside", reason.clone(), key.to_owned());
            self.quarantine(load, key, &reason, vec![file]).await?;
            self.metrics.count(&[Metric::count("FilesSetAside", 1)]);
            return Ok(Vec::new());
        };
        let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut keys = Vec::new();
        for part in parts {
            let key = format!("{folder}/{}.csv.gz", part.name);
            self.staging.put_if_absent(&key, part.bytes).await?;
            keys.push(key);
        }
        let rows: Vec<_> = refused.iter().map(|row| reject(key, row, errors)).collect();
        let count = rows.len();
        self.quarantine(load, key, &reason, rows).await?;
        self.metrics.count(&[
            Metric::count("FilesSplit", 1),
            Metric::count("RowsSetAside", count),
        ]);
        Ok(keys)
    }

    /// Returns `None` if the file does not exist or cannot be parsed into rows.
    async fn read_and_isolate(
        &self,
        key: &str,
        errors: &[&FileError],
    ) -> Result<Option<Isolated>, LoadError> {
        let lines: BTreeSet<u64> = errors.iter().filter_map(|error| error.line).collect();
        match self.staging.get_object(&self.bucket, key).await {
            Ok(file) => Ok(isolate(&file, &lines)),
            Err(error) if error.code == "NoSuchKey" => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Replaces the reject object of a file and records in table `load` that the file is in quarantine.
    async fn quarantine(
        &self,
        load: &Load,
        key: &str,
        reason: &str,
        rejects: Vec<Rejected>,
    ) -> Result<(), LoadError> {
        tracing::error!(
            file = key,
            reason,
            rejects = rejects.len(),
            "file moved to quarantine"
        );
        let now = self.clock.now();
        let rejects = rejects.into_iter().map(|reject| reject.kept_at(now));
        self.staging
            .put_object(&rejects_key(key), ndjson(&rejects.collect::<Vec<_>>()))
            .await?;
        Ok(self.load_table.quarantine(load.id(), key, reason).await?)
    }
}

/// Builds the reject of a row, with the error of its line or, if COPY names none of its lines, the file's first error.
fn reject(key: &str, row: &RefusedRow, errors: &[&FileError]) -> Rejected {
    let own = errors.iter().find(|error| error.line == Some(row.line));
    let (column, reason) = match own.or_else(|| errors.first()) {
        Some(error) => (error.column.as_deref(), error.reason.as_str()),
        None => (None, "COPY gave no reason"),
    };
    let position = format!("{key}, line {}", row.line);
    Rejected::row(column, reason, position, row.event_id.clone(), &row.bytes)
}

/// Formats errors as `line 7, column quantity: Invalid digit, and 2 more`.
fn summary(errors: &[&FileError]) -> String {
    let mut errors: Vec<_> = errors.to_vec();
    errors.sort_by_key(|error| error.line);
    let Some(first) = errors.first() else {
        return String::new();
    };
    let place = match (first.line, &first.column) {
        (Some(line), Some(column)) => format!("line {line}, column {column}: "),
        (Some(line), None) => format!("line {line}: "),
        _ => String::new(),
    };
    let more = match errors.len() {
        1 => String::new(),
        all => format!(", and {} more", all - 1),
    };
    format!("{place}{}{more}", first.reason)
}

/// Returns the key of a file's reject object, which operators, `status` and `load` read.
fn rejects_key(file: &str) -> String {
    format!("{REJECTS}{}.ndjson", file.trim_end_matches(".csv.gz"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(line: Option<u64>, column: Option<&str>) -> FileError {
        FileError {
            key: "csv/v1/a.csv.gz".to_owned(),
            line,
            column: column.map(str::to_owned),
            reason: format!("error in {column:?}"),
        }
    }

    #[test]
    fn a_rejected_row_has_the_error_of_its_line_or_else_the_first_of_its_file() {
        let errors = [error(Some(3), Some("quantity")), error(Some(5), None)];
        let errors: Vec<_> = errors.iter().collect();
        let rejected = |line, errors: &[&FileError]| {
            let (bytes, event_id) = (b"e-1,two".to_vec(), Some("e-1".to_owned()));
            let row = RefusedRow {
                line,
                bytes,
                event_id,
            };
            let reject = reject("csv/v1/a.csv.gz", &row, errors);
            assert_eq!(reject.event_id.as_deref(), Some("e-1"));
            assert_eq!(reject.record, "e-1,two");
            let position = format!("csv/v1/a.csv.gz, line {line}");
            assert_eq!(reject.position, Some(position));
            (reject.field, reject.detail)
        };
        let first = ("quantity", "error in Some(\"quantity\")");
        for (line, (field, detail)) in [(3, first), (4, first), (5, ("record", "error in None"))] {
            let expected = (field.to_owned(), detail.to_owned());
            assert_eq!(rejected(line, &errors), expected, "line {line}");
        }
        assert_eq!(rejected(3, &[]).1, "COPY gave no reason");
    }

    #[test]
    fn a_summary_has_the_place_of_the_first_error_and_the_number_of_the_others() {
        let (third, fifth) = (error(Some(3), Some("n")), error(Some(5), None));
        for (errors, text) in [
            (vec![], ""),
            (vec![&error(None, None)], "error in None"),
            (vec![&fifth], "line 5: error in None"),
            (vec![&third], "line 3, column n: error in Some(\"n\")"),
            (
                vec![&fifth, &third, &fifth],
                "line 3, column n: error in Some(\"n\"), and 2 more",
            ),
        ] {
            assert_eq!(summary(&errors), text);
        }
    }
}
