//! Table `load` in DynamoDB.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use time::OffsetDateTime;
use warehouse::StatementId;
use warehouse::load::{Load, LoadId, LoadState, Progress, Written};

use super::{Clients, call_error};
use crate::load::ports::{QuarantineFiles, TrackLoads, Unfinished};
use crate::ports::CallError;

const LOAD_ID: &str = "LoadId";
const ATTEMPT: &str = "Attempt";
const STATE: &str = "State";
const STATEMENT_ID: &str = "StatementId";
const FILES: &str = "Files";
const REASON: &str = "Reason";
const CLAIMED_AT: &str = "ClaimedAt";

const CLAIMED: &str = "CLAIMED";
const RUNNING: &str = "RUNNING";
const DONE: &str = "DONE";
const QUARANTINED: &str = "QUARANTINED";

type Attributes = HashMap<String, AttributeValue>;

/// Table `load`. It has an item for each load, and one for each file in quarantine, whose `LoadId` is `file/<key>`.
#[derive(Clone, Debug)]
pub struct LoadTable {
    client: Client,
    name: String,
}

impl LoadTable {
    #[must_use]
    pub fn new(clients: &Clients, name: String) -> Self {
        Self {
            client: Client::new(clients.config()),
            name,
        }
    }

    fn resource(&self) -> String {
        format!("table {}", self.name)
    }

    /// Builds an update of a load's item.
    fn update(&self, id: &LoadId, expression: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.name)
            .key(LOAD_ID, text(&id.0))
            .update_expression(expression)
            .expression_attribute_names("#state", STATE)
    }

    async fn write(&self, call: UpdateItemFluentBuilder) -> Result<Written, CallError> {
        match call.send().await {
            Ok(_) => Ok(Written::Here),
            Err(SdkError::ServiceError(answer))
                if matches!(
                    answer.err(),
                    UpdateItemError::ConditionalCheckFailedException(_)
                ) =>
            {
                Ok(Written::ByAnother)
            }
            Err(error) => Err(call_error(
                "dynamodb",
                "UpdateItem",
                self.resource(),
                &error,
            )),
        }
    }

    fn unknown(&self, action: &'static str, id: &str) -> CallError {
        CallError {
            service: "dynamodb",
            action,
            resource: self.resource(),
            code: "UnknownItem".to_owned(),
            message: format!("item `{id}` was not written by this platform"),
        }
    }
}

impl TrackLoads for LoadTable {
    async fn read(&self, id: &LoadId) -> Result<Option<LoadState>, CallError> {
        let call = self
            .client
            .get_item()
            .table_name(&self.name)
            .key(LOAD_ID, text(&id.0));
        let answer = call
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| call_error("dynamodb", "GetItem", self.resource(), &error))?;
        let Some(item) = answer.item else {
            return Ok(None);
        };
        state(&item)
            .map(Some)
            .ok_or_else(|| self.unknown("GetItem", &id.0))
    }

    async fn claim(&self, load: &Load, at: OffsetDateTime) -> Result<Written, CallError> {
        let files = load.files().iter().map(|file| text(file)).collect();
        let call = self
            .client
            .put_item()
            .table_name(&self.name)
            .item(LOAD_ID, text(&load.id().0))
            .item(ATTEMPT, number(1))
            .item(STATE, text(CLAIMED))
            .item(FILES, AttributeValue::L(files))
            .item(CLAIMED_AT, number(at.unix_timestamp()))
            .condition_expression("attribute_not_exists(LoadId)");
        match call.send().await {
            Ok(_) => Ok(Written::Here),
            Err(SdkError::ServiceError(answer))
                if matches!(
                    answer.err(),
                    PutItemError::ConditionalCheckFailedException(_)
                ) =>
            {
                Ok(Written::ByAnother)
            }
            Err(error) => Err(call_error("dynamodb", "PutItem", self.resource(), &error)),
        }
    }

    async fn record_statement(
        &self,
        id: &LoadId,
        attempt: u32,
        statement: &StatementId,
    ) -> Result<Written, CallError> {
        let call = self
            .update(id, "SET #state = :state, StatementId = :statement")
            .expression_attribute_values(":state", text(RUNNING))
            .expression_attribute_values(":statement", text(&statement.0))
            .expression_attribute_values(":attempt", number(attempt))
            .condition_expression("Attempt = :attempt");
        self.write(call).await
    }

    async fn begin_next_attempt(
        &self,
        id: &LoadId,
        attempt: u32,
        at: OffsetDateTime,
    ) -> Result<Written, CallError> {
        let call = self
            .update(
                id,
                "SET #state = :state, Attempt = :next, ClaimedAt = if_not_exists(ClaimedAt, :at) \
                 REMOVE StatementId",
            )
            .expression_attribute_values(":at", number(at.unix_timestamp()))
            .expression_attribute_values(":state", text(CLAIMED))
            .expression_attribute_values(":next", number(attempt + 1))
            .expression_attribute_values(":attempt", number(attempt))
            .condition_expression("Attempt = :attempt");
        self.write(call).await
    }

    async fn close(&self, id: &LoadId) -> Result<(), CallError> {
        let call = self
            .update(id, "SET #state = :state REMOVE ClaimedAt")
            .expression_attribute_values(":state", text(DONE))
            .condition_expression("attribute_exists(LoadId)");
        self.write(call).await.map(|_| ())
    }

    /// Scans the whole table: thousands of items, one for each load. Used only to reconcile.
    async fn unfinished(&self) -> Result<Vec<Unfinished>, CallError> {
        let call = self
            .client
            .scan()
            .table_name(&self.name)
            .consistent_read(true)
            .filter_expression("#state IN (:claimed, :running)")
            .expression_attribute_names("#state", STATE)
            .expression_attribute_values(":claimed", text(CLAIMED))
            .expression_attribute_values(":running", text(RUNNING));
        let mut pages = call.into_paginator().items().send();
        let mut open = Vec::new();
        while let Some(item) = pages.next().await {
            let item =
                item.map_err(|error| call_error("dynamodb", "Scan", self.resource(), &error))?;
            open.push(unfinished(&item).ok_or_else(|| self.unknown("Scan", "of a load"))?);
        }
        Ok(open)
    }
}

