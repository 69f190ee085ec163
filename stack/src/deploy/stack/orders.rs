//! The calls that change something. Each may be made again.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{Capability, ChangeSetType, Parameter, Tag};

use super::calls::{CloudFormation, Patience};
use super::wish::Wish;
use crate::deploy::DeployError;

impl CloudFormation {
    /// Begins to make a change set. One of the same name is there already: that is fine.
    pub(super) async fn create_change_set(
        &self,
        wish: &Wish<'_>,
        name: &str,
        kind: &ChangeSetType,
    ) -> Result<(), DeployError> {
        let (body, parameters, tags) = (wish.template.to_json(), wish.parameters, wish.tags);
        let created = self
            .call(Patience::Short, |client| {
                let call = client.create_change_set();
                call.stack_name(wish.stack)
                    .change_set_name(name)
                    .change_set_type(kind.clone())
                    .template_body(&body)
                    .capabilities(Capability::CapabilityNamedIam)
                    .set_parameters(Some(sdk_parameters(parameters)))
                    .set_tags(Some(sdk_tags(tags)))
                    .send()
            })
            .await;
        match created {
            Err(trouble) if !trouble.code.contains("AlreadyExists") => Err(DeployError::refused(
                "CreateChangeSet",
                wish.stack,
                &trouble,
            )),
            _ => Ok(()),
        }
    }

    /// Executes a change set. The same token again is the same operation.
    pub(super) async fn execute(
        &self,
        stack: &str,
        name: &str,
        token: &str,
    ) -> Result<(), DeployError> {
        self.call(Patience::Endless, |client| {
            let call = client.execute_change_set().stack_name(stack);
            call.change_set_name(name)
                .client_request_token(token)
                .send()
        })
        .await
        .map(drop)
        .map_err(|trouble| DeployError::refused("ExecuteChangeSet", stack, &trouble))
    }

    /// Deletes a change set; an absent one is fine.
    pub(super) async fn delete_change_set(
        &self,
        stack: &str,
        name: &str,
    ) -> Result<(), DeployError> {
        let deleted = self
            .call(Patience::Short, |client| {
                let call = client.delete_change_set().stack_name(stack);
                call.change_set_name(name).send()
            })
            .await;
        match deleted {
            Err(trouble) if !trouble.is_absent() => {
                Err(DeployError::refused("DeleteChangeSet", stack, &trouble))
            }
            _ => Ok(()),
        }
    }

    /// Begins to delete a stack; an absent one is fine.
    pub(super) async fn delete_stack(&self, stack: &str) -> Result<(), DeployError> {
        self.call(Patience::Short, |client| {
            client.delete_stack().stack_name(stack).send()
        })
        .await
        .map(drop)
        .map_err(|trouble| DeployError::refused("DeleteStack", stack, &trouble))
    }

    /// Lets a rollback that failed go on, without the resources of `skip`.
    pub(super) async fn continue_rollback(
        &self,
        stack: &str,
        token: &str,
        skip: &[String],
    ) -> Result<(), DeployError> {
        self.call(Patience::Short, |client| {
            let call = client.continue_update_rollback().stack_name(stack);
            call.client_request_token(token)
                .set_resources_to_skip((!skip.is_empty()).then(|| skip.to_vec()))
                .send()
        })
        .await
        .map(drop)
        .map_err(|trouble| DeployError::refused("ContinueUpdateRollback", stack, &trouble))
    }

    /// Protects a stack from deletion.
    pub(super) async fn protect(&self, stack: &str) -> Result<(), DeployError> {
        self.call(Patience::Short, |client| {
            let call = client.update_termination_protection().stack_name(stack);
            call.enable_termination_protection(true).send()
        })
        .await
        .map(drop)
        .map_err(|trouble| DeployError::refused("UpdateTerminationProtection", stack, &trouble))
    }
}

fn sdk_parameters(parameters: &BTreeMap<String, String>) -> Vec<Parameter> {
    let parameter = |(key, value): (&String, &String)| {
        Parameter::builder()
            .parameter_key(key)
            .parameter_value(value)
            .build()
    };
    parameters.iter().map(parameter).collect()
}

fn sdk_tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).collect()
}
