use super::*;
use crate::sql::{Command, plan};

fn converter(options: &str) -> Converter {
    let sql = format!("copy t from 's3://b/k' iam_role default csv {options}");
    let Command::Copy(copy) = plan(&sql, &[]).unwrap().command else {
        panic!()
    };
    Converter::new(&copy)
}

fn written(options: &str, field: FieldType, bytes: &[u8], quoted: bool) -> Result<String, i32> {
    let target = Target {
        name: "c".to_owned(),
        field,
        type_name: String::new(),
        not_null: false,
        is_identity: false,
    };
    let mut out = Vec::new();
    converter(options)
        .write(&target, bytes, quoted, &mut out)
        .map_err(|error| error.code)?;
    Ok(String::from_utf8(out).unwrap())
}

const TEXT: FieldType = FieldType::Varchar(Some(4));
const INT: FieldType = FieldType::Integer {
    name: "Integer",
    least: -5,
    most: 99,
};

#[test]
fn an_empty_field_is_null_except_in_a_character_column() {
    assert_eq!(written("", TEXT, b"", false).unwrap(), "");
    assert_eq!(written("emptyasnull", TEXT, b"", false).unwrap(), "\\N");
    assert_eq!(written("emptyasnull", TEXT, b"", true).unwrap(), "");
    assert_eq!(written("", INT, b"", true).unwrap(), "\\N");
    assert_eq!(written("", INT, b"  ", false).unwrap(), "\\N");
    assert_eq!(written("", FieldType::Date, b" ", false).unwrap(), "\\N");
    assert_eq!(written("", TEXT, b"  ", false).unwrap(), "  ");
    assert_eq!(written("blanksasnull", TEXT, b"  ", false).unwrap(), "\\N");
    assert_eq!(written("null as 'NA'", TEXT, b"NA", false).unwrap(), "\\N");
    assert_eq!(written("null as 'NA'", TEXT, b"NA", true).unwrap(), "NA");
}

#[test]
fn lengths_are_counted_in_bytes() {
    assert_eq!(written("", TEXT, "££".as_bytes(), false).unwrap(), "££");
    assert_eq!(written("", TEXT, "£££".as_bytes(), false), Err(1204));
    assert_eq!(
        written("truncatecolumns", TEXT, "a££".as_bytes(), false).unwrap(),
        "a£"
    );
    assert_eq!(
        written("", FieldType::Char(Some(4)), "£".as_bytes(), false),
        Err(1220)
    );
}

#[test]
fn invalid_utf8_is_rejected_or_replaced() {
    assert_eq!(written("", TEXT, b"a\xa3b", false), Err(1220));
    assert_eq!(
        written("acceptinvchars", TEXT, b"a\xa3b", false).unwrap(),
        "a?b"
    );
    assert_eq!(
        written("acceptinvchars as '^'", TEXT, b"a\0b", false).unwrap(),
        "a^b"
    );
}

#[test]
fn control_sequences_of_copy_text_are_escaped() {
    assert_eq!(written("", TEXT, b"\\N", true).unwrap(), "\\\\N");
    assert_eq!(written("", TEXT, b"a\tb\n", false).unwrap(), "a\\tb\\n");
}

#[test]
fn numbers_and_booleans_are_checked() {
    assert_eq!(written("", INT, b" -5 ", false).unwrap(), "-5");
    assert_eq!(written("", INT, b"1.5", false), Err(1207));
    assert_eq!(written("", INT, b"100", false), Err(1204));
    let float = |single| FieldType::Float { single };
    assert_eq!(written("", float(false), b"1e39", false).unwrap(), "1e39");
    assert_eq!(
        written("", float(false), b"0e-400", false).unwrap(),
        "0e-400"
    );
    for (single, text) in [
        (true, "1e39"),
        (true, "1e-60"),
        (false, "1e400"),
        (false, "1e-400"),
    ] {
        assert_eq!(
            written("", float(single), text.as_bytes(), false),
            Err(1204),
            "{text}"
        );
    }
    assert_eq!(written("", float(false), b"one", false), Err(1208));
    assert_eq!(written("", FieldType::Boolean, b"Yes", false).unwrap(), "t");
    assert_eq!(written("", FieldType::Boolean, b"maybe", false), Err(1210));
}

