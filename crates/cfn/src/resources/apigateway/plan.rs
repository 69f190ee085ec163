//! API keys, for callers without AWS credentials.

use serde_json::{Value, json};

use super::api::RestApi;
use super::stage::{Stage, Throttle};
use crate::{Handle, Name, Removal, Resource};

/// An API key. API Gateway generates its value, which appears in no template and no log.
#[derive(Clone, Debug)]
pub struct ApiKey {
    pub name: Name<ApiKey>,
}

impl Resource for ApiKey {
    const TYPE: &'static str = "AWS::ApiGateway::ApiKey";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({"Name": self.name, "Enabled": true})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<ApiKey> {
    /// Returns the id, with which `aws apigateway get-api-key --include-value` shows the key's value.
    #[must_use]
    pub fn key_id(&self) -> Name<ApiKey> {
        self.reference()
    }
}

/// The API stage that a group of keys may use, and their limits.
#[derive(Clone, Debug)]
pub struct UsagePlan {
    pub name: Name<UsagePlan>,
    pub api: Name<RestApi>,
    pub stage: Name<Stage>,
    /// Limits for each key.
    pub throttle: Throttle,
}

impl Resource for UsagePlan {
    const TYPE: &'static str = "AWS::ApiGateway::UsagePlan";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({
            "UsagePlanName": self.name,
            "ApiStages": [{"ApiId": self.api, "Stage": self.stage}],
            "Throttle": {"RateLimit": self.throttle.rate, "BurstLimit": self.throttle.burst},
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<UsagePlan> {
    #[must_use]
    pub fn plan_id(&self) -> Name<UsagePlan> {
        self.reference()
    }
}

/// Adds a key to a usage plan.
#[derive(Clone, Debug)]
pub struct UsagePlanKey {
    pub key: Name<ApiKey>,
    pub plan: Name<UsagePlan>,
}

impl Resource for UsagePlanKey {
    const TYPE: &'static str = "AWS::ApiGateway::UsagePlanKey";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        json!({"KeyId": self.key, "KeyType": "API_KEY", "UsagePlanId": self.plan})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}
