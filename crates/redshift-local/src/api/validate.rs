//! Limits of the service, with its error messages.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html> and the service's model.

use std::time::Duration;

use super::error::ApiError;
use super::shape::{List, SqlParameter, Submission};
use crate::sql::Parameter;
use crate::statement::{Mode, ResultFormat};

/// Maximum length of a statement, in bytes.
const LONGEST_SQL: usize = 100 * 1024;
/// Maximum number of statements in a batch.
const MAX_SQLS: usize = 40;
/// Maximum value of `WaitTimeSeconds`.
const LONGEST_WAIT: u64 = 30;
/// Maximum value of `SessionKeepAliveSeconds`.
const LONGEST_SESSION: u32 = 86_400;
const LONGEST_TOKEN: usize = 64;
const LONGEST_NAME: usize = 2_048;

/// Returns the error for a value that violates the model.
pub(crate) fn violation(value: &str, member: &str, rule: &str) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
         {rule}"
    ))
}

/// Returns the value of a required member.
pub(crate) fn required<T>(value: Option<T>, member: &str) -> Result<T, ApiError> {
    value.ok_or_else(|| violation("null", member, "Member must not be null"))
}

/// Checks the statements of a request.
pub(crate) fn sqls(sqls: &[String]) -> Result<(), ApiError> {
    if sqls.is_empty() {
        return Err(violation(
            "[]",
            "sqls",
            "Member must have length greater than or equal to 1",
        ));
    }
    if sqls.len() > MAX_SQLS {
        let rule = format!("Member must have length less than or equal to {MAX_SQLS}");
        return Err(violation(
            &format!("{} statements", sqls.len()),
            "sqls",
            &rule,
        ));
    }
    if sqls.iter().any(|sql| sql.len() > LONGEST_SQL) {
        return Err(ApiError::validation(
            "Cannot process query string larger than 100kB",
        ));
    }
    if sqls.iter().any(|sql| sql.trim().is_empty()) {
        return Err(ApiError::validation("Query string is empty"));
    }
    Ok(())
}

/// Validated options of a submission.
#[derive(Debug)]
pub(crate) struct SubmissionOptions {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) format: ResultFormat,
    pub(crate) keep_alive_s: u32,
    pub(crate) wait: Duration,
}

/// Validates a submission, except for its statements.
pub(crate) fn submission(submission: &Submission) -> Result<SubmissionOptions, ApiError> {
    let token = submission.client_token.as_deref();
    if let Some(token) = token.filter(|token| !(1..=LONGEST_TOKEN).contains(&token.len())) {
        let rule = format!("Member must have length between 1 and {LONGEST_TOKEN}");
        return Err(violation(token, "clientToken", &rule));
    }
    let name = submission.statement_name.as_deref();
    if let Some(name) = name.filter(|name| name.len() > LONGEST_NAME) {
        let rule = format!("Member must have length less than or equal to {LONGEST_NAME}");
        return Err(violation(name, "statementName", &rule));
    }
    let format = match submission.result_format.as_deref() {
        None | Some("JSON") => ResultFormat::Json,
        Some("CSV") => ResultFormat::Csv,
        Some(other) => {
            let rule = "Member must satisfy enum value set: [JSON, CSV]";
            return Err(violation(other, "resultFormat", rule));
        }
    };
    Ok(SubmissionOptions {
        parameters: parameters(submission.parameters.as_deref())?,
        format,
        keep_alive_s: keep_alive(submission.session_keep_alive_seconds)?,
        wait: wait(submission.wait_time_seconds)?,
    })
}

/// Parses `ExecutionMode`.
pub(crate) fn mode(name: Option<&str>) -> Result<Mode, ApiError> {
    match name {
        None | Some("TRANSACTION") => Ok(Mode::Transaction),
        Some("AUTO_COMMIT") => Ok(Mode::AutoCommit),
        Some(other) => {
            let rule = "Member must satisfy enum value set: [TRANSACTION, AUTO_COMMIT]";
            Err(violation(other, "executionMode", rule))
        }
    }
}

fn parameters(given: Option<&[SqlParameter]>) -> Result<Vec<Parameter>, ApiError> {
    if given.is_some_and(<[_]>::is_empty) {
        let rule = "Member must have length greater than or equal to 1";
        return Err(violation("[]", "parameters", rule));
    }
    let given = given.unwrap_or_default().iter().enumerate();
    given.map(|(at, own)| parameter(at + 1, own)).collect()
}

fn parameter(number: usize, parameter: &SqlParameter) -> Result<Parameter, ApiError> {
    let member = |member: &str| format!("parameters.{number}.member.{member}");
    let name = required(parameter.name.clone(), &member("name"))?;
    let value = required(parameter.value.clone(), &member("value"))?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || !name.bytes().all(fits) {
        let rule = "Member must satisfy regular expression pattern: [0-9a-zA-Z_]+";
        return Err(violation(&name, &member("name"), rule));
    }
    if value.is_empty() {
        let rule = "Member must have length greater than or equal to 1";
        return Err(violation("", &member("value"), rule));
    }
    Ok(Parameter { name, value })
}

