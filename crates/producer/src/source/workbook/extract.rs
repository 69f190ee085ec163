//! Copies the sheets of a workbook into one temporary file.

use std::fs::File;
use std::io::{self, BufReader, BufWriter};

use calamine::{Cell, DataRef, Reader as _, SheetType, Xlsx, XlsxError};
use zip::ZipArchive;

use super::cell::text;
use super::{Sheet, rows};
use crate::event::COLUMNS;
use crate::source::{Columns, Header, HeaderError};

/// Part of an archive that every workbook has.
const WORKBOOK: &str = "xl/workbook.xml";

/// Position of the order's date in [`COLUMNS`].
const MOMENT: usize = 4;

/// Why a workbook cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    /// The archive cannot be opened.
    #[error(
        "an .xlsx workbook is a zip archive, but this file is damaged or truncated: download it again"
    )]
    Archive(#[source] zip::result::ZipError),
    /// The archive is not a workbook.
    #[error(
        "it is a zip archive without a workbook; it contains {0}: unpack it, and stream its files"
    )]
    NoWorkbook(String),
    /// A part of the workbook cannot be read.
    #[error("the workbook may be damaged: open it and save it again, or save it as CSV")]
    Read(#[from] XlsxError),
    /// No sheet has the header.
    #[error("sheet `{sheet}` is not a table of order lines")]
    Header {
        /// First sheet that is not empty.
        sheet: String,
        /// What is wrong with its first row.
        source: HeaderError,
    },
    /// No sheet has a cell.
    #[error("all sheets are empty")]
    Empty,
    /// The rows could not be written to a temporary file.
    #[error("the rows could not be written to a temporary file in `{}`: free space there, or set TMPDIR to another folder", std::env::temp_dir().display())]
    Spool(#[source] io::Error),
}

/// Content of a workbook.
#[derive(Debug)]
pub(in crate::source) struct Extract {
    /// The rows, to be read by [`SheetRows`](super::SheetRows).
    pub(in crate::source) rows: File,
    /// The sheets in order.
    pub(in crate::source) sheets: Vec<Sheet>,
}

/// Writes the rows of all sheets of `book`, in order, to a temporary file.
///
/// The first row that is not empty is the header of a sheet. Empty rows and empty sheets are ignored; a sheet without
/// the header is skipped if another one has it.
///
/// # Errors
///
/// When the file is damaged or not a workbook, or no sheet has the header.
pub(in crate::source) fn extract(book: File, columns: &Columns) -> Result<Extract, WorkbookError> {
    check(&book)?;
    let mut book = Xlsx::new(BufReader::new(book))?;
    let is_1904 = book.has_1904_epoch();
    let file = tempfile::tempfile().map_err(WorkbookError::Spool)?;
    let mut out = rows::Writer::new(BufWriter::new(file));
    let mut sheets = Vec::new();
    let (mut before, mut readable, mut refused) = (0, false, None);
    for name in worksheets(&book) {
        let mut table = Table::new(columns, is_1904, before);
        let mut cells = book.worksheet_cells_reader(&name)?;
        while let Some(cell) = cells.next_cell()? {
            table.add(&cell, &mut out).map_err(WorkbookError::Spool)?;
        }
        table.end_row(&mut out).map_err(WorkbookError::Spool)?;
        sheets.push(Sheet {
            name: name.clone(),
            before,
        });
        before += table.row;
        readable |= table.header.is_some();
        if let Some((row, source)) = table.refused {
            let (first, reason) = (sheets[sheets.len() - 1].before + row, source.to_string());
            out.skipped(first, table.rows, &reason)
                .map_err(WorkbookError::Spool)?;
            refused.get_or_insert(WorkbookError::Header {
                sheet: name,
                source,
            });
        }
    }
    if !readable {
        return Err(refused.unwrap_or(WorkbookError::Empty));
    }
    let rows = out.finish().map_err(WorkbookError::Spool)?;
    Ok(Extract { rows, sheets })
}

/// Returns the names of the sheets that have cells, in order.
fn worksheets(book: &Xlsx<BufReader<File>>) -> Vec<String> {
    let sheets = book.sheets_metadata().iter();
    sheets
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect()
}

/// Distinguishes a truncated archive, and an archive with other content, from a workbook.
fn check(book: &File) -> Result<(), WorkbookError> {
    let archive = ZipArchive::new(BufReader::new(book)).map_err(WorkbookError::Archive)?;
    let names = archive.file_names().collect::<Result<Vec<_>, _>>();
    let names = names.map_err(WorkbookError::Archive)?;
    if names.iter().any(|name| name.eq_ignore_ascii_case(WORKBOOK)) {
        return Ok(());
    }
    let mut shown: Vec<_> = names
        .iter()
        .take(3)
        .map(|name| format!("`{name}`"))
        .collect();
    if names.len() > shown.len() {
        shown.push("…".to_owned());
    }
    if shown.is_empty() {
        shown.push("nothing".to_owned());
    }
    Err(WorkbookError::NoWorkbook(shown.join(", ")))
}

/// A sheet that is read cell by cell.
struct Table<'a> {
    columns: &'a Columns,
    is_1904: bool,
    /// Number of rows of the sheets before it.
    before: u64,
    header: Option<Header>,
    /// Row number of a first line that is not a header, and the reason.
    refused: Option<(u64, HeaderError)>,
    /// Number of the row of `cells`, counted from 1.
    row: u64,
    cells: Vec<String>,
    /// Number of rows after the first that were not empty.
    rows: u64,
}

