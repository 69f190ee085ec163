use std::fmt::Write as _;
use std::io::Write as _;

use zip::write::SimpleFileOptions;

use super::*;
use crate::event::COLUMNS;
use crate::item::Item;
use crate::source::{Bytes, Columns};

const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
const ROOT: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
/// Style 1 is a date with a time of day.
const STYLES: &str = r#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>"#;

/// A row of order lines: `#` starts a number, `@` a date, anything else is a text.
pub(in crate::source) const LINE: [&str; 8] = [
    "#536365",
    "85123A",
    "HOLDER, \"£\"",
    "#6",
    "@40513.351388888892",
    "#2.5499999999999998",
    "#17850",
    "EIRE",
];

/// Builds a workbook of these sheets, each with its name and rows.
pub(in crate::source) fn book(sheets: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut part = |name: &str, content: &str| {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    };
    let (mut list, mut relations) = (String::new(), String::new());
    for (number, (name, rows)) in sheets.iter().enumerate() {
        write!(
            list,
            r#"<sheet name="{name}" sheetId="{}" r:id="s{number}"/>"#,
            number + 1
        )
        .unwrap();
        write!(relations, r#"<Relationship Id="s{number}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{number}.xml"/>"#).unwrap();
        part(&format!("xl/worksheets/sheet{number}.xml"), &sheet(rows));
    }
    part("[Content_Types].xml", TYPES);
    part("_rels/.rels", ROOT);
    part("xl/styles.xml", STYLES);
    part(
        "xl/workbook.xml",
        &format!(
            r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{list}</sheets></workbook>"#
        ),
    );
    part(
        "xl/_rels/workbook.xml.rels",
        &format!(
            r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>"#
        ),
    );
    zip.finish().unwrap().into_inner()
}

fn sheet(rows: &[&[&str]]) -> String {
    let mut xml = String::from(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#,
    );
    for (number, cells) in rows.iter().enumerate() {
        let row = number + 1;
        write!(xml, r#"<row r="{row}">"#).unwrap();
        for (cell, column) in cells.iter().zip('A'..) {
            let at = format!("{column}{row}");
            match cell.split_at_checked(1) {
                None => {}
                Some(("#", number)) => write!(xml, r#"<c r="{at}"><v>{number}</v></c>"#).unwrap(),
                Some(("@", date)) => write!(xml, r#"<c r="{at}" s="1"><v>{date}</v></c>"#).unwrap(),
                Some(_) => {
                    let text = cell.replace('&', "&amp;").replace('<', "&lt;");
                    write!(
                        xml,
                        r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#
                    )
                    .unwrap();
                }
            }
        }
        xml.push_str("</row>");
    }
    xml + "</sheetData></worksheet>"
}

fn file(content: &[u8]) -> std::fs::File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(content).unwrap();
    file
}

/// Returns all rows of a workbook, each with the sheet and row that the report names.
fn read(sheets: &[(&str, &[&[&str]])]) -> Result<String, WorkbookError> {
    let extract = extract(file(&book(sheets)), &Columns::default())?;
    let mut rows = SheetRows::new(Bytes::of(&extract.rows, false).unwrap());
    let mut lines = Vec::new();
    while let Some(item) = rows.read().unwrap() {
        let at = |line| {
            let (sheet, row) = located(&extract.sheets, line);
            format!("{} {row}", sheet.unwrap())
        };
        lines.push(match item {
            Item::Row(row) => format!("{} {}: {}", row.number, at(row.line), row.fields.join("|")),
            Item::Skipped(it) => format!("- {}: {} rows: {}", at(it.line), it.rows, it.reason),
        });
    }
    Ok(lines.join("\n"))
}

fn cause(sheets: &[(&str, &[&[&str]])]) -> String {
    format!("{:#}", anyhow::Error::from(read(sheets).unwrap_err()))
}

#[test]
fn sheets_are_read_in_order_with_exact_prices_and_minutes() {
    let second = [
        "Invoice",
        "StockCode",
        "Description",
        "Quantity",
        "InvoiceDate",
        "Price",
        "Customer ID",
        "Country",
    ];
    let guest = [
        "C536366",
        "#22423",
        "",
        "#-1",
        "12/1/2010 8:28",
        "#0.10000000000000001",
        "",
        "EIRE",
    ];
    let plain = ["#1", "2", "3", "#4", "#40513.5", "#6", "#7", "8", "no name"];
    let read = read(&[
        ("One", &[&COLUMNS, &LINE, &[], &guest]),
        ("Two", &[&[], &second, &plain]),
    ]);
    insta::assert_snapshot!(read.unwrap(), @r#"
    1 One 2: 536365|85123A|HOLDER, "£"|6|2010-12-01 08:26:00|2.55|17850|EIRE
    2 One 4: C536366|22423||-1|12/1/2010 8:28|0.1||EIRE
    3 Two 3: 1|2|3|4|2010-12-01 12:00:00|6|7|8
    "#);
}

#[test]
fn a_sheet_that_is_no_table_is_skipped_and_told_where_another_one_is_read() {
    let read = read(&[
        ("Notes", &[&["Prices are net"], &["see below"], &["#3"]]),
        ("Empty", &[]),
        ("Data", &[&COLUMNS, &LINE]),
    ]);
    insta::assert_snapshot!(read.unwrap(), @r#"
    - Notes 1: 2 rows: no column for `InvoiceNo`, `StockCode`, `Description`, `Quantity`, `InvoiceDate`, `UnitPrice`, `CustomerID`, `Country`; the header has `Prices are net`: map your columns with --columns NAME_IN_FILE=InvoiceNo,NAME_IN_FILE=StockCode,NAME_IN_FILE=Description,NAME_IN_FILE=Quantity,NAME_IN_FILE=InvoiceDate,NAME_IN_FILE=UnitPrice,NAME_IN_FILE=CustomerID,NAME_IN_FILE=Country
    1 Data 2: 536365|85123A|HOLDER, "£"|6|2010-12-01 08:26:00|2.55|17850|EIRE
    "#);
}

#[test]
fn a_row_that_no_event_can_be_of_is_skipped() {
    let long = "x".repeat(8 * events::MAX_EVENT_BYTES);
    let mut line = LINE;
    line[2] = &long;
    let read = read(&[("Data", &[&COLUMNS, &line, &LINE])]).unwrap();
    assert!(
        read.starts_with("- Data 2: 1 rows: the row has 655"),
        "{read:.80}"
    );
    assert!(read.contains("\n2 Data 3: 536365|"));
}

#[test]
fn a_workbook_without_order_lines_names_the_sheet_and_its_header() {
    insta::assert_snapshot!(cause(&[("Prices", &[&["Code", "Price"]])]), @"sheet `Prices` is not a table of order lines: no column for `InvoiceNo`, `StockCode`, `Description`, `Quantity`, `InvoiceDate`, `CustomerID`, `Country`; the header has `Code`, `Price`: map your columns with --columns NAME_IN_FILE=InvoiceNo,NAME_IN_FILE=StockCode,NAME_IN_FILE=Description,NAME_IN_FILE=Quantity,NAME_IN_FILE=InvoiceDate,NAME_IN_FILE=CustomerID,NAME_IN_FILE=Country");
    insta::assert_snapshot!(cause(&[("A", &[]), ("B", &[&["", ""]])]), @"all sheets are empty");
    assert_eq!(read(&[("Header", &[&COLUMNS])]).unwrap(), "");
}

#[test]
fn a_damaged_workbook_and_an_archive_of_something_else_are_refused() {
    let whole = book(&[("Data", &[&COLUMNS, &LINE])]);
    let refused = |content: &[u8]| extract(file(content), &Columns::default()).unwrap_err();
    for end in [30, whole.len() / 2, whole.len() - 10] {
        let refused = refused(&whole[..end]);
        assert!(matches!(refused, WorkbookError::Archive(_)), "{refused:?}");
    }
    let mut damaged = whole.clone();
    damaged[60..90].fill(0xff);
    let error = refused(&damaged);
    assert!(matches!(error, WorkbookError::Read(_)), "{error:?}");

    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["a.csv", "b.csv", "c.csv", "d.csv"] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
    }
    let other = zip.finish().unwrap().into_inner();
    insta::assert_snapshot!(refused(&other), @"it is a zip archive without a workbook; it contains `a.csv`, `b.csv`, `c.csv`, …: unpack it, and stream its files");
}

#[test]
fn a_workbook_that_is_saved_again_with_the_same_rows_has_the_same_content() {
    let hash = |content: &[u8]| {
        let extract = extract(file(content), &Columns::default()).unwrap();
        crate::content::inspect(Bytes::of(&extract.rows, false).unwrap()).unwrap()
    };
    let first = book(&[("Data", &[&COLUMNS, &LINE])]);
    let renamed = book(&[("Other", &[&COLUMNS, &LINE])]);
    assert_ne!(first, renamed);
    assert_eq!(hash(&first), hash(&renamed));
    let mut other = LINE;
    other[3] = "#7";
    assert_ne!(hash(&first), hash(&book(&[("Data", &[&COLUMNS, &other])])));
}
