//! Calls that change something. All are idempotent.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{Capability, ChangeSetType, Parameter, Tag};

use crate::calls::{CloudFormation, Patience};
use crate::desired::DesiredStack;
use crate::error::StackError;

impl CloudFormation {
    /// Starts to create a change set. An existing one of the same name is accepted.
    pub(crate) async fn create_change_set(
        &self,
        desired: &DesiredStack<'_>,
        name: &str,
        kind: &ChangeSetType,
    ) -> Result<(), StackError> {
        let (body, parameters, tags) =
            (desired.template.to_json(), desired.parameters, desired.tags);
        let created = self
            .call(
                Patience::Short,
                "CreateChangeSet",
                desired.stack,
                |client| {
                    let call = client.create_change_set();
                    call.stack_name(desired.stack)
                        .change_set_name(name)
                        .change_set_type(kind.clone())
                        .template_body(&body)
                        .capabilities(Capability::CapabilityNamedIam)
                        .set_parameters(Some(sdk_parameters(parameters)))
                        .set_tags(Some(sdk_tags(tags)))
                        .send()
                },
            )
            .await;
        match created {
            Err(refusal) if !refusal.failure.code.contains("AlreadyExists") => Err(refusal.into()),
            _ => Ok(()),
        }
    }

    /// Executes a change set. The same token is the same operation.
    pub(crate) async fn execute(
        &self,
        stack: &str,
        name: &str,
        token: &str,
    ) -> Result<(), StackError> {
        self.call(Patience::Endless, "ExecuteChangeSet", stack, |client| {
            let call = client.execute_change_set().stack_name(stack);
            call.change_set_name(name)
                .client_request_token(token)
                .send()
        })
        .await
        .map(drop)
        .map_err(StackError::from)
    }

    /// Deletes a change set; an absent one is ignored.
    pub(crate) async fn delete_change_set(
        &self,
        stack: &str,
        name: &str,
    ) -> Result<(), StackError> {
        let deleted = self
            .call(Patience::Short, "DeleteChangeSet", stack, |client| {
                let call = client.delete_change_set().stack_name(stack);
                call.change_set_name(name).send()
            })
            .await;
        match deleted {
            Err(refusal) if !refusal.is_absent() => Err(refusal.into()),
            _ => Ok(()),
        }
    }

    /// Starts to delete a stack; an absent one is ignored.
    pub(crate) async fn delete_stack(&self, stack: &str) -> Result<(), StackError> {
        self.call(Patience::Short, "DeleteStack", stack, |client| {
            client.delete_stack().stack_name(stack).send()
        })
        .await
        .map(drop)
        .map_err(StackError::from)
    }

    /// Continues a failed rollback without the resources in `skip`.
    pub(crate) async fn continue_rollback(
        &self,
        stack: &str,
        token: &str,
        skip: &[String],
    ) -> Result<(), StackError> {
        self.call(Patience::Short, "ContinueUpdateRollback", stack, |client| {
            let call = client.continue_update_rollback().stack_name(stack);
            call.client_request_token(token)
                .set_resources_to_skip((!skip.is_empty()).then(|| skip.to_vec()))
                .send()
        })
        .await
        .map(drop)
        .map_err(StackError::from)
    }

    /// Turns the termination protection of a stack on.
    pub(crate) async fn protect(&self, stack: &str) -> Result<(), StackError> {
        self.call(
            Patience::Short,
            "UpdateTerminationProtection",
            stack,
            |client| {
                let call = client.update_termination_protection().stack_name(stack);
                call.enable_termination_protection(true).send()
            },
        )
        .await
        .map(drop)
        .map_err(StackError::from)
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
