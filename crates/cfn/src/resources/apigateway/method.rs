//! Methods of a path, each integrated with a function.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::api::{RequestValidator, RestApi, Route};
use crate::resources::lambda::Function;
use crate::{Arn, Name, Removal, Resource, Val, text};

/// A method of a path with a Lambda proxy integration: the function receives the request unchanged, and its
/// response is returned unchanged.
#[derive(Clone, Debug)]
pub struct Method {
    pub api: Name<RestApi>,
    pub route: Name<Route>,
    pub method: HttpMethod,
    pub access: Access,
    /// The `{…}` segments of the path.
    pub path_parameters: &'static [&'static str],
    /// Validates requests.
    pub validator: Name<RequestValidator>,
    /// The function that answers, within 29 seconds.
    pub function: Arn<Function>,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HttpMethod {
    Get,
    Post,
    /// Every method that the path does not have otherwise.
    Any,
}

impl HttpMethod {
    /// Returns the name as in requests and ARNs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Any => "ANY",
        }
    }

    /// Its name in ARNs.
    #[must_use]
    pub const fn in_arn(self) -> &'static str {
        match self {
            Self::Any => "*",
            one => one.name(),
        }
    }
}

/// Who may call a method.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    /// Callers that sign requests with IAM credentials.
    Iam,
    /// Callers that send an API key of a usage plan in `x-api-key`.
    ApiKey,
    /// Everyone.
    Open,
}

impl Method {
    fn uri(&self) -> Val<String> {
        let path = text![
            "lambda:path/2015-03-31/functions/",
            &self.function,
            "/invocations"
        ];
        text![
            "arn:",
            crate::partition(),
            ":apigateway:",
            crate::region(),
            ":",
            path
        ]
    }
}

impl Resource for Method {
    const TYPE: &'static str = "AWS::ApiGateway::Method";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        let parameters: BTreeMap<_, _> = self
            .path_parameters
            .iter()
            .map(|name| (format!("method.request.path.{name}"), true))
            .collect();
        json!({
            "RestApiId": self.api,
            "ResourceId": self.route,
            "HttpMethod": self.method.name(),
            "AuthorizationType": if self.access == Access::Iam { "AWS_IAM" } else { "NONE" },
            "ApiKeyRequired": self.access == Access::ApiKey,
            "RequestParameters": (!parameters.is_empty()).then_some(parameters),
            "RequestValidatorId": self.validator,
            "Integration": {
                "Type": "AWS_PROXY",
                "IntegrationHttpMethod": "POST",
                "TimeoutInMillis": 29_000,
                "Uri": self.uri(),
            },
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}
