//! Errors, with the service's names and messages.

use std::fmt;

use axum::Json;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::postgres::ConnectError;
use crate::sql::SqlError;
use crate::statement::{SessionError, SubmitError};

/// An error response.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ApiError {
    name: &'static str,
    status: StatusCode,
    message: String,
    /// Additional member of the response.
    extra: Option<(&'static str, String)>,
}

impl ApiError {
    fn new(name: &'static str, status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            name,
            status,
            message: message.into(),
            extra: None,
        }
    }

    /// The request is invalid.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", StatusCode::BAD_REQUEST, message)
    }

    /// The resource does not exist.
    pub(crate) fn not_found(message: impl Into<String>, id: &str) -> Self {
        let error = Self::new(
            "ResourceNotFoundException",
            StatusCode::BAD_REQUEST,
            message,
        );
        Self {
            extra: Some(("ResourceId", id.to_owned())),
            ..error
        }
    }

    /// The server failed; the cause is in its log.
    pub(crate) fn internal() -> Self {
        Self::new(
            "InternalServerException",
            StatusCode::INTERNAL_SERVER_ERROR,
            "an internal error occurred; try again",
        )
    }

    /// The database cannot be reached.
    pub(crate) fn connection(message: impl Into<String>) -> Self {
        Self::new(
            "DatabaseConnectionException",
            StatusCode::INTERNAL_SERVER_ERROR,
            message,
        )
    }

    /// The body is not valid JSON for the operation.
    pub(crate) fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", StatusCode::BAD_REQUEST, message)
    }

    /// The operation does not exist.
    pub(crate) fn unknown_operation() -> Self {
        Self::new(
            "UnknownOperationException",
            StatusCode::BAD_REQUEST,
            "unknown operation",
        )
    }

    /// The request has no signature.
    pub(crate) fn missing_token() -> Self {
        Self::new(
            "MissingAuthenticationTokenException",
            StatusCode::FORBIDDEN,
            "Request is missing Authentication Token",
        )
    }

    /// The `Authorization` header is incomplete.
    pub(crate) fn incomplete_signature(message: impl Into<String>) -> Self {
        Self::new(
            "IncompleteSignatureException",
            StatusCode::FORBIDDEN,
            message,
        )
    }

    /// The access key or the session token is unknown.
    pub(crate) fn unrecognized_client() -> Self {
        Self::new(
            "UnrecognizedClientException",
            StatusCode::FORBIDDEN,
            "The security token included in the request is invalid.",
        )
    }

    /// The caller may not connect as this database user.
    pub(crate) fn access_denied(db_user: &str) -> Self {
        Self::new(
            "AccessDeniedException",
            StatusCode::BAD_REQUEST,
            format!("not authorized to perform redshift:GetClusterCredentials as dbuser {db_user}"),
        )
    }

    /// The signature does not match the request.
    pub(crate) fn invalid_signature(message: impl Into<String>) -> Self {
        Self::new("InvalidSignatureException", StatusCode::FORBIDDEN, message)
    }
}

impl From<SubmitError> for ApiError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Session(error) => error.into(),
            SubmitError::TooMany => Self::new(
                "ActiveStatementsExceededException",
                StatusCode::BAD_REQUEST,
                error.to_string(),
            ),
            SubmitError::Journal(source) => {
                tracing::error!(%source, "could not write a statement to the journal");
                // Whoever asks is the owner of the disk, and has to make room.
                Self {
                    message: format!(
                        "the statement could not be written to the server's journal: {source}"
                    ),
                    ..Self::internal()
                }
            }
        }
    }
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::TooMany => Self::new(
                "ActiveSessionsExceededException",
                StatusCode::BAD_REQUEST,
                error.to_string(),
            ),
            SessionError::Unknown(_) | SessionError::Busy(_) => Self::validation(error.to_string()),
        }
    }
}

impl From<SqlError> for ApiError {
    fn from(error: SqlError) -> Self {
        Self::validation(error.to_string())
    }
}

impl From<ConnectError> for ApiError {
    fn from(error: ConnectError) -> Self {
        Self::connection(error.to_string())
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.name, self.message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut body = Map::new();
        body.insert("__type".to_owned(), Value::from(self.name));
        body.insert("message".to_owned(), Value::from(self.message.clone()));
        body.insert("Message".to_owned(), Value::from(self.message));
        if let Some((name, value)) = self.extra {
            body.insert(name.to_owned(), Value::from(value));
        }
        let mut response = (self.status, Json(Value::Object(body))).into_response();
        let headers = response.headers_mut();
        headers.insert(
            "content-type",
            HeaderValue::from_static("application/x-amz-json-1.1"),
        );
        headers.insert("x-amzn-errortype", HeaderValue::from_static(self.name));
        response
    }
}
