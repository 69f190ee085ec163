use proptest::prelude::*;

use super::*;

const CSV: RecordFormat = RecordFormat::Csv {
    delimiter: b',',
    quote: b'"',
};

fn rows(text: &str, format: RecordFormat) -> Vec<Result<Vec<(String, bool)>, LoadError>> {
    let mut input = text.as_bytes();
    let mut record = Record::default();
    let mut line = 0;
    let mut out = Vec::new();
    while record.read(&mut input, format, &mut line).unwrap() {
        out.push(record.split(format).map(|()| {
            let field = |at| {
                let (bytes, quoted): (&[u8], bool) = record.get(at).unwrap();
                (String::from_utf8(bytes.to_vec()).unwrap(), quoted)
            };
            (0..record.len()).map(field).collect()
        }));
    }
    out
}

#[test]
fn csv_distinguishes_an_empty_field_from_a_quoted_one() {
    let rows = rows("a,\"b \"\"c\"\"\",,\"\"\r\n\"x\ny\",2,3,4\n", CSV);
    let first: Vec<_> = rows[0]
        .as_ref()
        .unwrap()
        .iter()
        .map(|(t, q)| (t.as_str(), *q))
        .collect();
    assert_eq!(
        first,
        [("a", false), ("b \"c\"", true), ("", false), ("", true)]
    );
    assert_eq!(rows[1].as_ref().unwrap()[0].0, "x\ny");
    assert_eq!(rows.len(), 2);
}

#[test]
fn misplaced_quotes_are_an_error() {
    for text in ["a\"b,c\n", "\"a\"b,c\n", "\"a\n"] {
        assert!(rows(text, CSV)[0].is_err(), "{text}");
    }
}

#[test]
fn a_quote_inside_an_unquoted_field_does_not_swallow_the_next_rows() {
    let rows = rows("5\" nail,1\na,2\n\"b\",3\n", CSV);
    let ok: Vec<_> = rows.iter().map(Result::is_ok).collect();
    assert_eq!(ok, [false, true, true]);
}

#[test]
fn blanks_around_quotes_are_ignored() {
    let rows = rows("a,  \"b,\n c\"\t, d\n", CSV);
    let first: Vec<_> = rows[0].as_ref().unwrap().iter().map(|(t, _)| t).collect();
    assert_eq!(first, ["a", "b,\n c", " d"]);
}

#[test]
fn a_row_longer_than_the_limit_is_an_error() {
    let text = "x".repeat(2 * LONGEST_ROW);
    let mut record = Record::default();
    assert!(record.read(&mut text.as_bytes(), CSV, &mut 0).is_err());
    assert_eq!(record.raw.len(), LONGEST_ROW + 1);
}

#[test]
fn delimited_rows_may_escape_delimiters_and_line_breaks() {
    let format = RecordFormat::Delimited {
        delimiter: b'|',
        escape: true,
    };
    let rows = rows("a\\|b|c\\\nd|\\N\nx|y|z\n", format);
    let first: Vec<_> = rows[0]
        .as_ref()
        .unwrap()
        .iter()
        .map(|(t, _)| t.as_str())
        .collect();
    assert_eq!(first, ["a|b", "c\nd", "\\N"]);
    assert_eq!(rows.len(), 2);
}

proptest! {
    #[test]
    fn rows_of_a_csv_writer_are_read_back(
        table in prop::collection::vec(prop::collection::vec("[a-z\",\n £]{0,8}", 2..4), 1..6)
    ) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in &table {
            writer.write_record(row).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let read: Vec<Vec<String>> = rows(&text, CSV)
            .into_iter()
            .map(|row| row.unwrap().into_iter().map(|(text, _)| text).collect())
            .collect();
        prop_assert_eq!(read, table);
    }
}

/// Returns the fields of the first row of delimited text.
fn delimited(text: &str, escape: bool) -> Vec<String> {
    let format = RecordFormat::Delimited {
        delimiter: b'|',
        escape,
    };
    let fields = rows(text, format).remove(0).unwrap();
    fields.into_iter().map(|(text, _)| text).collect()
}

#[test]
fn without_escape_a_backslash_is_text_and_the_delimiter_ends_the_field() {
    assert_eq!(delimited("a\\|b\\\nc|d\n", false), ["a\\", "b\\"]);
}

#[test]
fn an_escaped_backslash_does_not_escape_what_follows() {
    assert_eq!(delimited("a\\\\|b\\\\\nc\n", true), ["a\\", "b\\"]);
    assert_eq!(delimited("a\\\\\\\nb|c\n", true), ["a\\\nb", "c"]);
    assert_eq!(delimited("a|b\\", true), ["a", "b\\"]);
}

#[test]
fn a_row_ends_before_its_line_break_unless_that_is_escaped() {
    assert_eq!(delimited("a|b\r\n", true), ["a", "b"]);
    assert_eq!(delimited("a|b\\\n", true), ["a", "b\n"]);
    assert_eq!(delimited("a|b\r", true), ["a", "b\r"]);
    assert_eq!(delimited("a|b\\\n", false), ["a", "b\\"]);
}

#[test]
fn a_row_has_the_number_of_its_first_line() {
    let mut input = "a\n\"b\nc\"\n\nd".as_bytes();
    let mut record = Record::default();
    let mut line = 0;
    let mut seen = Vec::new();
    while record.read(&mut input, CSV, &mut line).unwrap() {
        seen.push((record.line, String::from_utf8(record.raw.clone()).unwrap()));
    }
    let seen: Vec<_> = seen.iter().map(|(at, raw)| (*at, raw.as_str())).collect();
    assert_eq!(seen, [(1, "a"), (2, "\"b\nc\""), (4, ""), (5, "d")]);
    assert_eq!(line, 5);
}

#[test]
fn a_row_as_long_as_the_limit_is_read() {
    let text = format!("{}\nb\n", "x".repeat(LONGEST_ROW - 1));
    let mut input = text.as_bytes();
    let mut record = Record::default();
    assert!(record.read(&mut input, CSV, &mut 0).unwrap());
    assert_eq!(record.raw.len(), LONGEST_ROW - 1);
}

#[test]
fn a_tab_that_delimits_is_no_blank_beside_a_quote() {
    let format = RecordFormat::Csv {
        delimiter: b'\t',
        quote: b'"',
    };
    let rows = rows("\t\"a\tb\"\t \"c\"\n", format);
    let first: Vec<_> = rows[0].as_ref().unwrap().iter().collect();
    let expected = [("", false), ("a\tb", true), ("c", true)].map(|(t, q)| (t.to_owned(), q));
    assert_eq!(first, expected.iter().collect::<Vec<_>>());
}

#[test]
fn a_line_break_continues_a_row_only_between_quotes() {
    // The first field is closed, the second one plain, and the third one quoted after a blank.
    let rows = rows("\"a\"\nb \"\n, \"c\n\"\n", CSV);
    let ok: Vec<_> = rows.iter().map(Result::is_ok).collect();
    assert_eq!(ok, [true, false, true]);
}