impl QuarantineFiles for LoadTable {
    async fn quarantine(&self, id: &LoadId, key: &str, reason: &str) -> Result<(), CallError> {
        let call = self
            .client
            .put_item()
            .table_name(&self.name)
            .item(LOAD_ID, text(&format!("file/{key}")))
            .item(STATE, text(QUARANTINED))
            .item(FILES, AttributeValue::L(vec![text(key)]))
            .item(REASON, text(reason))
            .item("SetAsideBy", text(&id.0));
        let put = call.send().await;
        put.map(|_| ())
            .map_err(|error| call_error("dynamodb", "PutItem", self.resource(), &error))
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(number: impl Into<i64>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

fn state(item: &Attributes) -> Option<LoadState> {
    let text = |name: &str| item.get(name)?.as_s().ok();
    let progress = match text(STATE)?.as_str() {
        CLAIMED => Progress::Claimed,
        RUNNING => Progress::Running(StatementId(text(STATEMENT_ID)?.clone())),
        DONE => Progress::Done,
        _ => return None,
    };
    let attempt = item.get(ATTEMPT)?.as_n().ok()?.parse().ok()?;
    Some(LoadState { attempt, progress })
}

fn unfinished(item: &Attributes) -> Option<Unfinished> {
    let files = item.get(FILES)?.as_l().ok()?.iter();
    Some(Unfinished {
        id: LoadId(item.get(LOAD_ID)?.as_s().ok()?.clone()),
        files: files
            .map(|file| file.as_s().ok().cloned())
            .collect::<Option<_>>()?,
        is_running: item.get(STATE)?.as_s().ok()? == RUNNING,
        claimed_at: claimed_at(item),
    })
}

fn claimed_at(item: &Attributes) -> Option<OffsetDateTime> {
    let seconds = item.get(CLAIMED_AT)?.as_n().ok()?.parse().ok()?;
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(state: &str, more: &[(&str, AttributeValue)]) -> Attributes {
        let own = [
            (ATTEMPT, number(2)),
            (STATE, text(state)),
            (LOAD_ID, text("0123")),
        ];
        let all = own.into_iter().chain(more.iter().cloned());
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    #[test]
    fn every_state_is_read_back() {
        let statement = [(STATEMENT_ID, text("s-1"))];
        let running = Progress::Running(StatementId("s-1".to_owned()));
        let cases = [
            (item(CLAIMED, &[]), Progress::Claimed),
            (item(RUNNING, &statement), running),
            (item(DONE, &statement), Progress::Done),
        ];
        for (item, progress) in cases {
            assert_eq!(
                state(&item),
                Some(LoadState {
                    attempt: 2,
                    progress
                })
            );
        }
        assert_eq!(state(&item(RUNNING, &[])), None);
        assert_eq!(state(&item(QUARANTINED, &[])), None);
    }

    #[test]
    fn an_unfinished_load_has_its_files() {
        let files = AttributeValue::L(vec![text("csv/v1/a.csv.gz")]);
        let more = [(FILES, files), (CLAIMED_AT, number(1_767_323_045))];
        let read = unfinished(&item(CLAIMED, &more)).unwrap();
        let at = read.claimed_at.unwrap();
        assert_eq!(at.unix_timestamp(), 1_767_323_045);
        assert_eq!(read.files, ["csv/v1/a.csv.gz"]);
        assert!(!read.is_running);
        assert_eq!(unfinished(&item(CLAIMED, &[])), None);
    }
}
