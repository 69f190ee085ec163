//! Steps of an event's way, one for each place.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::serde::rfc3339;

/// Place where an event can be seen, in the order in which it passes them.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The HTTP API.
    Api,
    /// The Kinesis stream.
    Stream,
    /// DynamoDB table `invoice`.
    Table,
    /// The raw lake.
    Lake,
    /// CSV in the staging bucket.
    Staging,
    /// The ledger of loads in the warehouse.
    Load,
    /// `retail.sales_line`.
    Warehouse,
}

impl Place {
    /// Returns the stage that writes to this place.
    #[must_use]
    pub const fn stage(self) -> &'static str {
        match self {
            Self::Api => "ingest",
            Self::Stream => "stream",
            Self::Table | Self::Lake => "store",
            Self::Staging => "transform",
            Self::Load => "load",
            Self::Warehouse => "analyst",
        }
    }

    /// Returns the name of the place for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Api => "API",
            Self::Stream => "Kinesis record",
            Self::Table => "DynamoDB item",
            Self::Lake => "raw lake",
            Self::Staging => "staged CSV",
            Self::Load => "ledger of loads",
            Self::Warehouse => "warehouse row",
        }
    }
}

/// What a place knows of the event.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The event is or was there.
    Done,
    /// The event has not arrived there yet.
    Waiting,
    /// The event is not there, and will not come by itself.
    Absent,
    /// The place rejected the event, or cannot process what holds it.
    Rejected,
    /// The place could not be asked, or no longer knows.
    Unknown,
}

impl State {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Waiting => "waiting",
            Self::Absent => "absent",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
        }
    }
}

/// A named value, such as the key of an object.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fact {
    pub name: &'static str,
    pub value: String,
}

impl Fact {
    pub(super) fn new(name: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        Self {
            name,
            value: value.to_string(),
        }
    }
}

/// One step of the event's way.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Step {
    /// Stage that writes to the place.
    pub stage: &'static str,
    pub place: Place,
    pub state: State,
    /// When the event arrived there, if the place keeps the time.
    #[serde(with = "rfc3339::option")]
    pub at: Option<OffsetDateTime>,
    /// Why the event is not there, or why that is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where exactly the event is.
    #[serde(serialize_with = "as_map")]
    pub facts: Vec<Fact>,
}

fn as_map<S: Serializer>(facts: &[Fact], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(facts.len()))?;
    for fact in facts {
        map.serialize_entry(fact.name, &fact.value)?;
    }
    map.end()
}

impl Step {
    pub(super) fn done(place: Place, at: Option<OffsetDateTime>, facts: Vec<Fact>) -> Self {
        Self {
            stage: place.stage(),
            place,
            state: State::Done,
            at,
            reason: None,
            facts,
        }
    }

    pub(super) fn without(place: Place, state: State, reason: impl Into<String>) -> Self {
        Self {
            stage: place.stage(),
            place,
            state,
            at: None,
            reason: Some(reason.into()),
            facts: Vec::new(),
        }
    }
}
