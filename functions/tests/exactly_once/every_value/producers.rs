//! Generated events: ordinary values, and values at and beyond every edge, each with what it means.

use proptest::prelude::*;
use proptest::sample::select;
use time::PrimitiveDateTime;
use time::macros::datetime;

use super::model::{customer, identifier, text};
use super::values::{invoice_date, quantity, unit_price};

/// The fields in the order in which they are judged.
pub(super) const FIELDS: [&str; 9] = [
    "InvoiceNo",
    "EventId",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
];

/// When the first request arrives; each later one a second later.
pub(super) const ARRIVAL: PrimitiveDateTime = datetime!(2026-01-02 03:04:05.678);

/// A field as it is sent.
#[derive(Clone, Debug)]
pub(super) struct Given {
    /// Its JSON; `None` leaves the field out.
    json: Option<String>,
    /// The value that every reader sees, empty for NULL, or the reason for the refusal.
    pub(super) means: Result<String, &'static str>,
}

/// An event as it is sent.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// An object with these of [`FIELDS`].
    Fields(Box<[Given; 9]>),
    /// A text that is refused as a whole, with the reason.
    Whole(String, &'static str),
}

impl Event {
    pub(super) fn json(&self) -> String {
        let fields = match self {
            Self::Whole(json, _) => return json.clone(),
            Self::Fields(fields) => fields,
        };
        let members = FIELDS
            .iter()
            .zip(fields.iter())
            .filter_map(|(name, given)| {
                let json = given.json.as_ref()?;
                Some(format!("\"{name}\":{json}"))
            });
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}

/// Events of one request.
pub(super) fn request() -> impl Strategy<Value = Vec<Event>> {
    prop::collection::vec(event(), 1..60)
}

fn event() -> impl Strategy<Value = Event> {
    let fields = (
        invoice_no(),
        event_id(),
        required(
            identifier_of(32, &["85123A", "85123a", "POST", "BANK CHARGES"]),
            "missing",
        ),
        text_of(256),
        quantity(),
        invoice_date(),
        unit_price(),
        customer_id(),
        required(text_of(64), "missing"),
    );
    prop_oneof![
        40 => fields.prop_map(|(a, b, c, d, e, f, g, h, i)| {
            Event::Fields(Box::new([a, b, c, d, e, f, g, h, i]))
        }),
        1 => whole(),
    ]
}

fn whole() -> impl Strategy<Value = Event> {
    let large = format!("{{\"Note\":\"{}\"}}", "x".repeat(8 * 1024));
    let twice = "{\"InvoiceNo\":\"1\",\"InvoiceNo\":\"1\"}".to_owned();
    let named = [
        (large, "too_large"),
        (twice, "duplicate_field"),
        ("7".to_owned(), "not_an_object"),
        ("\"{}\"".to_owned(), "not_an_object"),
    ];
    select(named.to_vec()).prop_map(|(json, reason)| Event::Whole(json, reason))
}

/// Texts that mean something to some reader on the way.
const EDGE_CASES: [&str; 24] = [
    "\\N", "\\\\N", "\\\\", "\\", "\\.", "NULL", "null", "<null>", "\"", "\"\"", "'", "''", "a,b",
    "a|b", "a;b", "a\"b,\"c", "=1+1", "%", "100%25", "A/1", "#", "{}", "NaN", "e\u{301}",
];

/// One or more of each class of Unicode's scalars, and what parsers stumble over.
const CLASSES: [char; 30] = [
    'a',
    'Z',
    '0',
    ' ',
    '"',
    '\\',
    '\'',
    ',',
    '£',
    'ß',
    'İ',
    'ǅ',
    'ʰ',
    '中',
    '\u{301}',
    '٣',
    'Ⅷ',
    '_',
    '«',
    '€',
    '^',
    '\u{a0}',
    '\u{200b}',
    '\u{2028}',
    '\u{202e}',
    '\u{e000}',
    '\u{fdd0}',
    '\u{feff}',
    '\u{fffd}',
    '\u{10ffff}',
];

const CONTROLS: [char; 9] = [
    '\0', '\u{1}', '\t', '\n', '\u{b}', '\r', '\u{1b}', '\u{7f}', '\u{85}',
];

fn of(chars: Vec<char>) -> impl Strategy<Value = String> {
    prop::collection::vec(select(chars), 1..9).prop_map(String::from_iter)
}

/// Texts without control characters, then such of any scalars, then such about `most` bytes long.
fn raw(most: usize) -> impl Strategy<Value = String> {
    let long = (most - 3..=most + 1, select(vec!['x', '£', '€', '😀']));
    let long = long.prop_map(|(bytes, c)| {
        let chars = String::from(c).repeat(bytes / c.len_utf8());
        format!("{chars}{}", "y".repeat(bytes - chars.len()))
    });
    let controls = (
        of(CLASSES.to_vec()),
        of(CONTROLS.to_vec()),
        of(CLASSES.to_vec()),
    );
    prop_oneof![
        12 => select(EDGE_CASES.to_vec()).prop_map(str::to_owned),
        12 => of(CLASSES.to_vec()),
        4 => of(CLASSES.to_vec()).prop_map(|text| format!("\u{a0}\t {text} \u{2003}\n")),
        4 => long,
        2 => prop::collection::vec(any::<char>(), 1..9).prop_map(String::from_iter),
        1 => controls.prop_map(|(a, b, c)| [a, b, c].concat()),
        1 => Just(" \t\u{3000}".to_owned()),
    ]
}

/// A text as JSON, also with every character escaped.
pub(super) fn spelled(text: &str, escaped: bool) -> String {
    if escaped {
        let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
        return format!("\"{}\"", units.collect::<String>());
    }
    serde_json::to_string(text).unwrap()
}

pub(super) fn given(json: &str, means: Result<&str, &'static str>) -> Given {
    Given {
        json: Some(json.to_owned()),
        means: means.map(str::to_owned),
    }
}

/// What any field answers to JSON that is no text and no number, and the ways to send nothing.
fn odd() -> impl Strategy<Value = Given> {
    let mut all: Vec<_> = ["true", "false", "[1]", "{}", "[]"]
        .map(|json| given(json, Err("wrong_type")))
        .to_vec();
    all.push(given("\"a\\ud800b\"", Err("bad_character")));
    all.extend(["null", "\"\"", "\" \""].map(|json| given(json, Ok(""))));
    all.push(Given {
        json: None,
        means: Ok(String::new()),
    });
    select(all)
}

fn read_by(
    raw: impl Strategy<Value = String>,
    read: impl Fn(&str) -> Result<String, &'static str>,
) -> impl Strategy<Value = Given> {
    (raw, any::<bool>()).prop_map(move |(raw, escaped)| Given {
        json: Some(spelled(&raw, escaped)),
        means: read(&raw),
    })
}

fn text_of(most: usize) -> impl Strategy<Value = Given> {
    prop_oneof![
        30 => read_by(raw(most), move |raw| text(raw, most)),
        20 => select(vec![given("\"EIRE\"", Ok("EIRE")), given("20713", Ok("20713"))]),
        1 => odd(),
    ]
}

fn identifier_of(most: usize, known: &'static [&'static str]) -> impl Strategy<Value = Given> {
    prop_oneof![
        60 => select(known).prop_map(|text| given(&spelled(text, false), Ok(text))),
        10 => read_by(raw(most), move |raw| identifier(raw, most)),
        5 => (0..1_000_000_u32).prop_map(|n| given(&n.to_string(), Ok(&n.to_string()))),
        1 => odd(),
    ]
}

