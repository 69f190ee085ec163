//! Deployments and stages of an API.

use serde_json::{Value, json};

use super::api::RestApi;
use crate::resources::logs::LogGroup;
use crate::{Arn, Handle, Name, Removal, Resource, text};

/// The format of the access log: one JSON object a line. It has no headers and no body, which may contain
/// personal data.
const ACCESS_LOG: &str = concat!(
    r#"{"requestId":"$context.requestId","time":"$context.requestTime","ip":"$context.identity.sourceIp","#,
    r#""caller":"$context.identity.userArn","method":"$context.httpMethod","path":"$context.resourcePath","#,
    r#""status":"$context.status","bytes":"$context.responseLength","latency":"$context.responseLatency","#,
    r#""integrationLatency":"$context.integrationLatency","error":"$context.error.message"}"#,
);

/// A snapshot of an API's paths and methods. Add it with
/// [`Template::add_snapshot`](crate::Template::add_snapshot): API Gateway takes the snapshot only when the
/// deployment is created.
#[derive(Clone, Debug)]
pub struct Deployment {
    pub api: Name<RestApi>,
}

impl Resource for Deployment {
    const TYPE: &'static str = "AWS::ApiGateway::Deployment";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({"RestApiId": self.api})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<Deployment> {
    #[must_use]
    pub fn deployment_id(&self) -> Name<Deployment> {
        self.reference()
    }
}

/// The rate limit of a stage, above which it answers 429.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Throttle {
    /// Sustained requests a second.
    pub rate: u32,
    /// Burst capacity, in requests.
    pub burst: u32,
}

/// A published deployment of an API.
#[derive(Clone, Debug)]
pub struct Stage {
    pub api: Name<RestApi>,
    pub deployment: Name<Deployment>,
    /// The first segment of every path.
    pub name: &'static str,
    /// Limits for all methods together.
    pub throttle: Throttle,
    /// Whether requests are traced with X-Ray.
    pub traced: bool,
    /// The log group of the access log. Requires the account's logging role for API Gateway.
    pub access_log: Option<Arn<LogGroup>>,
}

impl Resource for Stage {
    const TYPE: &'static str = "AWS::ApiGateway::Stage";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        let logging = self.access_log.as_ref().map(|_| "ERROR");
        json!({
            "RestApiId": self.api,
            "DeploymentId": self.deployment,
            "StageName": self.name,
            "TracingEnabled": self.traced,
            "AccessLogSetting": self.access_log.as_ref().map(|group| json!({"DestinationArn": group, "Format": ACCESS_LOG})),
            "MethodSettings": [{
                "HttpMethod": "*",
                "ResourcePath": "/*",
                "LoggingLevel": logging,
                "DataTraceEnabled": false,
                "MetricsEnabled": true,
                "ThrottlingRateLimit": self.throttle.rate,
                "ThrottlingBurstLimit": self.throttle.burst,
            }],
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<Stage> {
    #[must_use]
    pub fn name(&self) -> Name<Stage> {
        self.reference()
    }
}

impl Arn<Stage> {
    /// Returns the ARN of a stage's methods: callers need permission to invoke it, and a function's resource policy
    /// names it as the source.
    #[must_use]
    pub fn of(api: &Name<RestApi>, stage: &'static str) -> Self {
        let place = text![crate::region(), ":", crate::account_id()];
        Self::from_text(text![
            "arn:",
            crate::partition(),
            ":execute-api:",
            place,
            ":",
            api,
            "/",
            stage
        ])
    }
}
