//! The HTTP interface: one path, with the operation in a header.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::error::ApiError;
use super::{describe, metadata, result, session, signature, submit};
use crate::statement::Runner;
use crate::{Identities, Principal};

/// Maximum size of a request body: 40 statements of 100 KB, with room for the rest.
const LARGEST_BODY: usize = 8 * 1024 * 1024;

/// State of the server.
pub(crate) struct Api {
    pub(crate) runner: Arc<Runner>,
    pub(crate) identities: Arc<dyn Identities>,
    pub(crate) region: String,
    pub(crate) cluster_identifier: String,
}

/// Returns the routes of the server.
pub(crate) fn router(api: Arc<Api>) -> Router {
    Router::new()
        .route("/health", get(|| async { "ok" }))
        .route("/", post(answer))
        .layer(map_response(add_request_id))
        .with_state(api)
}

/// Adds a request id, which clients log.
async fn add_request_id(mut response: Response) -> Response {
    if let Ok(id) = HeaderValue::from_str(&Uuid::new_v4().to_string()) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

async fn answer(State(api): State<Arc<Api>>, request: Request) -> Response {
    match handle(&api, request).await {
        Ok(value) => {
            let mut response = Body::from(value.to_string()).into_response();
            let json = HeaderValue::from_static("application/x-amz-json-1.1");
            response.headers_mut().insert("content-type", json);
            response
        }
        Err(error) => error.into_response(),
    }
}

async fn handle(api: &Api, request: Request) -> Result<Value, ApiError> {
    let (parts, body) = request.into_parts();
    let body: Bytes = to_bytes(body, LARGEST_BODY)
        .await
        .map_err(|_| ApiError::validation("the request is larger than 8 MB"))?;
    let identity = signature::verify(
        &parts,
        &body,
        &api.region,
        api.identities.as_ref(),
        SystemTime::now(),
    )
    .await?;
    let target = parts
        .headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok());
    let name = target.and_then(|target| target.strip_prefix("RedshiftData."));
    let name = name.ok_or_else(ApiError::unknown_operation)?;
    let caller: Principal = identity.principal;
    dispatch(api, &caller, name, &body).await
}

/// Runs one of the service's twelve operations.
async fn dispatch(
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
