//! Stores results on disk: one line for the columns, then one for each row.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serializer;

use crate::postgres::Column;
use crate::private;

/// Maximum size of a page in bytes, unless a single row is larger.
const PAGE_BYTES: u64 = 1024 * 1024;

/// Values of a row, as PostgreSQL prints them.
pub(crate) type Row = Vec<Option<String>>;

/// A page of a result.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
    /// Position of the next page, or `None` after the last one.
    pub(crate) next: Option<u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct ResultStore {
    directory: PathBuf,
}

#[derive(Debug)]
pub(crate) struct ResultWriter {
    file: BufWriter<File>,
    /// Number of rows so far.
    pub(crate) rows: i64,
    /// Size of their values so far, in bytes.
    pub(crate) bytes: i64,
}

impl ResultStore {
    /// Opens the store in `directory`, which is created if missing.
    pub(crate) fn open(directory: PathBuf) -> io::Result<Self> {
        private::folder(&directory)?;
        Ok(Self { directory })
    }

    /// Returns the path of a temporary file for one statement.
    pub(crate) fn spool(&self, id: &str, part: usize) -> PathBuf {
        self.directory.join(format!("{id}.{part}.spool"))
    }

    /// Creates the result of statement `part` (from 0) of request `id`. Replaces an existing
    /// result.
    pub(crate) fn create(
        &self,
        id: &str,
        part: usize,
        columns: &[Column],
    ) -> io::Result<ResultWriter> {
        let mut file = BufWriter::new(private::file(&self.path(id, part))?);
        serde_json::to_writer(&mut file, columns)?;
        file.write_all(b"\n")?;
        Ok(ResultWriter {
            file,
            rows: 0,
            bytes: 0,
        })
    }

    /// Reads the page that starts at position `from`; 0 is the first row.
    pub(crate) fn page(&self, id: &str, part: usize, from: u64) -> io::Result<Page> {
        let mut file = BufReader::new(File::open(self.path(id, part))?);
        let mut line = String::new();
        let mut at = file.read_line(&mut line)? as u64;
        let columns = serde_json::from_str(&line)?;
        if from > at {
            file.seek(SeekFrom::Start(from))?;
            at = from;
        }
        let end = at + PAGE_BYTES;
        let mut rows = Vec::new();
        loop {
            line.clear();
            let length = file.read_line(&mut line)? as u64;
            if length == 0 {
                return Ok(Page {
                    columns,
                    rows,
                    next: None,
                });
            }
            if at + length > end && !rows.is_empty() {
                return Ok(Page {
                    columns,
                    rows,
                    next: Some(at),
                });
            }
            at += length;
            rows.push(serde_json::from_str(&line)?);
        }
    }

    /// Removes the incomplete result of one statement. Idempotent.
    pub(crate) fn discard(&self, id: &str, part: usize) {
        let _ = std::fs::remove_file(self.path(id, part));
    }

    /// Removes the files of all requests for which `wanted` returns false.
    pub(crate) fn retain(&self, wanted: impl Fn(&str) -> bool) {
        let Ok(files) = std::fs::read_dir(&self.directory) else {
            return;
        };
        for file in files.flatten() {
            let name = file.file_name();
            let name = name.to_string_lossy();
            let id = name.split_once('.').map_or(&*name, |(id, _)| id);
            if !wanted(id) {
                let _ = std::fs::remove_file(file.path());
            }
        }
    }

    fn path(&self, id: &str, part: usize) -> PathBuf {
        Path::new(&self.directory).join(format!("{id}.{part}.rows"))
    }
}

impl ResultWriter {
    /// Appends a row and returns the size of its values in bytes.
    pub(crate) fn push<'v>(
        &mut self,
        values: impl Iterator<Item = Option<&'v str>> + Clone,
    ) -> io::Result<usize> {
        serde_json::Serializer::new(&mut self.file).collect_seq(values.clone())?;
        self.file.write_all(b"\n")?;
        self.rows += 1;
        let bytes: usize = values.flatten().map(str::len).sum();
        self.bytes += i64::try_from(bytes).unwrap_or(i64::MAX);
        Ok(bytes)
    }

    /// Flushes the file.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_unknown_statements_are_removed() {
        let directory = tempfile::tempdir().unwrap();
        let store = ResultStore::open(directory.path().join("results")).unwrap();
        for id in ["a", "ab"] {
            store.create(id, 0, &[]).unwrap().finish().unwrap();
        }
        store.retain(|id| id == "ab");
        assert!(store.page("a", 0, 0).is_err());
        assert!(store.page("ab", 0, 0).is_ok());
    }

    #[test]
    fn all_pages_together_are_the_whole_result() {
        let directory = tempfile::tempdir().unwrap();
        let store = ResultStore::open(directory.path().join("results")).unwrap();
        let mut writer = store.create("a", 0, &[]).unwrap();
        let long = "x".repeat(1_000);
        for n in 0..3_000 {
            let number = n.to_string();
            writer
                .push([Some(number.as_str()), None, Some(&long)].into_iter())
                .unwrap();
        }
        writer.finish().unwrap();
        let mut from = Some(0);
        let mut seen = Vec::new();
        let mut pages = 0;
        while let Some(start) = from {
            let page = store.page("a", 0, start).unwrap();
            seen.extend(page.rows.into_iter().map(|row| row[0].clone().unwrap()));
            from = page.next;
            pages += 1;
        }
        assert!(pages > 2, "{pages}");
        assert_eq!(seen, (0..3_000).map(|n| n.to_string()).collect::<Vec<_>>());
    }
}
