//! Keys for callers without AWS credentials.

use serde_json::{Value, json};

use super::api::RestApi;
use super::stage::{Stage, Throttle};
use crate::{Handle, Name, Removal, Resource};

/// A key whose value API Gateway makes up: it is in no template and no log.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Its name.
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
    /// Its id, by which `aws apigateway get-api-key --include-value` shows the key.
    #[must_use]
    pub fn key_id(&self) -> Name<ApiKey> {
        self.reference()
    }
}

/// What the bearers of its keys may use.
#[derive(Clone, Debug)]
pub struct UsagePlan {
    /// Its name.
    pub name: Name<UsagePlan>,
    /// Of which API.
    pub api: Name<RestApi>,
    /// Which stage.
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
    /// Its id.
    #[must_use]
    pub fn plan_id(&self) -> Name<UsagePlan> {
        self.reference()
    }
}

/// Puts a key in a plan.
#[derive(Clone, Debug)]
pub struct UsagePlanKey {
    /// Which key.
    pub key: Name<ApiKey>,
    /// Which plan.
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
