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

/// A JSON schema for bodies.
#[derive(Clone, Debug)]
pub struct Model {
    /// Whose.
    pub api: Name<RestApi>,
    /// Letters and digits.
    pub name: &'static str,
    /// The schema, draft 4.
    pub schema: Value,
}

impl Resource for Model {
    const TYPE: &'static str = "AWS::ApiGateway::Model";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({
            "RestApiId": self.api,
            "Name": self.name,
            "ContentType": "application/json",
            "Schema": self.schema,
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<Model> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Name<Model> {
        self.reference()
    }
}

/// Refuses a request, before any function is called, whose body or parameters do not fit.
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