impl<'a> Table<'a> {
    fn new(columns: &'a Columns, is_1904: bool, before: u64) -> Self {
        Self {
            columns,
            is_1904,
            before,
            header: None,
            refused: None,
            row: 0,
            cells: Vec::new(),
            rows: 0,
        }
    }

    fn add(&mut self, cell: &Cell<DataRef<'_>>, out: &mut rows::Writer) -> io::Result<()> {
        let (row, column) = cell.get_position();
        let row = u64::from(row) + 1;
        if row != self.row {
            self.end_row(out)?;
            self.row = row;
        }
        let Ok(column) = usize::try_from(column) else {
            return Ok(());
        };
        // Columns without a name are ignored.
        if self.refused.is_some() || self.header.as_ref().is_some_and(|it| column >= it.width) {
            let is_first = self.cells.is_empty() && !matches!(cell.get_value(), DataRef::Empty);
            if self.refused.is_some() && is_first {
                self.cells.push("counted".to_owned());
            }
            return Ok(());
        }
        let is_moment = self
            .header
            .as_ref()
            .is_some_and(|header| header.positions[MOMENT] == column);
        let text = text(cell.get_value(), is_moment, self.is_1904);
        if !text.is_empty() {
            if self.cells.len() <= column {
                self.cells.resize(column + 1, String::new());
            }
            self.cells[column] = text.into_owned();
        }
        Ok(())
    }

    /// Converts the collected cells to a row.
    fn end_row(&mut self, out: &mut rows::Writer) -> io::Result<()> {
        let cells = std::mem::take(&mut self.cells);
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if self.refused.is_some() {
            self.rows += 1;
            return Ok(());
        }
        let Some(header) = &self.header else {
            match Header::read(&cells, self.columns) {
                Ok(header) => self.header = Some(header),
                Err(error) => self.refused = Some((self.row, error)),
            }
            return Ok(());
        };
        self.rows += 1;
        let fields: [&str; COLUMNS.len()] = header
            .positions
            .map(|position| cells.get(position).map_or("", String::as_str));
        out.row(self.before + self.row, &fields)
    }
}

/// Converts a row number that is counted across sheets to sheet and row. Without sheets, returns the line of a file.
#[must_use]
pub(crate) fn located(sheets: &[Sheet], line: u64) -> (Option<String>, u64) {
    let sheet = sheets.iter().rev().find(|sheet| sheet.before < line);
    match sheet {
        Some(sheet) => (Some(sheet.name.clone()), line - sheet.before),
        None => (None, line),
    }
}
