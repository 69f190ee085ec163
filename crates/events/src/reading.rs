//! The only parser of producers' JSON: it accepts several notations, but rejects every value that is unclear or
//! invalid.

use serde::Deserialize;
use serde_json::value::RawValue;
use time::{Duration, OffsetDateTime, PrimitiveDateTime, UtcOffset};

use crate::row::{COUNTRY_BYTES, DESCRIPTION_BYTES};
use crate::{
    CustomerId, EventId, Field, IdentifierError, Kind, MoneyError, OrderLine, Reason, Reject,
    UnitPrice, format_instant, format_timestamp, parse_timestamp,
};

/// The largest accepted event: 8 KiB of JSON.
pub const MAX_EVENT_BYTES: usize = 8 * 1024;

/// How much later than the event's arrival `InvoiceDate` may be.
const MAX_AHEAD: Duration = Duration::days(2);

/// Exclusive limit of the absolute value of `Quantity` times `UnitPrice`, in pounds.
const MAX_AMOUNT: i64 = 100_000_000_000_000;

/// A valid event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// The producer's id for the event, if it sent one.
    pub id: Option<EventId>,
    pub line: OrderLine,
}

/// The fields as raw JSON, because a price must never be parsed as a float.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, rename = "EventId")]
    event_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "InvoiceNo")]
    invoice_no: Option<&'a RawValue>,
    #[serde(borrow, rename = "StockCode")]
    stock_code: Option<&'a RawValue>,
    #[serde(borrow, rename = "Description")]
    description: Option<&'a RawValue>,
    #[serde(borrow, rename = "Quantity")]
    quantity: Option<&'a RawValue>,
    #[serde(borrow, rename = "InvoiceDate")]
    invoice_date: Option<&'a RawValue>,
    #[serde(borrow, rename = "UnitPrice")]
    unit_price: Option<&'a RawValue>,
    #[serde(borrow, rename = "CustomerID")]
    customer_id: Option<&'a RawValue>,
    #[serde(borrow, rename = "Country")]
    country: Option<&'a RawValue>,
}

/// Parses and validates one event.
///
/// Identifiers and numbers may be JSON strings or numbers. A known customer may be `17850`, `17850.0` or `"17850"`; a
/// guest has no `CustomerID`, or `null`, `""` or `"NaN"`. Dates are month first or ISO 8601. Text is trimmed and
/// unknown fields are ignored. The same text always gives the same event.
///
/// # Errors
///
/// Returns the first invalid field, with the reason and the value that was sent.
pub fn read(json: &str) -> Result<Event, Reject> {
    if json.len() > MAX_EVENT_BYTES {
        let detail = format!(
            "the event has {} bytes, at most {MAX_EVENT_BYTES} are accepted",
            json.len()
        );
        return Err(Reject::new(Field::Event, Reason::TooLarge, detail));
    }
    let fields: Fields<'_> = serde_json::from_str(json).map_err(|error| whole(json, &error))?;
    let invoice_no = identifier(Field::InvoiceNo, fields.invoice_no)?;
    let event = Event {
        id: optional_identifier(Field::EventId, fields.event_id)?
            .map(|id: String| id.parse::<EventId>())
            .transpose()
            .map_err(|error| not_an_identifier(Field::EventId, &error))?,
        line: OrderLine {
            kind: Kind::from(&invoice_no),
            invoice_no,
            stock_code: identifier(Field::StockCode, fields.stock_code)?,
            description: optional(Field::Description, fields.description)?
                .map(|text| bounded(Field::Description, text, DESCRIPTION_BYTES))
                .transpose()?,
            quantity: quantity(fields.quantity)?,
            invoice_ts: invoice_date(fields.invoice_date)?,
            unit_price: unit_price(fields.unit_price)?,
            customer_id: customer(fields.customer_id)?,
            country: bounded(
                Field::Country,
                required(Field::Country, fields.country)?,
                COUNTRY_BYTES,
            )?,
        },
    };
    amount_fits(&event.line)?;
    Ok(event)
}

/// Parses an event that arrived at `received_at` and checks its date against that time. Every stage passes the arrival
/// time of the envelope, so that all stages decide alike.
///
/// # Errors
///
/// Fails as [`read`] does, and also if `InvoiceDate` is more than two days later than the arrival.
pub fn read_received(json: &str, received_at: OffsetDateTime) -> Result<Event, Reject> {
    let event = read(json)?;
    let Some(arrival) = received_at.checked_to_offset(UtcOffset::UTC) else {
        return Ok(event);
    };
    let latest = PrimitiveDateTime::new(arrival.date(), arrival.time()).checked_add(MAX_AHEAD);
    if latest.is_some_and(|latest| event.line.invoice_ts > latest) {
        let detail = format!(
            "{} is more than two days after the event arrived, {}",
            format_timestamp(event.line.invoice_ts),
            format_instant(arrival)
        );
        return Err(Reject::new(Field::InvoiceDate, Reason::OutOfRange, detail));
    }
    Ok(event)
}

/// Checks the amount of a line, so that sums of amounts fit the decimal columns of every view.
fn amount_fits(line: &OrderLine) -> Result<(), Reject> {
    // The price is below 10^8, so up to 10^6 units cannot reach the limit of 10^14.
    if line.quantity.unsigned_abs() <= 1_000_000 {
        return Ok(());
    }
    let amount = rust_decimal::Decimal::from(line.amount());
    if amount.abs() < rust_decimal::Decimal::from(MAX_AMOUNT) {
        return Ok(());
    }
    let detail =
        format!("Quantity times UnitPrice is {amount}; its size must be below {MAX_AMOUNT}");
    Err(Reject::new(Field::UnitPrice, Reason::OutOfRange, detail))
}

