use proptest::prelude::*;

use super::*;
use crate::content::inspect;

/// Reads all items of `file`, and adds a header if it has none.
fn items(file: &[u8]) -> Vec<String> {
    let encoding = inspect(file).unwrap().encoding;
    let mut rows = CsvFile::new(file, encoding, &Columns::default()).unwrap();
    let mut items = Vec::new();
    while let Some(item) = rows.read().unwrap() {
        items.push(match item {
            Item::Row(row) => format!("{}@{} {}", row.number, row.line, row.fields.join("|")),
            Item::Skipped(skipped) => format!("-@{} {}", skipped.line, skipped.reason),
        });
    }
    items
}

fn with_header(rows: &[u8]) -> Vec<u8> {
    [COLUMNS.join(",").as_bytes(), b"\r\n", rows].concat()
}

const ROW: &str = "536365,85123A,HOLDER,6,12/1/2010 8:26,2.55,17850,EIRE";

#[test]
fn the_traps_of_the_real_file_are_read_as_they_stand() {
    let rows = b"536365,85123A, WHITE  HOLDER ,6,12/1/2010 8:26,2.55,17850,United Kingdom\r\n\
        536414,22139,,56,12/1/2010 11:52,0,,United Kingdom\r\n\
        C536379,D,Discount,-1,12/1/2010 9:41,27.5,14527,United Kingdom\r\n\
        539492,22139,\"RETRO \"\"7\"\", TEA SET\",1,12/20/2010 10:14,0.001,,EIRE\r\n\
        539993,22976,\"CIRCUS PARADE, \xa3 LIGHT\",1,1/1/2011 0:05,-11062.06,,\"Channel, Islands\"\r\n";
    insta::assert_snapshot!(items(&with_header(rows)).join("\n"), @"
    1@2 536365|85123A| WHITE  HOLDER |6|12/1/2010 8:26|2.55|17850|United Kingdom
    2@3 536414|22139||56|12/1/2010 11:52|0||United Kingdom
    3@4 C536379|D|Discount|-1|12/1/2010 9:41|27.5|14527|United Kingdom
    4@5 539492|22139|RETRO \"7\", TEA SET|1|12/20/2010 10:14|0.001||EIRE
    5@6 539993|22976|CIRCUS PARADE, £ LIGHT|1|1/1/2011 0:05|-11062.06||Channel, Islands
    ");
}

#[test]
fn the_same_rows_come_from_utf_8_from_latin_1_and_after_a_byte_order_mark() {
    let text = format!(
        "{}\n{}\n",
        COLUMNS.join(","),
        ROW.replace("HOLDER", "£1 é HOLDER")
    );
    let latin1: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let marked = format!("\u{feff}{text}");
    let expected = ["1@2 536365|85123A|£1 é HOLDER|6|12/1/2010 8:26|2.55|17850|EIRE"];
    assert_eq!(items(text.as_bytes()), expected);
    assert_eq!(items(&latin1), expected);
    assert_eq!(items(marked.as_bytes()), expected);
}

#[test]
fn rows_with_another_number_of_fields_are_skipped_and_keep_their_number() {
    let rows = format!("{ROW}\nshort,row\n\n\r\n{ROW},more\n{ROW}");
    insta::assert_snapshot!(items(&with_header(rows.as_bytes())).join("\n"), @"
    1@2 536365|85123A|HOLDER|6|12/1/2010 8:26|2.55|17850|EIRE
    -@3 the row has 2 fields, but the header has 8
    -@6 the row has 9 fields, but the header has 8
    4@7 536365|85123A|HOLDER|6|12/1/2010 8:26|2.55|17850|EIRE
    ");
}

#[test]
fn a_stray_quote_is_told_with_the_lines_it_swallows() {
    let stray = ROW.replace("HOLDER", "\"HOLDER");
    let rows = format!("{stray}\n{}", format!("{ROW}\n").repeat(3));
    insta::assert_snapshot!(items(&with_header(rows.as_bytes())).join("\n"), @"-@2 the row has 3 fields, but the header has 8; a quote on this line is never closed, so the row continues to line 5");
    let country = format!(
        "{},\"EIRE\n{}\"",
        ROW.trim_end_matches(",EIRE"),
        ROW.repeat(2_000)
    );
    let text = items(&with_header(country.as_bytes())).join("\n");
    assert!(
        text.starts_with("-@2 ") && text.contains("but the maximum is 65536"),
        "{text}"
    );
}

/// Returns the number of skipped lines of a file.
fn unread(file: &[u8]) -> u64 {
    let mut rows = CsvFile::new(file, Encoding::Utf8, &Columns::default()).unwrap();
    let mut count = 0;
    while let Some(item) = rows.read().unwrap() {
        if let Item::Skipped(skipped) = item {
            count += skipped.rows;
        }
    }
    count
}

#[test]
fn rows_that_a_stray_quote_takes_in_are_counted_whatever_column_it_is_in() {
    let fields: Vec<&str> = ROW.split(',').collect();
    for column in 0..8 {
        for last_end in ["\n", ""] {
            let mut stray = fields.clone();
            let quoted = format!("\"{}", stray[column]);
            stray[column] = &quoted;
            let stray = stray.join(",");
            let rows = format!("{ROW}\n{stray}\n{ROW}\n{ROW}{last_end}");
            let open = with_header(rows.as_bytes());
            assert_eq!(unread(&open), 3, "{rows}");
            let lines = items(&open);
            assert!(lines[1].starts_with("-@3 "), "{lines:?}");
            assert!(
                lines[1].ends_with("never closed, so the row continues to line 5"),
                "{lines:?}"
            );
            // A second stray quote in the same column closes the first.
            let rows = format!("{ROW}\n{stray}\n{ROW}\n{stray}\n{ROW}{last_end}");
            assert_eq!(unread(&with_header(rows.as_bytes())), 3, "{rows}");
        }
    }
}

#[test]
fn a_record_without_an_end_is_an_error_before_it_fills_the_memory() {
    let line = format!("{ROW}\n");
    let head = with_header(format!("{line}\"").as_bytes());
    let endless = head.chain(std::io::repeat(b'x'));
    let mut rows = CsvFile::new(endless, Encoding::Utf8, &Columns::default()).unwrap();
    assert!(matches!(rows.read(), Ok(Some(Item::Row(_)))));
    assert!(matches!(rows.read(), Err(CsvError::Endless(3))));
}

#[test]
fn a_text_may_hold_line_ends() {
    let rows = ROW.replace("HOLDER", "\"TWO\r\nLINES\"");
    let read = items(&with_header(format!("{rows}\r\n{ROW}\r\n").as_bytes()));
    assert!(read[0].contains("|TWO\r\nLINES|"), "{read:?}");
    assert!(read[1].starts_with("2@4 "), "{read:?}");
}

#[test]
fn a_file_that_is_something_else_is_refused() {
    for file in [
        &b""[..],
        b"\n\n",
        b"{\"InvoiceNo\":1}",
        &[0xff, 0xfe, b'I', 0],
    ] {
        let refused = CsvFile::new(file, inspect(file).unwrap().encoding, &Columns::default());
        assert!(matches!(refused, Err(CsvError::Header(_))), "{file:?}");
    }
}

#[test]
fn a_file_that_changes_under_the_reader_is_an_error_and_no_wrong_text() {
    let file = with_header(b"1,2,\xa3,4,5,6,7,8\n");
    let mut rows = CsvFile::new(&file[..], Encoding::Utf8, &Columns::default()).unwrap();
    assert!(matches!(rows.read(), Err(CsvError::Changed(2))));
}

proptest! {
    #[test]
    fn any_row_written_as_csv_reads_back(
        fields in prop::array::uniform8("[ -~£\r\n]{0,12}"),
        crlf in any::<bool>(),
    ) {
        // An empty line is not a row.
        prop_assume!(fields.iter().any(|field| !field.is_empty()));
        // A CR at the end of a row counts as part of the line end.
        prop_assume!(!fields[7].ends_with('\r'));
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
        writer.write_record(COLUMNS).unwrap();
        writer.write_record(&fields).unwrap();
        let file = writer.into_inner().unwrap();
        prop_assert_eq!(items(&file), [format!("1@2 {}", fields.join("|"))]);
    }
}
