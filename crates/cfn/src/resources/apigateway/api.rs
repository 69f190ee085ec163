//! REST APIs with their paths and models.

use serde_json::{Value, json};

use crate::{Handle, Name, Removal, Resource};

/// A regional REST API.
#[derive(Clone, Debug)]
pub struct RestApi {
    /// Unlike the id, the name need not be unique.
    pub name: Name<RestApi>,
    pub description: &'static str,
    /// Content types whose request bodies are passed to the function unchanged, in base64. Bodies of other
    /// types are decoded as UTF-8, and bytes that are not valid UTF-8 are lost.
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
    /// Returns the id, which is part of the URL.
    #[must_use]
    pub fn api_id(&self) -> Name<RestApi> {
        self.reference()
    }

    /// Returns the path `/`.
    #[must_use]
    pub fn root(&self) -> Name<Route> {
        self.attribute("RootResourceId")
    }
}

/// One segment of a path. API Gateway calls it a resource.
#[derive(Clone, Debug)]
pub struct Route {
    pub api: Name<RestApi>,
    pub parent: Name<Route>,
    /// For example `events`, or `{id}` for any text.
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
    #[must_use]
    pub fn route_id(&self) -> Name<Route> {
        self.reference()
    }
}

/// The answer of API Gateway itself for one cause; without it `{"message": …}`.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>
#[derive(Clone, Debug)]
pub struct GatewayResponse {
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

/// Refuses requests that lack a parameter of their path, before any function is called.
#[derive(Clone, Debug)]
pub struct RequestValidator {
    pub api: Name<RestApi>,
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
    #[must_use]
    pub fn validator_id(&self) -> Name<RequestValidator> {
        self.reference()
    }
}