/// Returns why the text as a whole is not an event.
fn whole(json: &str, error: &serde_json::Error) -> Reject {
    let reason = if error.is_data() {
        if error.to_string().starts_with("duplicate field") {
            Reason::DuplicateField
        } else {
            Reason::NotAnObject
        }
    } else if serde_json::from_str::<&RawValue>(json).is_ok() {
        Reason::NotAnObject
    } else {
        Reason::NotJson
    };
    Reject::new(Field::Event, reason, error.to_string())
}

/// Returns a JSON string or number as trimmed text; `None` if it is absent, null or blank. serde reads `null` as absent.
fn optional(field: Field, value: Option<&RawValue>) -> Result<Option<String>, Reject> {
    let Some(json) = value.map(RawValue::get) else {
        return Ok(None);
    };
    let text = match json.as_bytes().first() {
        Some(b'"') => serde_json::from_str::<String>(json).map_err(|error| {
            Reject::new(
                field,
                Reason::BadCharacter,
                format!("{json} is not a valid string: {error}"),
            )
        })?,
        Some(b'-' | b'0'..=b'9') => json.to_owned(),
        _ => {
            let detail = format!("{} is neither a text nor a number", shortened(json));
            return Err(Reject::new(field, Reason::WrongType, detail));
        }
    };
    let trimmed = text.trim();
    Ok((!trimmed.is_empty()).then(|| trimmed.to_owned()))
}

fn required(field: Field, value: Option<&RawValue>) -> Result<String, Reject> {
    optional(field, value)?.ok_or_else(|| missing(field))
}

fn missing(field: Field) -> Reject {
    let detail = "required, but absent, null or blank";
    Reject::new(field, Reason::Missing, detail)
}

fn identifier<T: std::str::FromStr<Err = IdentifierError>>(
    field: Field,
    value: Option<&RawValue>,
) -> Result<T, Reject> {
    optional_identifier(field, value)?
        .ok_or_else(|| missing(field))?
        .parse()
        .map_err(|error| not_an_identifier(field, &error))
}

/// Returns the text of an identifier. A whole JSON number becomes its digits, in whatever notation: `536365`,
/// `536365.0` and `5.36365e5` are the same invoice. A JSON string is kept as it is, because `1E5` may be a stock code.
fn optional_identifier(field: Field, value: Option<&RawValue>) -> Result<Option<String>, Reject> {
    let text = optional(field, value)?;
    let is_number = value.is_some_and(|json| !json.get().starts_with('"'));
    Ok(text.map(|text| {
        let whole = crate::money::decimal(&text).filter(|number| is_number && number.is_integer());
        whole.map_or(text, |number| number.normalize().to_string())
    }))
}

fn not_an_identifier(field: Field, error: &IdentifierError) -> Reject {
    let reason = match error {
        IdentifierError::Empty { .. } => Reason::Missing,
        IdentifierError::TooLong { .. } => Reason::TooLong,
        IdentifierError::Control { .. } | IdentifierError::NotAHash { .. } => Reason::BadCharacter,
    };
    Reject::new(field, reason, error.to_string())
}

/// Checks that a text fits its column. No column can store NUL, so a text with NUL is rejected rather than changed.
fn bounded(field: Field, text: String, max: usize) -> Result<String, Reject> {
    if text.contains('\0') {
        let detail = "the text holds NUL (U+0000), which no column can keep";
        return Err(Reject::new(field, Reason::BadCharacter, detail));
    }
    if text.len() > max {
        let detail = format!("the text has {} bytes, at most {max} are kept", text.len());
        return Err(Reject::new(field, Reason::TooLong, detail));
    }
    Ok(text)
}

fn quantity(value: Option<&RawValue>) -> Result<i32, Reject> {
    let field = Field::Quantity;
    let text = required(field, value)?;
    let number = crate::money::decimal(&text).ok_or_else(|| {
        Reject::new(
            field,
            Reason::NotANumber,
            format!("`{}` is not a number", shortened(&text)),
        )
    })?;
    if !number.fract().is_zero() {
        let detail = format!("`{}` is not a whole number of units", shortened(&text));
        return Err(Reject::new(field, Reason::NotANumber, detail));
    }
    number.try_into().map_err(|_too_large| {
        let detail = format!(
            "`{}` is outside {}..={}",
            shortened(&text),
            i32::MIN,
            i32::MAX
        );
        Reject::new(field, Reason::OutOfRange, detail)
    })
}

fn unit_price(value: Option<&RawValue>) -> Result<UnitPrice, Reject> {
    let field = Field::UnitPrice;
    let text = required(field, value)?;
    text.parse().map_err(|error: MoneyError| {
        let reason = match error {
            MoneyError::NotANumber(_) => Reason::NotANumber,
            MoneyError::TooPrecise { .. } | MoneyError::OutOfRange(_) => Reason::OutOfRange,
        };
        Reject::new(field, reason, shortened(&error.to_string()))
    })
}

fn invoice_date(value: Option<&RawValue>) -> Result<PrimitiveDateTime, Reject> {
    let field = Field::InvoiceDate;
    parse_timestamp(&required(field, value)?)
        .map_err(|error| Reject::new(field, Reason::NotADate, shortened(&error.to_string())))
}

fn customer(value: Option<&RawValue>) -> Result<Option<CustomerId>, Reject> {
    let field = Field::CustomerId;
    // Data frames print a missing value as NaN. Some writers even put it into JSON without quotes, which is not valid
    // JSON.
    optional_identifier(field, value)?
        .filter(|text| !text.eq_ignore_ascii_case("nan"))
        .map(|text| {
            text.parse()
                .map_err(|error| not_an_identifier(field, &error))
        })
        .transpose()
}

/// Shortens a text to 80 characters, for responses and logs.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