#[test]
fn json_that_postgresql_cannot_store_is_rejected() {
    for text in [
        "{\"a\":\"\\u0000\"}",
        "[\"\\ud800\"]",
        "{",
        "{\"\\u0000\":1}",
    ] {
        assert_eq!(
            written("", FieldType::Super, text.as_bytes(), false),
            Err(1224),
            "{text}"
        );
    }
    let kept = "{\"a\":[1.50,\"x\"]}";
    assert_eq!(
        written("", FieldType::Super, kept.as_bytes(), false).unwrap(),
        kept
    );
}

#[test]
fn a_timestamp_without_zone_ignores_the_zone_of_its_value() {
    let zoned = FieldType::Timestamp { zoned: true };
    let plain = FieldType::Timestamp { zoned: false };
    let text = b"2010-12-01 08:26:00.5+01";
    assert_eq!(
        written("timeformat 'auto'", plain.clone(), text, false).unwrap(),
        "2010-12-01 08:26:00.500000"
    );
    assert_eq!(
        written("timeformat 'auto'", zoned, text, false).unwrap(),
        "2010-12-01 08:26:00.500000+01"
    );
    assert_eq!(
        written("", FieldType::Time, b"08:26:01", false).unwrap(),
        "08:26:01"
    );
    assert_eq!(written("", plain, b"soon", false), Err(1206));
}

#[test]
fn blanks_at_the_end_are_kept_unless_they_are_trimmed_or_the_column_is_char() {
    let long = FieldType::Varchar(Some(4));
    assert_eq!(written("", long.clone(), b"a \t", false).unwrap(), "a \\t");
    assert_eq!(
        written("trimblanks", long, b" a  \t ", false).unwrap(),
        " a"
    );
    let fixed = FieldType::Char(Some(2));
    assert_eq!(written("", fixed.clone(), b"ab   ", false).unwrap(), "ab");
    assert_eq!(written("", fixed, b"abc", false), Err(1204));
}

#[test]
fn a_character_of_several_bytes_in_a_char_column_is_named() {
    let target = Target {
        name: "c".to_owned(),
        field: FieldType::Char(None),
        type_name: String::new(),
        not_null: false,
        is_identity: false,
    };
    let refused = converter("").write(&target, "a€".as_bytes(), false, &mut Vec::new());
    assert!(
        refused
            .unwrap_err()
            .message
            .ends_with("Invalid char: e2 82")
    );
}

#[test]
fn a_text_as_long_as_its_column_fits() {
    assert_eq!(written("", TEXT, b"abcd", false).unwrap(), "abcd");
    assert_eq!(written("", TEXT, b"abcde", false), Err(1204));
}

#[test]
fn decimals_are_rounded_only_if_the_statement_says_so() {
    let price = FieldType::Decimal {
        precision: 5,
        scale: 2,
    };
    assert_eq!(
        written("", price.clone(), b" 1.239 ", false).unwrap(),
        "01.23"
    );
    assert_eq!(written("roundec", price, b"1.239", false).unwrap(), "01.24");
}

#[test]
fn a_null_is_refused_by_a_column_that_does_not_allow_it() {
    let target = |not_null| Target {
        name: "c".to_owned(),
        field: INT,
        type_name: String::new(),
        not_null,
        is_identity: false,
    };
    let mut out = Vec::new();
    let refused = Converter::write_null(&target(true), &mut out).unwrap_err();
    assert_eq!((refused.code, out.as_slice()), (1213, &b""[..]));
    Converter::write_null(&target(false), &mut out).unwrap();
    assert_eq!(out, b"\\N");
}

#[test]
fn an_invalid_date_names_the_format_of_the_statement() {
    let message = |options: &str| {
        let target = Target {
            name: "c".to_owned(),
            field: FieldType::Date,
            type_name: String::new(),
            not_null: false,
            is_identity: false,
        };
        let refused = converter(options).write(&target, b"soon", false, &mut Vec::new());
        refused.unwrap_err().message
    };
    assert!(message("").ends_with("[YYYY-MM-DD]"));
    assert!(message("dateformat 'DD.MM.YYYY'").ends_with("[DD.MM.YYYY]"));
}

#[test]
fn a_time_has_no_date_and_no_zone() {
    let time = |text: &str| written("timeformat 'auto'", FieldType::Time, text.as_bytes(), false);
    assert_eq!(time(" 08:26:01.5 ").unwrap(), "08:26:01.500000");
    assert_eq!(time("08:26:01-05").unwrap(), "08:26:01");
    assert_eq!(time("25:00:00"), Err(1206));
}
