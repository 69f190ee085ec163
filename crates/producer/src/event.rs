//! Encodes a row as the event that a shop would send.

use std::borrow::Cow;
use std::io::Write as _;
use std::sync::LazyLock;

/// Columns of the Online Retail data set, which are the fields of an event, in the order of the file.
pub(crate) const COLUMNS: [&str; events::FIELDS.len() - 1] = {
    let [_event_id, columns @ ..] = events::FIELDS;
    columns
};

/// JSON text before each field, and whether the field is written as a JSON number if possible. Built once, because it
/// is copied for every row, in debug builds too.
static KEYS: LazyLock<[(String, bool); COLUMNS.len()]> = LazyLock::new(|| {
    COLUMNS.map(|name| {
        let is_numeric = matches!(name, "Quantity" | "UnitPrice");
        (format!(",\"{name}\":"), is_numeric)
    })
});

/// Fields of a row in the order of [`COLUMNS`], exactly as in the source: neither trimmed nor corrected.
pub(crate) type Fields<'a> = [Cow<'a, str>; COLUMNS.len()];

/// Number of hexadecimal digits of the content's hash in an event id.
const PREFIX_DIGITS: usize = 16;

/// Prefix of the ids of all events of one content.
///
/// It depends on the content alone: a renamed or copied file gives the same ids, so streaming it again adds nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Prefix(String);

impl Prefix {
    /// Returns the prefix of the content with this SHA-256.
    #[must_use]
    pub fn new(sha256: &[u8; 32]) -> Self {
        Self(hex::encode(&sha256[..PREFIX_DIGITS / 2]))
    }

    /// Returns the id of row `number`, counted from 1 after the header: `d07aec9960083af2-0000001`.
    #[must_use]
    pub fn id(&self, number: u64) -> String {
        format!("{}-{number:07}", self.0)
    }
}

impl AsRef<str> for Prefix {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Appends row `number` as a JSON object. Texts and numbers are copied verbatim.
///
/// A quantity or price that is not a JSON number is written as a string; the API then rejects it.
pub(crate) fn write(out: &mut Vec<u8>, prefix: &Prefix, number: u64, fields: &Fields<'_>) {
    // Writing to a `Vec` cannot fail.
    let _ = write!(out, "{{\"EventId\":\"{}-{number:07}\"", prefix.0);
    for ((key, is_numeric), field) in KEYS.iter().zip(fields) {
        out.extend_from_slice(key.as_bytes());
        if *is_numeric && is_number(field.as_bytes()) {
            out.extend_from_slice(field.as_bytes());
        } else {
            write_text(out, field);
        }
    }
    out.push(b'}');
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut copied = 0;
    // A loop over indexes instead of an iterator, because it runs for every byte sent, in debug builds too.
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte < b' ' || byte == b'"' || byte == b'\\' {
            out.extend_from_slice(&bytes[copied..at]);
            copied = at + 1;
            write_escape(out, byte);
        }
        at += 1;
    }
    out.extend_from_slice(&bytes[copied..]);
    out.push(b'"');
}

fn write_escape(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        control => {
            let _ = write!(out, "\\u{control:04x}");
        }
    }
}

/// Returns whether `text` is a JSON number: `-0.5e3` is; `+1`, `.5`, `007` and `1,5` are not.
///
/// Source: <https://www.rfc-editor.org/rfc/rfc8259#section-6>
fn is_number(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, rest) = digits(text);
    if whole.is_empty() || (whole.len() > 1 && whole[0] == b'0') {
        return false;
    }
    let rest = match rest.strip_prefix(b".") {
        Some(fraction) => match digits(fraction) {
            ([], _) => return false,
            (_, rest) => rest,
        },
        None => rest,
    };
    match rest {
        [] => true,
        [b'e' | b'E', b'+' | b'-', power @ ..] | [b'e' | b'E', power @ ..] => {
            matches!(digits(power), ([_, ..], []))
        }
        _ => false,
    }
}

