//! A published state of an API.

use serde_json::{Value, json};

use super::api::RestApi;
use crate::resources::logs::LogGroup;
use crate::{Arn, Handle, Name, Removal, Resource, text};

/// What each request leaves in the access log, one JSON object on a line. No header and no body: they may be private.
const ACCESS_LOG: &str = concat!(
    r#"{"requestId":"$context.requestId","time":"$context.requestTime","ip":"$context.identity.sourceIp","#,
    r#""caller":"$context.identity.userArn","method":"$context.httpMethod","path":"$context.resourcePath","#,
    r#""status":"$context.status","bytes":"$context.responseLength","latency":"$context.responseLatency","#,
    r#""integrationLatency":"$context.integrationLatency","error":"$context.error.message"}"#,
);

/// A snapshot of an API's paths and methods. Added with [`Template::add_snapshot`](crate::Template::add_snapshot):
/// API Gateway takes one when a deployment is created, and only then.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// Of which one.
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
    /// Its id.
    #[must_use]
    pub fn deployment_id(&self) -> Name<Deployment> {
        self.reference()
    }
}

/// How many requests a stage takes before it answers 429.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Throttle {
    /// Requests a second, in the long run.
    pub rate: u32,
    /// Requests at once.
    pub burst: u32,
}

/// Where a deployment is reached.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Of which API.
    pub api: Name<RestApi>,
    /// Which state of it.
    pub deployment: Name<Deployment>,
    /// The first part of every path.
    pub name: &'static str,
    /// Limits for all methods together.
    pub throttle: Throttle,
    /// Whether each request is traced with X-Ray.
    pub traced: bool,
    /// Where each request is written down. Needs the account's role for API Gateway's logs.
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
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Name<Stage> {
        self.reference()
    }
}

impl Arn<Stage> {
    /// What a caller needs the right to invoke, and what a function sees as its source.
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
