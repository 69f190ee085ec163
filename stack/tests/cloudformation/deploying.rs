//! Drives the engine for one stack of the environment `dev`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use cloudformation::{CloudFormation, DesiredStack, Prepared, Repairs, StackOutcome, Throttle};
use serde_json::Value;
use stack::deploy::{DeployError, refuse_losses};
use stack::environment::Environment;
use stack::platform::{Stack, stacks};
use stack::progress::Progress;

/// A stack of the environment `dev`, and the options of its deploy.
pub(crate) struct Deploying {
    pub(crate) stack: Stack,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) allows: BTreeSet<String>,
    pub(crate) repairs: Repairs,
}

impl Deploying {
    /// Returns the stack of this kind of the environment `dev`.
    pub(crate) fn of(kind: &str) -> Self {
        Self::named(kind, "dev")
    }

    /// Returns the stack of this kind of an environment like `dev` with another name.
    pub(crate) fn named(kind: &str, name: &str) -> Self {
        let mut environment = Environment::load("dev").unwrap();
        environment.name = name.parse().unwrap();
        let mut all = stacks(&environment).into_iter();
        let stack = all.find(|stack| stack.kind.as_str() == kind).unwrap();
        let parameters = stack.template.parameters();
        Self {
            parameters: parameters
                .map(|name| (name.to_owned(), "value".to_owned()))
                .collect(),
            stack,
            tags: environment.tags,
            allows: BTreeSet::new(),
            repairs: Repairs::default(),
        }
    }

    /// Returns its template as JSON.
    pub(crate) fn template(&self) -> Value {
        serde_json::from_str(&self.stack.template.to_json()).unwrap()
    }

    fn desired_stack(&self) -> DesiredStack<'_> {
        DesiredStack {
            stack: self.stack.name.as_ref(),
            template: &self.stack.template,
            parameters: &self.parameters,
            tags: &self.tags,
            protect: false,
        }
    }

    /// Deploys as the engine deploys each stack.
    pub(crate) async fn deploy(
        &self,
        cloudformation: &CloudFormation,
    ) -> Result<StackOutcome, DeployError> {
        let progress = Progress::default();
        let step = progress.step("test");
        let desired = self.desired_stack();
        match cloudformation
            .prepare(&desired, &self.repairs, &step)
            .await?
        {
            Prepared::Settled(outcome) => Ok(outcome),
            Prepared::Planned(plan) => {
                if let Err(error) = refuse_losses(&plan, desired.template, &self.allows) {
                    cloudformation.discard(&plan).await?;
                    return Err(error);
                }
                Ok(cloudformation.apply(&desired, &plan, &step).await?)
            }
        }
    }
}

/// Returns a client of CloudFormation at `url` with its own throttle.
pub(crate) fn cloudformation(url: &str, unit: Duration) -> CloudFormation {
    let someone = Credentials::new("AKIDSCRIPTED", "secret", None, None, "test");
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(someone))
        .endpoint_url(url)
        .http_client(stack::clients::http())
        .build();
    CloudFormation::new(&sdk, Arc::new(Throttle::new(unit)))
}
