//! An API, its paths, and the shapes of its bodies.

use serde_json::{Value, json};

use crate::{Handle, Name, Removal, Resource};

/// A REST API in one region.
#[derive(Clone, Debug)]
pub struct RestApi {
    /// Its name; unlike its id it need not be unique.
    pub name: Name<RestApi>,
    /// What it is for.
    pub description: &'static str,
    /// Content types of requests whose bytes are passed on as they came, in base64. Those of all others are read as
    /// UTF-8, and what is none is lost.
    pub binary_media_types: &'static [&'static str],
}

impl Resource for RestApi {
    const TYPE: &'static str = "AWS::ApiGateway::RestApi";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({
            "Name": self.name,
            "Description": self.description,
            "EndpointConfiguration": {"Types": ["REGIONAL"]},
            "BinaryMediaTypes": (!self.binary_media_types.is_empty()).then_some(self.binary_media_types),
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<RestApi> {
    /// Its id, which stands in its URL.
    #[must_use]
    pub fn api_id(&self) -> Name<RestApi> {
        self.reference()
    }

    /// The path `/`.
    #[must_use]
    pub fn root(&self) -> Name<Route> {
        self.attribute("RootResourceId")
    }
}

/// One part of a path. API Gateway calls it a resource.
#[derive(Clone, Debug)]
pub struct Route {
    /// Whose.
    pub api: Name<RestApi>,
    /// What comes before it.
    pub parent: Name<Route>,
    /// Such as `events`, or `{id}` for any text.
    pub part: &'static str,
}

impl Resource for Route {
    const TYPE: &'static str = "AWS::ApiGateway::Resource";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({"RestApiId": self.api, "ParentId": self.parent, "PathPart": self.part})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<Route> {
    /// Its id.
    #[must_use]
    pub fn route_id(&self) -> Name<Route> {
        self.reference()
    }
}

/// What API Gateway itself answers for one cause: without it `{"message": …}`.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>
#[derive(Clone, Debug)]
pub struct GatewayResponse {
    /// Whose.
    pub api: Name<RestApi>,
    /// The cause, such as `DEFAULT_4XX`: every refusal that has no answer of its own.
    pub cause: &'static str,
    /// JSON in which `$context.error.messageString` and the like stand for what is known.
    pub body: &'static str,
}

impl Resource for GatewayResponse {
    const TYPE: &'static str = "AWS::ApiGateway::GatewayResponse";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({
            "RestApiId": self.api,
            "ResponseType": self.cause,
            "ResponseTemplates": {"application/json": self.body},
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

/// Refuses a request, before any function is called, that lacks a parameter of its path.
#[derive(Clone, Debug)]
pub struct RequestValidator {
    /// Whose.
    pub api: Name<RestApi>,
    /// Its name.
    pub name: &'static str,
}

impl Resource for RequestValidator {
    const TYPE: &'static str = "AWS::ApiGateway::RequestValidator";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({
            "RestApiId": self.api,
            "Name": self.name,
            "ValidateRequestBody": true,
            "ValidateRequestParameters": true,
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<RequestValidator> {
    /// Its id.
    #[must_use]
    pub fn validator_id(&self) -> Name<RequestValidator> {
        self.reference()
    }
}
