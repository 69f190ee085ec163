//! Reads CloudWatch Logs.

use aws_sdk_cloudwatchlogs::Client;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use cloudformation::CallFailure;
use futures_util::future::try_join_all;

use super::merge::{Event, Line, Merge};
use crate::clients::Clients;
use crate::environment::Environment;
use crate::function::{FUNCTIONS, FunctionSpec};
use crate::platform::Names;

/// A source of logs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogSource {
    Function(&'static FunctionSpec),
    /// The API's access log: one line per request.
    Api,
}

impl LogSource {
    /// Returns all log sources of `environment`.
    #[must_use]
    pub fn all(environment: &Environment) -> Vec<Self> {
        let api = environment.api.access_log.then_some(Self::Api);
        let functions = FUNCTIONS.map(Self::Function);
        functions.into_iter().chain(api).collect()
    }

    /// Returns the name that is printed before the lines of the source.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Function(function) => function.name,
            Self::Api => "api",
        }
    }

    fn group(self, names: &Names) -> String {
        match self {
            Self::Function(function) => names.log_group(function),
            Self::Api => names.api_log_group(),
        }
    }
}

/// The log groups of an environment.
#[derive(Debug)]
pub struct Logs {
    client: Client,
    groups: Vec<(&'static str, String)>,
}

impl Logs {
    /// Returns the logs of `sources`.
    #[must_use]
    pub fn new(environment: &Environment, clients: &Clients, sources: &[LogSource]) -> Self {
        let names = Names::of(environment);
        let group = |source: &LogSource| (source.as_str(), source.group(&names));
        Self {
            client: Client::new(clients.sdk()),
            groups: sources.iter().map(group).collect(),
        }
    }

    /// Returns the lines that `merge` has not returned yet.
    ///
    /// # Errors
    ///
    /// When a group cannot be read. A group that does not exist has no lines.
    pub async fn poll(&self, merge: &mut Merge) -> Result<Vec<Line>, CallFailure> {
        let from = merge.start_ms();
        let events = self.groups.iter().map(|group| self.events(group, from));
        let events = try_join_all(events).await?;
        Ok(merge.take(events.into_iter().flatten().collect()))
    }

    async fn events(
        &self,
        (source, group): &(&'static str, String),
        from_ms: i64,
    ) -> Result<Vec<Event>, CallFailure> {
        let mut pages = self
            .client
            .filter_log_events()
            .log_group_name(group)
            .start_time(from_ms)
            .into_paginator()
            .send();
        let mut events = Vec::new();
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(error) if error.code() == Some("ResourceNotFoundException") => break,
                Err(error) => {
                    return Err(CallFailure::of(format!(
                        "logs FilterLogEvents of `{group}`"
                    ))(error));
                }
            };
            events.extend(
                page.events
                    .unwrap_or_default()
                    .into_iter()
                    .map(|event| Event {
                        id: event.event_id.unwrap_or_default(),
                        at_ms: event.timestamp.unwrap_or_default(),
                        source,
                        message: event.message.unwrap_or_default(),
                    }),
            );
        }
        Ok(events)
    }
}
