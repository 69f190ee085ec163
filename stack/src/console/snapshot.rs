//! What one look at the environment found. Data only.

use std::collections::{BTreeMap, VecDeque};

use time::OffsetDateTime;
use warehouse::RecentStatement;

use crate::rejects::Reject;
use crate::status::{StageName, Status};

/// Number of looks that the lines under the stages show.
pub(super) const MAX_LOOKS: usize = 60;

/// What is known, or why it is unknown.
pub(super) type Answer<T> = Result<T, String>;

/// An event that the raw lake has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct RecentEvent {
    pub(super) event_id: String,
    pub(super) invoice_no: String,
    /// Description of the item; empty if the event has none.
    pub(super) description: String,
    pub(super) quantity: String,
    pub(super) received_at: OffsetDateTime,
}

/// One look at the environment.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) at: OffsetDateTime,
    pub(super) status: Answer<Status>,
    pub(super) history: History,
    /// The newest events of the raw lake, the newest first.
    pub(super) events: Answer<Vec<RecentEvent>>,
    /// The newest open rejects.
    pub(super) rejects: Answer<Vec<Reject>>,
    /// The newest statements of users, without those of the console itself.
    pub(super) statements: Answer<Vec<RecentStatement>>,
}

/// Values of the last looks by stage: events per second, and for the stream the number of waiting records.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    stages: BTreeMap<StageName, VecDeque<Option<f64>>>,
}

impl History {
    /// Adds a look. A value that is unknown leaves a gap.
    pub(super) fn add(&mut self, status: &Status) {
        for stage in &status.stages {
            let value = match stage.name {
                StageName::Stream => stage
                    .backlog
                    .and_then(|it| u32::try_from(it).ok())
                    .map(f64::from),
                _ => stage.events_per_second,
            };
            let values = self.stages.entry(stage.name).or_default();
            values.push_back(value);
            if values.len() > MAX_LOOKS {
                values.pop_front();
            }
        }
    }

    /// Returns the values of a stage, the oldest first.
    pub(super) fn of(&self, stage: StageName) -> Vec<Option<f64>> {
        self.stages
            .get(&stage)
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }
}