/// Nothing is refused for `reason`.
fn required(
    given: impl Strategy<Value = Given>,
    reason: &'static str,
) -> impl Strategy<Value = Given> {
    given.prop_map(move |given| Given {
        means: given.means.and_then(|means| {
            if means.is_empty() {
                Err(reason)
            } else {
                Ok(means)
            }
        }),
        ..given
    })
}

fn invoice_no() -> impl Strategy<Value = Given> {
    let known = &[
        "536365", "536366", "C536379", "A563185", "CARD-1", "A/1", "100%", "a#b", "\\N",
    ];
    required(identifier_of(32, known), "missing")
}

/// Few ids, so that many come on two invoices or with other content.
fn event_id() -> impl Strategy<Value = Given> {
    let few = (0..40).prop_map(|n| given(&format!("\"e-{n}\""), Ok(&format!("e-{n}"))));
    prop_oneof![8 => few, 1 => identifier_of(64, &["\\N", "e 1", "É"])]
}

fn customer_id() -> impl Strategy<Value = Given> {
    let known = [
        ("17850", "17850"),
        ("\"17850.0\"", "17850"),
        ("17850.00", "17850"),
        ("\" 17850. \"", "17850"),
        ("\"17850.5\"", "17850.5"),
        ("12583", "12583"),
        ("\"\\\\N\"", "\\N"),
        ("null", ""),
        ("\"nAn\"", ""),
    ];
    prop_oneof![
        20 => select(known.to_vec()).prop_map(|(json, means)| given(json, Ok(means))),
        3 => read_by(raw(32), |raw| customer(raw, 32)),
        1 => odd(),
    ]
}
