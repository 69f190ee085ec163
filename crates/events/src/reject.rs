//! Rejects: the invalid field and the reason, for programs and for people.

use serde::{Deserialize, Serialize};

/// The part of an event that is invalid.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "PascalCase")]
pub enum Field {
    /// The event as a whole.
    #[serde(rename = "event")]
    Event,
    EventId,
    InvoiceNo,
    StockCode,
    Description,
    Quantity,
    InvoiceDate,
    UnitPrice,
    #[serde(rename = "CustomerID")]
    CustomerId,
    Country,
}

/// Names of an event's fields. The producer's own id is the first; the others are the columns of the data set.
pub const FIELDS: [&str; 9] = [
    "EventId",
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
];

/// The reason code of a reject, for programs. The codes are stable.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The text is not JSON.
    NotJson,
    /// The text has bytes that are not UTF-8.
    NotUtf8,
    /// The text is JSON, but not an object.
    NotAnObject,
    /// A field is there twice, so its value is ambiguous.
    DuplicateField,
    /// A required field is absent, null or blank.
    Missing,
    /// The field has the wrong JSON type.
    WrongType,
    /// The text is not a number, or a quantity has a fraction.
    NotANumber,
    /// The text is not a date with a time.
    NotADate,
    /// The number does not fit its column exactly, or the date is too late.
    OutOfRange,
    /// The text does not fit its column.
    TooLong,
    /// The text has a character that would break logs, keys or CSV.
    BadCharacter,
    /// The event is larger than [`MAX_EVENT_BYTES`](crate::MAX_EVENT_BYTES).
    TooLarge,
}

/// A rejected event. It is reported and kept, never dropped, and never blocks valid events.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[error("{detail}")]
pub struct Reject {
    /// The invalid part.
    pub field: Field,
    /// The reason code, for programs.
    pub reason: Reason,
    /// The reason for people; it names the value that was sent.
    pub detail: String,
}

impl Reject {
    #[must_use]
    pub fn new(field: Field, reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            field,
            reason,
            detail: detail.into(),
        }
    }
}
