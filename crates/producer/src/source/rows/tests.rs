use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::event::COLUMNS;
use crate::source::workbook::tests::{LINE, book};

const ROW: &str = "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850,EIRE";

fn csv() -> Vec<u8> {
    format!("{}\n{ROW}\n{ROW}\n", COLUMNS.join(",")).into_bytes()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Opens a file with this name and content.
fn open(name: &str, content: &[u8]) -> Result<Source, SourceError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    Source::open(&path, &Columns::default())
}

/// Returns the error as a user sees it, without the file's folder.
fn refusal(name: &str, content: &[u8]) -> String {
    let error = anyhow::Error::from(open(name, content).unwrap_err());
    let text = format!("{error:#}");
    let (_, text) = text.split_once(&format!("/{name}`")).unwrap();
    text.trim().to_owned()
}

/// Returns ids and fields of all rows.
fn events(mut source: Source) -> Vec<String> {
    let prefix = source.prefix().clone();
    let mut events = Vec::new();
    while let Some(item) = source.read().unwrap() {
        let Item::Row(row) = item else {
            panic!("{item:?}");
        };
        events.push(format!(
            "{} {}",
            prefix.id(row.number),
            row.fields.join(",")
        ));
    }
    events
}

#[test]
fn a_compressed_file_has_the_events_of_the_plain_one_whatever_its_name() {
    let plain = events(open("a.csv", &csv()).unwrap());
    assert_eq!(plain.len(), 2);
    assert!(plain[1].ends_with(ROW), "{plain:?}");
    let whole = csv();
    let (header, rows) = whole.split_at(90);
    let members = [gzip(header), gzip(rows)].concat();
    for (name, content) in [
        ("a.csv.gz", gzip(&csv())),
        ("gzip.csv", gzip(&csv())),
        ("csv.gz", csv()),
        ("csv.xlsx", csv()),
        ("members.gz", members),
    ] {
        let source = open(name, &content).unwrap();
        assert_eq!(source.size(), csv().len() as u64, "{name}");
        assert_eq!(events(source), plain, "{name}");
    }
}

#[test]
fn a_workbook_is_read_whatever_its_name_and_compressed_too() {
    let book = book(&[("Data", &[&COLUMNS, &LINE])]);
    let read = events(open("a.xlsx", &book).unwrap());
    assert!(
        read[0].ends_with(" 536365,85123A,HOLDER, \"£\",6,2010-12-01 08:26:00,2.55,17850,EIRE"),
        "{read:?}"
    );
    assert_eq!(events(open("a.csv", &book).unwrap()), read);
    assert_eq!(events(open("a.xlsx.gz", &gzip(&book)).unwrap()), read);
}

#[test]
fn what_comes_through_a_pipe_has_the_events_of_the_file() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || writer.write_all(&csv()).unwrap());
        let fd = std::os::fd::AsRawFd::as_raw_fd(&reader);
        let path = format!("/proc/self/fd/{fd}");
        let source = Source::open(path.as_ref(), &Columns::default()).unwrap();
        assert_eq!(events(source), events(open("a.csv", &csv()).unwrap()));
    });
}

#[test]
fn a_gzip_file_that_is_cut_off_or_damaged_is_refused_before_anything_is_sent() {
    let whole = gzip(&csv());
    for end in [3, 12, whole.len() / 2, whole.len() - 1] {
        assert!(
            matches!(open("a.gz", &whole[..end]), Err(SourceError::Gzip { .. })),
            "{end}"
        );
    }
    let mut damaged = whole.clone();
    let checksum = whole.len() - 6;
    damaged[checksum] ^= 1;
    insta::assert_snapshot!(refusal("a.csv.gz", &damaged), @"is a damaged or truncated gzip file: download it again; nothing was sent: corrupt gzip stream does not have a matching checksum");
    let trailing = [&whole[..], b"more"].concat();
    insta::assert_snapshot!(refusal("a.csv.gz", &trailing), @"is a damaged or truncated gzip file: download it again; nothing was sent: unexpected end of file");
}

#[test]
fn what_is_no_table_is_told_with_what_to_do() {
    let workbook = book(&[("Data", &[&COLUMNS, &LINE])]);
    let cases: [(&str, Vec<u8>); 8] = [
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0".to_vec()),
        ("a.csv.xz", b"\xfd7zXZ\0\0\x04".to_vec()),
        ("a.gz", gzip(&gzip(&csv()))),
        ("xz.gz", gzip(b"\xfd7zXZ\0\0\x04")),
        ("utf16.csv", b"\xff\xfeI\0n\0".to_vec()),
        ("cut.xlsx", workbook[..workbook.len() / 2].to_vec()),
        ("a.pdf", b"%PDF-1.7\n%\xe2\x1b\x07\n".to_vec()),
        ("empty.csv", Vec::new()),
    ];
    let texts: Vec<_> = cases
        .iter()
        .map(|(name, content)| format!("{name} {}", refusal(name, content)))
        .collect();
    insta::assert_snapshot!(texts.join("\n"), @"
    old.xls is an old Excel workbook (.xls), or one with a password: save it as .xlsx without a password, or as CSV in UTF-8
    a.csv.xz is compressed by xz: decompress it into a pipe: `… -dc FILE | stack stream -`
    a.gz is compressed by gzip twice: decompress it into a pipe: `… -dc FILE | stack stream -`
    xz.gz is compressed by xz: decompress it into a pipe: `… -dc FILE | stack stream -`
    utf16.csv is text in UTF-16: convert it: `iconv -f UTF-16 -t UTF-8 FILE | stack stream -`
    cut.xlsx cannot be streamed: an .xlsx workbook is a zip archive, but this file is damaged or truncated: download it again: invalid Zip archive: Could not find EOCD
    a.pdf cannot be streamed: it is not a CSV file of order lines: no column for `InvoiceNo`, `StockCode`, `Description`, `Quantity`, `InvoiceDate`, `UnitPrice`, `CustomerID`, `Country`; the header has `%PDF-1.7`: map your columns with --columns NAME_IN_FILE=InvoiceNo,NAME_IN_FILE=StockCode,NAME_IN_FILE=Description,NAME_IN_FILE=Quantity,NAME_IN_FILE=InvoiceDate,NAME_IN_FILE=UnitPrice,NAME_IN_FILE=CustomerID,NAME_IN_FILE=Country
    empty.csv cannot be streamed: it is not a CSV file of order lines: it is empty: its first line must be a header such as InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
    ");
}

#[test]
fn a_file_with_a_header_alone_has_no_rows() {
    let header = COLUMNS.join(",");
    for content in [header.clone(), format!("{header}\r\n\r\n")] {
        assert!(events(open("a.csv", content.as_bytes()).unwrap()).is_empty());
    }
}
