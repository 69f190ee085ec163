//! The Data API through the AWS SDK. No other file of this crate uses the SDK's operations, except those of its folder.

mod list;

use std::time::Duration;

use aws_sdk_redshiftdata::Client;
use aws_sdk_redshiftdata::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_redshiftdata::operation::describe_statement::DescribeStatementOutput;
use aws_sdk_redshiftdata::types::{
    ColumnMetadata, Field, StatementStatusString, StatusString, SubStatementData,
};
use aws_smithy_types::DateTime;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use time::OffsetDateTime;

use crate::api::{ApiError, DataApi, Fault, Page, Status};
use crate::rows::{Cell, RowColumn};
use crate::statement::{Description, StatementId, SubStatement, Submission};
use crate::target::{Authority, Target};
use crate::timing::LONGEST_WAIT;

pub use list::RecentStatement;

/// Longer than the 30 s that a call may wait.
const READ_TIMEOUT: Duration = LONGEST_WAIT.saturating_add(Duration::from_secs(10));

/// The Data API of one database, with one identity.
#[derive(Clone, Debug)]
pub struct SdkDataApi {
    client: Client,
    cluster: Option<String>,
    workgroup: Option<String>,
    database: String,
    secret: Option<String>,
}

impl SdkDataApi {
    /// Creates the client. Makes no request.
    #[must_use]
    pub fn new(config: &SdkConfig, target: Target, database: String, authority: Authority) -> Self {
        let timeouts = config
            .timeout_config()
            .map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
        let config = aws_sdk_redshiftdata::config::Builder::from(config)
            .timeout_config(timeouts.read_timeout(READ_TIMEOUT).build());
        let (cluster, workgroup) = match target {
            Target::Cluster { identifier } => (Some(identifier), None),
            Target::Workgroup { name } => (None, Some(name)),
        };
        let secret = match authority {
            Authority::Secret(arn) => Some(arn),
            Authority::Iam => None,
        };
        Self {
            client: Client::from_conf(config.build()),
            cluster,
            workgroup,
            database,
            secret,
        }
    }

    /// Without a token the SDK generates one, so that its own retries submit the statement only once.
    async fn submit_one(
        &self,
        sql: &str,
        submission: &Submission,
    ) -> Result<Option<String>, ApiError> {
        let call = self
            .client
            .execute_statement()
            .sql(sql)
            .statement_name(&submission.name)
            .set_client_token(submission.token.as_ref().map(ToString::to_string))
            .set_cluster_identifier(self.cluster.clone())
            .set_workgroup_name(self.workgroup.clone())
            .set_secret_arn(self.secret.clone())
            .database(&self.database);
        let sent = call.send().await;
        sent.map(|answer| answer.id)
            .map_err(|error| api_error("ExecuteStatement", &error))
    }

    async fn submit_batch(&self, submission: &Submission) -> Result<Option<String>, ApiError> {
        let call = self
            .client
            .batch_execute_statement()
            .set_sqls(Some(submission.statements.clone()))
            .statement_name(&submission.name)
            .set_client_token(submission.token.as_ref().map(ToString::to_string))
            .set_cluster_identifier(self.cluster.clone())
            .set_workgroup_name(self.workgroup.clone())
            .set_secret_arn(self.secret.clone())
            .database(&self.database);
        let sent = call.send().await;
        sent.map(|answer| answer.id)
            .map_err(|error| api_error("BatchExecuteStatement", &error))
    }
}

impl DataApi for SdkDataApi {
    async fn submit(&self, submission: &Submission) -> Result<StatementId, ApiError> {
        let id = match submission.statements.as_slice() {
            [sql] => self.submit_one(sql, submission).await?,
            _ => self.submit_batch(submission).await?,
        };
        id.map(StatementId)
            .ok_or_else(|| unreadable("ExecuteStatement", "it has no statement id"))
    }

    async fn describe(&self, id: &StatementId, wait: Duration) -> Result<Description, ApiError> {
        let seconds = i32::try_from(wait.as_secs())
            .ok()
            .filter(|seconds| *seconds > 0);
        let call = self
            .client
            .describe_statement()
            .id(&id.0)
            .set_wait_time_seconds(seconds);
        let answer = call
            .send()
            .await
            .map_err(|error| api_error("DescribeStatement", &error))?;
        description(answer)
    }

    async fn page(&self, id: &StatementId, next: Option<&str>) -> Result<Page, ApiError> {
        let call = self
            .client
            .get_statement_result()
            .id(&id.0)
            .set_next_token(next.map(str::to_owned));
        let answer = call
            .send()
            .await
            .map_err(|error| api_error("GetStatementResult", &error))?;
        let columns = answer
            .column_metadata
            .unwrap_or_default()
            .into_iter()
            .map(column);
        let rows = answer.records.into_iter();
        Ok(Page {
            columns: columns.collect(),
            rows: rows
                .map(|row| row.into_iter().map(cell).collect::<Result<_, _>>())
                .collect::<Result<_, _>>()?,
            next: answer.next_token.filter(|token| !token.is_empty()),
        })
    }

    async fn cancel(&self, id: &StatementId) -> Result<bool, ApiError> {
        let answer = self.client.cancel_statement().id(&id.0).send().await;
        match answer {
            Ok(answer) => Ok(answer.status.unwrap_or(true)),
            // The answer for a statement that has already ended.
            Err(error) if error.code() == Some("ValidationException") => Ok(false),
            Err(error) => Err(api_error("CancelStatement", &error)),
        }
    }
}

