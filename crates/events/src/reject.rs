//! Why an event is refused: the field and the reason, for programs and for people.

use serde::{Deserialize, Serialize};

/// The part of an event that a reject speaks of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "PascalCase")]
pub enum Field {
    /// The event as a whole.
    #[serde(rename = "event")]
    Event,
    /// `EventId`.
    EventId,
    /// `InvoiceNo`.
    InvoiceNo,
    /// `StockCode`.
    StockCode,
    /// `Description`.
    Description,
    /// `Quantity`.
    Quantity,
    /// `InvoiceDate`.
    InvoiceDate,
    /// `UnitPrice`.
    UnitPrice,
    /// `CustomerID`.
    #[serde(rename = "CustomerID")]
    CustomerId,
    /// `Country`.
    Country,
}

/// Why a field is refused. Stable words, for programs.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Not JSON.
    NotJson,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// JSON, but no object.
    NotAnObject,
    /// One field twice: which of the two is meant?
    DuplicateField,
    /// Required, and absent, null or blank.
    Missing,
    /// Another JSON type than the field takes.
    WrongType,
    /// A text that is no number, or a number with a fraction where whole units are counted.
    NotANumber,
    /// A text that is no date and time.
    NotADate,
    /// A number that its column cannot hold exactly.
    OutOfRange,
    /// A text that its column cannot hold.
    TooLong,
    /// A character that breaks logs, keys or CSV.
    BadCharacter,
    /// The event is larger than [`MAX_EVENT_BYTES`](crate::MAX_EVENT_BYTES).
    TooLarge,
}

/// A refused event: kept and answered, never dropped and never in the way of good ones.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[error("{detail}")]
pub struct Reject {
    /// The part that is wrong.
    pub field: Field,
    /// Why, for programs.
    pub reason: Reason,
    /// Why, for people: names the value that came.
    pub detail: String,
}

impl Reject {
    /// A reject of `field` for `reason`, told to people as `detail`.
    #[must_use]
    pub fn new(field: Field, reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            field,
            reason,
            detail: detail.into(),
        }
    }
}
