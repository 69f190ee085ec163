//! What the platform promises of any event, without its code: is it accepted, and what does every reader see?

use std::collections::{BTreeMap, HashMap};

use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use super::producers::{Event, FIELDS};

/// An order line as it was meant; an empty text is NULL, prices are in ten-thousandths of a pound.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Row {
    pub(super) invoice_no: String,
    pub(super) event_id: String,
    pub(super) envelope_id: String,
    pub(super) ingested_at: String,
    pub(super) stock_code: String,
    pub(super) description: String,
    pub(super) quantity: i64,
    pub(super) invoice_ts: String,
    pub(super) price: i128,
    pub(super) customer_id: String,
    pub(super) country: String,
}

impl Row {
    pub(super) fn amount(&self) -> i128 {
        i128::from(self.quantity) * self.price
    }

    pub(super) fn kind(&self) -> &'static str {
        let (letter, digits) = self.invoice_no.split_at_checked(1).unwrap_or(("", ""));
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        match (letter, is_number) {
            ("C" | "c", true) => "cancellation",
            ("A" | "a", true) => "adjustment",
            _ => "sale",
        }
    }

    pub(super) fn is_sale_line(&self) -> bool {
        self.kind() == "sale" && self.quantity > 0 && self.price > 0
    }
}

/// Position in the request, field and reason.
pub(super) type Refusal = (usize, &'static str, &'static str);

/// What becomes of the events of a request, each accepted one with its text.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    pub(super) accepted: usize,
    pub(super) rows: Vec<(Row, String)>,
    pub(super) refused: Vec<Refusal>,
}

/// Judges the events of request `id`, which arrives at `arrival`.
pub(super) fn judge(events: &[Event], id: &str, arrival: OffsetDateTime) -> Verdicts {
    let mut verdicts = Verdicts::default();
    let mut seen: HashMap<(String, String), String> = HashMap::new();
    for (index, event) in events.iter().enumerate() {
        let row = match row(event, &format!("{id}-{index:03}"), arrival) {
            Ok(row) => row,
            Err((field, reason)) => {
                verdicts.refused.push((index, field, reason));
                continue;
            }
        };
        let text = event.json();
        match seen.get(&(row.invoice_no.clone(), row.event_id.clone())) {
            Some(first) if *first == text => verdicts.accepted += 1,
            Some(_) => verdicts.refused.push((index, "EventId", "reused_id")),
            None => {
                let identity = (row.invoice_no.clone(), row.event_id.clone());
                seen.insert(identity, text.clone());
                verdicts.accepted += 1;
                verdicts.rows.push((row, text));
            }
        }
    }
    verdicts
}

/// The first field that is refused is named.
fn row(
    event: &Event,
    generated_id: &str,
    arrival: OffsetDateTime,
) -> Result<Row, (&'static str, &'static str)> {
    let fields = match event {
        Event::Fields(fields) => fields,
        Event::Whole(_, reason) => return Err(("event", reason)),
    };
    let mut values = Vec::with_capacity(FIELDS.len());
    for (name, given) in FIELDS.iter().zip(fields.iter()) {
        values.push(given.means.clone().map_err(|reason| (*name, reason))?);
    }
    let [
        invoice_no,
        event_id,
        stock_code,
        description,
        quantity,
        invoice_ts,
        price,
        customer_id,
        country,
    ] = values.try_into().unwrap();
    let row = Row {
        invoice_no,
        event_id: Some(event_id)
            .filter(|id| !id.is_empty())
            .unwrap_or(generated_id.to_owned()),
        envelope_id: String::new(),
        ingested_at: seconds(arrival),
        stock_code,
        description,
        quantity: quantity.parse().unwrap(),
        invoice_ts,
        price: price.replace('.', "").parse().unwrap(),
        customer_id,
        country,
    };
    if row.amount().abs() >= 10_i128.pow(14 + 4) {
        return Err(("UnitPrice", "out_of_range"));
    }
    if row.invoice_ts > seconds(arrival + Duration::days(2)) {
        return Err(("InvoiceDate", "out_of_range"));
    }
    Ok(row)
}

/// Of the contents of one event the smallest envelope wins, and of one envelope the earlier arrival.
pub(super) fn winners(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort();
    rows.dedup_by(|later, first| {
        (&later.invoice_no, &later.event_id) == (&first.invoice_no, &first.event_id)
    });
    rows
}

/// An instant of UTC to the second, as the warehouse prints it.
pub(super) fn seconds(at: OffsetDateTime) -> String {
    at.format(format_description!(
        "[year]-[month]-[day] [hour]:[minute]:[second]"
    ))
    .unwrap()
}

/// The text that a column of `most` bytes keeps: blanks at both ends are the only change.
pub(super) fn text(raw: &str, most: usize) -> Result<String, &'static str> {
    let text = raw.trim();
    match text {
        _ if text.contains('\0') => Err("bad_character"),
        _ if text.len() > most => Err("too_long"),
        _ => Ok(text.to_owned()),
    }
}

/// The identifier that a column of `most` bytes keeps.
pub(super) fn identifier(raw: &str, most: usize) -> Result<String, &'static str> {
    let text = raw.trim();
    match text {
        _ if text.len() > most => Err("too_long"),
        _ if text.chars().any(char::is_control) => Err("bad_character"),
        _ => Ok(text.to_owned()),
    }
}

/// A customer: `NaN` is a guest, `17850.0` is `17850`.
pub(super) fn customer(raw: &str, most: usize) -> Result<String, &'static str> {
    let text = raw.trim();
    let digits = text.trim_end_matches('0').strip_suffix('.');
    match digits.filter(|it| !it.is_empty() && it.bytes().all(|b| b.is_ascii_digit())) {
        Some(digits) => identifier(digits, most),
        None if text.eq_ignore_ascii_case("nan") => Ok(String::new()),
        None => identifier(text, most),
    }
}

/// `items` by a key.
pub(super) fn by<K: Ord, T>(items: &[T], key: impl Fn(&T) -> K) -> BTreeMap<K, Vec<&T>> {
    let mut groups: BTreeMap<K, Vec<&T>> = BTreeMap::new();
    for item in items {
        groups.entry(key(item)).or_default().push(item);
    }
    groups
}

/// Ten-thousandths of a pound with four decimal places.
pub(super) fn money(amount: i128) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let size = amount.unsigned_abs();
    format!("{sign}{}.{:04}", size / 10_000, size % 10_000)
}

/// The same without zeros at its end, as the API answers.
pub(super) fn short(amount: i128) -> String {
    let text = money(amount);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