fn description(answer: DescribeStatementOutput) -> Result<Description, ApiError> {
    let status = match answer.status {
        Some(StatusString::Submitted | StatusString::Picked | StatusString::Started) => {
            Status::Running
        }
        Some(StatusString::Finished) => Status::Finished,
        Some(StatusString::Failed) => Status::Failed,
        Some(StatusString::Aborted) => Status::Aborted,
        other => {
            let what = format!("its status is {other:?}");
            return Err(unreadable("DescribeStatement", &what));
        }
    };
    Ok(Description {
        status,
        error: answer.error,
        has_result: answer.has_result_set.unwrap_or_default(),
        taken_at: answer.created_at.and_then(moment),
        parts: answer
            .sub_statements
            .unwrap_or_default()
            .into_iter()
            .map(part)
            .collect(),
    })
}

fn moment(at: DateTime) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(at.as_nanos()).ok()
}

fn part(part: SubStatementData) -> SubStatement {
    SubStatement {
        failed: part.status == Some(StatementStatusString::Failed),
        id: StatementId(part.id),
        error: part.error,
        rows: part.result_rows,
        has_result: part.has_result_set.unwrap_or_default(),
    }
}

fn column(column: ColumnMetadata) -> RowColumn {
    let name = column.label.or(column.name).unwrap_or_default();
    RowColumn {
        name,
        type_name: column.type_name.unwrap_or_default(),
    }
}

fn cell(field: Field) -> Result<Cell, ApiError> {
    match field {
        Field::IsNull(_) => Ok(Cell::Null),
        Field::BooleanValue(value) => Ok(Cell::Boolean(value)),
        Field::LongValue(value) => Ok(Cell::Long(value)),
        Field::DoubleValue(value) => Ok(Cell::Double(value)),
        Field::StringValue(value) => Ok(Cell::Text(value)),
        Field::BlobValue(value) => Ok(Cell::Bytes(value.into_inner())),
        _ => Err(unreadable(
            "GetStatementResult",
            "a value has an unknown type",
        )),
    }
}

fn unreadable(action: &'static str, message: &str) -> ApiError {
    let code = "unreadable response".to_owned();
    ApiError {
        action,
        fault: Fault::Refused,
        code,
        message: message.to_owned(),
    }
}

/// The SDK has already retried; the error that remains is reported or retried by this crate.
fn api_error<E, R>(action: &'static str, error: &SdkError<E, R>) -> ApiError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    match error {
        SdkError::ServiceError(answer) => {
            let code = answer
                .err()
                .code()
                .unwrap_or("an error without a code")
                .to_owned();
            let message = answer
                .err()
                .message()
                .unwrap_or("without a message")
                .to_owned();
            ApiError {
                action,
                fault: fault(&code),
                code,
                message,
            }
        }
        SdkError::ConstructionFailure(_) => ApiError {
            action,
            fault: Fault::Refused,
            code: "request not sent".to_owned(),
            message: root_cause(error),
        },
        _ => ApiError {
            action,
            fault: Fault::Transient,
            code: "no response".to_owned(),
            message: root_cause(error),
        },
    }
}

/// Returns the innermost cause: the others only name layers of the client.
fn root_cause(mut error: &dyn std::error::Error) -> String {
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// Source: <https://docs.aws.amazon.com/redshift-data/latest/APIReference/CommonErrors.html>
fn fault(code: &str) -> Fault {
    match code {
        "ResourceNotFoundException" => Fault::NotFound,
        "AccessDeniedException" => Fault::Denied,
        "ActiveWaitingRequestsExceededException" => Fault::TooManyWaiting,
        "ThrottlingException"
        | "Throttling"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "ActiveStatementsExceededException"
        | "ActiveSessionsExceededException"
        | "DatabaseConnectionException"
        | "InternalServerException"
        | "InternalFailure"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => Fault::Transient,
        _ => Fault::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throttled_call_is_transient_and_a_refused_one_is_not() {
        assert_eq!(fault("ThrottlingException"), Fault::Transient);
        assert_eq!(
            fault("ActiveWaitingRequestsExceededException"),
            Fault::TooManyWaiting
        );
        assert_eq!(fault("ResourceNotFoundException"), Fault::NotFound);
        assert_eq!(fault("AccessDeniedException"), Fault::Denied);
        assert_eq!(fault("ValidationException"), Fault::Refused);
    }

    #[test]
    fn an_unknown_status_is_an_error_and_not_waited_for() {
        let answer = |status| {
            DescribeStatementOutput::builder()
                .id("s")
                .status(status)
                .build()
        };
        let known = description(answer(StatusString::Picked).unwrap()).unwrap();
        assert_eq!(known.status, Status::Running);
        assert!(description(answer("PAUSED".into()).unwrap()).is_err());
    }

    #[test]
    fn every_kind_of_value_becomes_a_cell() {
        let fields = [
            (Field::IsNull(true), Cell::Null),
            (Field::BooleanValue(false), Cell::Boolean(false)),
            (Field::LongValue(1), Cell::Long(1)),
            (Field::DoubleValue(0.5), Cell::Double(0.5)),
            (Field::StringValue("x".into()), Cell::Text("x".into())),
        ];
        for (field, expected) in fields {
            assert_eq!(cell(field).unwrap(), expected);
        }
    }
}
