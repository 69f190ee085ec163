//! Reads the newest error in a function's log.

use std::collections::BTreeMap;

use aws_sdk_cloudwatchlogs::Client;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use cloudformation::CallFailure;
use serde::Deserialize;
use time::{Duration, OffsetDateTime};

use super::LastError;
use super::inspection::Inspection;
use super::problem::Answer;
use crate::function::{FUNCTIONS, FunctionSpec};
use crate::platform::Names;

/// Maximum age of an error in the report.
const RECENT: Duration = Duration::minutes(15);

/// A line of our structured log.
#[derive(Deserialize)]
struct Line {
    level: String,
    message: String,
    cause: Option<String>,
}

/// Reads the newest error of each function's log.
pub(super) async fn last_errors(
    inspection: &Inspection,
) -> BTreeMap<&'static FunctionSpec, Answer<Option<LastError>>> {
    let names = Names::of(&inspection.environment);
    let client = Client::new(inspection.clients.sdk());
    let each = FUNCTIONS.map(|function| {
        let (client, group) = (&client, names.log_group(function));
        async move {
            let error = inspection.ask(last_error(client, &group)).await;
            (function, error)
        }
    });
    futures_util::future::join_all(each)
        .await
        .into_iter()
        .collect()
}

/// Returns the newest line of level ERROR in the last 15 minutes. `None` for a function that never ran, which has no
/// log.
pub(super) async fn last_error(
    client: &Client,
    group: &str,
) -> Result<Option<LastError>, CallFailure> {
    let since = (OffsetDateTime::now_utc() - RECENT).unix_timestamp() * 1000;
    let mut pages = client
        .filter_log_events()
        .log_group_name(group)
        .start_time(since)
        .filter_pattern("ERROR")
        .into_paginator()
        .send();
    let mut newest: Option<LastError> = None;
    while let Some(page) = pages.next().await {
        let page = match page {
            Ok(page) => page,
            Err(error) if error.code() == Some("ResourceNotFoundException") => return Ok(None),
            Err(error) => {
                return Err(CallFailure::of(format!(
                    "logs FilterLogEvents of `{group}`"
                ))(error));
            }
        };
        for event in page.events() {
            let at = event.timestamp().and_then(|at| {
                OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000).ok()
            });
            let message = event.message().and_then(message);
            if let (Some(at), Some(message)) = (at, message)
                && newest.as_ref().is_none_or(|newest| newest.at <= at)
            {
                newest = Some(LastError { at, message });
            }
        }
    }
    Ok(newest)
}

/// Returns the message of a line of level ERROR; `None` for other lines that contain the word.
fn message(line: &str) -> Option<String> {
    let line: Line = serde_json::from_str(line.trim()).ok()?;
    (line.level == "ERROR").then(|| match line.cause {
        Some(cause) => format!("{}: {cause}", line.message),
        None => line.message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_of_that_level_are_errors() {
        let line = r#"{"level":"ERROR","message":"cannot store","cause":"AccessDenied","x":1}"#;
        assert_eq!(message(line).as_deref(), Some("cannot store: AccessDenied"));
        assert_eq!(
            message(r#"{"level":"INFO","message":"ERROR is a word"}"#),
            None
        );
        assert_eq!(message("REPORT RequestId ERROR"), None);
    }
}
