//! HTTP: one path, the operation in a header.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use uuid::Uuid;

use super::error::ApiError;
use super::{operation, signature};
use crate::statement::Runner;
use crate::{Identities, Principal};

/// The largest body: 40 statements of 100 KB, and room for the rest.
const LARGEST_BODY: usize = 8 * 1024 * 1024;

/// What the operations work with.
pub(crate) struct Api {
    pub(crate) runner: Arc<Runner>,
    pub(crate) identities: Arc<dyn Identities>,
    pub(crate) region: String,
    pub(crate) cluster_identifier: String,
}

/// The whole server.
pub(crate) fn router(api: Arc<Api>) -> Router {
    Router::new()
        .route("/health", get(|| async { "ok" }))
        .route("/", post(answer))
        .layer(map_response(number))
        .with_state(api)
}

/// Gives each answer a number of its own, as clients log it.
async fn number(mut response: Response) -> Response {
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
    operation::dispatch(api, &caller, name, &body).await
}