/// Validates `SessionKeepAliveSeconds`; the default is 0.
fn keep_alive(seconds: Option<i64>) -> Result<u32, ApiError> {
    let seconds = seconds.unwrap_or_default();
    let fits = u32::try_from(seconds).ok();
    fits.filter(|seconds| *seconds <= LONGEST_SESSION)
        .ok_or_else(|| {
            let rule = format!("Member must have value between 0 and {LONGEST_SESSION}");
            violation(&seconds.to_string(), "sessionKeepAliveSeconds", &rule)
        })
}

/// Validates `MaxResults`. None or 0 means `usual`, which is also the maximum.
pub(crate) fn page_size(most: Option<i64>, usual: usize) -> Result<usize, ApiError> {
    match most {
        None | Some(0) => Ok(usual),
        Some(most) => usize::try_from(most)
            .ok()
            .filter(|most| *most <= usual)
            .ok_or_else(|| {
                let rule = format!("Member must have value between 0 and {usual}");
                violation(&most.to_string(), "maxResults", &rule)
            }),
    }
}

/// Checks that a list is limited to at most one warehouse.
pub(crate) fn list_target(request: &List) -> Result<(), ApiError> {
    if request.cluster_identifier.is_some() && request.workgroup_name.is_some() {
        return Err(ApiError::validation(
            "ClusterIdentifier and WorkgroupName cannot be specified together",
        ));
    }
    Ok(())
}

/// Validates `WaitTimeSeconds`; without it, the request does not wait.
pub(crate) fn wait(seconds: Option<i64>) -> Result<Duration, ApiError> {
    let Some(seconds) = seconds else {
        return Ok(Duration::ZERO);
    };
    let fits = u64::try_from(seconds).ok();
    fits.filter(|seconds| (1..=LONGEST_WAIT).contains(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| {
            let rule = format!("Member must have value between 1 and {LONGEST_WAIT}");
            violation(&seconds.to_string(), "waitTimeSeconds", &rule)
        })
}

/// Parses the id of a statement, which may be followed by a colon and the number of a part, from 1.
pub(crate) fn statement_id(id: Option<String>) -> Result<(String, Option<usize>), ApiError> {
    let id = required(id, "id")?;
    let (uuid, part) = match id.split_once(':') {
        Some((uuid, part)) => (uuid, Some(part.parse::<usize>().ok())),
        None => (id.as_str(), None),
    };
    let shaped = uuid.len() == 36
        && uuid.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
        });
    match part {
        _ if !shaped => {}
        None => return Ok((uuid.to_owned(), None)),
        Some(Some(part @ 1..=99)) => return Ok((uuid.to_owned(), Some(part))),
        Some(_) => {}
    }
    let rule = "Member must satisfy regular expression pattern: \
                [a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\\d{0,2})?";
    Err(violation(&id, "id", rule))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_may_name_a_part() {
        let uuid = "d9b6c0c9-0747-4bf4-b142-e8883122f766";
        assert_eq!(
            statement_id(Some(uuid.to_owned())).unwrap(),
            (uuid.to_owned(), None)
        );
        assert_eq!(statement_id(Some(format!("{uuid}:2"))).unwrap().1, Some(2));
        for id in [
            "",
            "x",
            "d9b6c0c9-0747-4bf4-b142-e8883122f76",
            &format!("{uuid}:x"),
            &format!("{uuid}:0"),
        ] {
            assert!(statement_id(Some(id.to_owned())).is_err(), "{id}");
        }
    }

    #[test]
    fn a_violation_of_the_model_names_the_member() {
        let message = |body: serde_json::Value| {
            let read: Submission = serde_json::from_value(body).unwrap();
            submission(&read).unwrap_err().to_string()
        };
        for (body, member) in [
            (json!({"ResultFormat": "csv"}), "'csv' at 'resultFormat'"),
            (json!({"Parameters": []}), "'[]' at 'parameters'"),
            (
                json!({"Parameters": [{"name": "a"}]}),
                "'null' at 'parameters.1.member.value'",
            ),
            (json!({"WaitTimeSeconds": -1}), "'-1' at 'waitTimeSeconds'"),
            (
                json!({"SessionKeepAliveSeconds": -1}),
                "'-1' at 'sessionKeepAliveSeconds'",
            ),
            (
                json!({"SessionKeepAliveSeconds": 86_401}),
                "at 'sessionKeepAliveSeconds'",
            ),
        ] {
            let message = message(body);
            assert!(message.contains(member), "{message}");
        }
        assert!(mode(Some("auto_commit")).is_err());
        assert!(page_size(Some(-1), 100).is_err());
        assert!(page_size(Some(101), 100).is_err());
        assert_eq!(page_size(Some(0), 100).unwrap(), 100);
    }

    #[test]
    fn limits_are_enforced() {
        assert!(sqls(&vec!["select 1".to_owned(); 40]).is_ok());
        assert!(sqls(&vec!["select 1".to_owned(); 41]).is_err());
        assert!(sqls(&[]).is_err());
        assert!(sqls(&["x".repeat(LONGEST_SQL + 1)]).is_err());
        assert!(wait(Some(31)).is_err());
        assert!(wait(Some(0)).is_err());
        assert_eq!(wait(Some(30)).unwrap(), Duration::from_secs(30));
        let token = |token: &str| Submission {
            client_token: Some(token.to_owned()),
            ..Submission::default()
        };
        assert!(submission(&token(&"a".repeat(64))).is_ok());
        assert!(submission(&token(&"a".repeat(65))).is_err());
        assert!(submission(&token("")).is_err());
    }
}