/// Splits `text` after its leading digits.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(fields: [&str; 8]) -> String {
        let mut out = Vec::new();
        write(
            &mut out,
            &Prefix::new(&[0xab; 32]),
            7,
            &fields.map(Cow::Borrowed),
        );
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn texts_and_numbers_go_out_as_they_stand_in_the_row() {
        let row = json([
            "536365",
            "85123a",
            " 7\" \\ \t£ LIGHT,  ",
            "-6",
            "12/1/2010 8:26",
            "0.001",
            "",
            "EIRE",
        ]);
        insta::assert_snapshot!(row, @r#"{"EventId":"abababababababab-0000007","InvoiceNo":"536365","StockCode":"85123a","Description":" 7\" \\ \u0009£ LIGHT,  ","Quantity":-6,"InvoiceDate":"12/1/2010 8:26","UnitPrice":0.001,"CustomerID":"","Country":"EIRE"}"#);
    }

    #[test]
    fn what_is_no_json_number_goes_out_as_a_text_for_the_api_to_judge() {
        for (text, is) in [
            ("0", true),
            ("-0.5e3", true),
            ("80995", true),
            ("1E+2", true),
            ("2.550", true),
            ("", false),
            ("-", false),
            ("+1", false),
            (".5", false),
            ("5.", false),
            ("007", false),
            ("1,5", false),
            (" 6", false),
            ("1e", false),
            ("1e+", false),
            ("NaN", false),
            ("£2", false),
            ("1 ", false),
        ] {
            assert_eq!(is_number(text.as_bytes()), is, "{text}");
            let agrees = serde_json::from_str::<serde_json::Number>(text).is_ok();
            assert!(agrees == is || text.trim() != text, "{text}");
        }
    }

    #[test]
    fn ids_count_rows_behind_the_hash_and_grow_past_seven_digits() {
        let prefix = Prefix::new(&[1; 32]);
        assert_eq!(prefix.id(1), "0101010101010101-0000001");
        assert_eq!(prefix.id(12_345_678), "0101010101010101-12345678");
    }

    proptest! {
        #[test]
        fn any_row_is_one_line_of_json_that_reads_back_to_its_fields(
            fields in prop::array::uniform8(any::<String>()),
        ) {
            let json = json(fields.each_ref().map(String::as_str));
            prop_assert!(!json.contains('\n'));
            let back: serde_json::Value = serde_json::from_str(&json).unwrap();
            for (name, field) in COLUMNS.iter().zip(&fields) {
                let value = &back[name];
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                prop_assert!(text == *field || value.is_number());
            }
        }

        #[test]
        fn a_row_reads_back_by_the_platform_to_the_line_it_was(
            invoice in "[AC]?[1-9][0-9]{5}",
            code in "[0-9]{5}[A-Za-z]{0,2}",
            description in "[ -~£é]{0,35}",
            quantity in -1_000_000..=1_000_000_i32,
            ten_thousandths in -999_999_999_999_i64..=999_999_999_999,
            customer in "([1-9][0-9]{4})?",
        ) {
            let price = rust_decimal::Decimal::new(ten_thousandths, 4).to_string();
            let json = json([
                &invoice,
                &code,
                &description,
                &quantity.to_string(),
                "2/28/2011 0:05",
                &price,
                &customer,
                "Channel Islands",
            ]);
            let event = events::read(&json).unwrap();
            let (id, line) = (event.id.unwrap(), event.line);
            prop_assert_eq!(id.as_ref(), "abababababababab-0000007");
            prop_assert_eq!(line.invoice_no.as_ref(), &invoice);
            prop_assert_eq!(line.stock_code.as_ref(), &code);
            prop_assert_eq!(line.description.as_deref().unwrap_or_default(), description.trim());
            prop_assert_eq!(line.quantity, quantity);
            prop_assert_eq!(line.unit_price, price.parse().unwrap());
            prop_assert_eq!(line.customer_id.as_ref().map_or("", AsRef::as_ref), &customer);
            prop_assert_eq!(events::format_timestamp(line.invoice_ts), "2011-02-28 00:05:00");
        }
    }
}
