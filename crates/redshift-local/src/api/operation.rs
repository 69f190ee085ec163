//! The twelve operations by name.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::ApiError;
use super::router::Api;
use super::{describe, metadata, result, session, submit};
use crate::Principal;

/// Runs the operation `name`.
pub(crate) async fn dispatch(
    api: &Api,
    caller: &Principal,
    name: &str,
    body: &[u8],
) -> Result<Value, ApiError> {
    match name {
        "ExecuteStatement" => submit::execute(api, caller, read(body)?).await,
        "BatchExecuteStatement" => submit::batch_execute(api, caller, read(body)?).await,
        "DescribeStatement" => describe::describe(api, caller, read(body)?).await,
        "CancelStatement" => describe::cancel(api, caller, read(body)?),
        "ListStatements" => describe::list(api, caller, &read(body)?),
        "GetStatementResult" => result::get(api, caller, read(body)?).await,
        "GetStatementResultV2" => result::get_v2(api, caller, read(body)?).await,
        "ListSessions" => session::list(api, caller, &read(body)?),
        "ListDatabases" => metadata::databases(api, caller, read(body)?).await,
        "ListSchemas" => metadata::schemas(api, caller, read(body)?).await,
        "ListTables" => metadata::tables(api, caller, read(body)?).await,
        "DescribeTable" => metadata::describe_table(api, caller, read(body)?).await,
        _ => Err(ApiError::unknown_operation()),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| ApiError::serialization(error.to_string()))
}
