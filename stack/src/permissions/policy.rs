//! Packs the statements into policy documents of the allowed size.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::actions::by_type;
use super::deployer;
use super::scope::{Reach, Scope};
use crate::environment::Environment;
use crate::platform::{Names, Stack, account_stack, stacks};

/// The maximum size of a managed policy, without white space.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const MAX_CHARACTERS: usize = 6_144;

/// The characters of a document around its statements.
const FRAME: usize = r#"{"Version":"2012-10-17","Statement":[]}"#.len();

/// Returns the policy documents by the names of the managed policies; the deployer needs all of them. `None`
/// for an environment on this machine, which needs no permissions.
///
/// The same environment always gives the same documents.
#[must_use]
pub fn documents(environment: &Environment) -> Option<BTreeMap<String, Value>> {
    let scope = Scope::of(environment)?;
    let names = Names::of(environment);
    let packed = pack(statements(&scope, &all_stacks(environment)));
    let document = |statements| json!({"Version": "2012-10-17", "Statement": statements});
    Some(
        packed
            .into_iter()
            .zip(1..)
            .map(|(statements, number)| {
                (
                    names.plain(&format!("deploy-{number}")),
                    document(statements),
                )
            })
            .collect(),
    )
}

/// Returns the stacks of the environment, and the account's stack if the environment needs it.
fn all_stacks(environment: &Environment) -> Vec<Stack> {
    let account = environment
        .api
        .access_log
        .then(|| account_stack(environment));
    stacks(environment).into_iter().chain(account).collect()
}

/// Returns all statements, each small enough to fit into a document of its own.
fn statements(scope: &Scope, stacks: &[Stack]) -> Vec<Value> {
    let table = by_type();
    let types: BTreeSet<_> = stacks
        .iter()
        .flat_map(|stack| stack.template.resources().map(|(_, kind)| kind))
        .collect();
    let mut actions: BTreeSet<&str> = deployer::ACTIONS.into();
    actions.extend(types.iter().filter_map(|kind| table.get(kind)).flatten());
    let passes = actions.remove("iam:PassRole");
    let links = actions.remove("iam:CreateServiceLinkedRole");
    let mut by_reach: BTreeMap<Reach, BTreeSet<&str>> = BTreeMap::new();
    for action in actions {
        by_reach
            .entry(Scope::reach(action))
            .or_default()
            .insert(action);
    }
    let mut statements: Vec<_> = by_reach
        .into_iter()
        .flat_map(|(reach, actions)| split(scope, reach, &actions))
        .collect();
    if passes {
        statements.push(pass_role(scope, stacks));
    }
    if links {
        statements.push(linked_role());
    }
    statements
}

/// Splits the actions of one reach into as few statements as fit into documents.
fn split(scope: &Scope, reach: Reach, actions: &BTreeSet<&str>) -> Vec<Value> {
    let whole = statement(scope, reach, &actions.iter().copied().collect::<Vec<_>>());
    if characters(&whole) + FRAME <= MAX_CHARACTERS {
        return vec![whole];
    }
    let actions: Vec<_> = actions.iter().copied().collect();
    let halves = actions.chunks(actions.len().div_ceil(2));
    halves
        .flat_map(|half| split(scope, reach, &half.iter().copied().collect()))
        .collect()
}

fn statement(scope: &Scope, reach: Reach, actions: &[&str]) -> Value {
    let in_region = json!({"StringEquals": {"aws:RequestedRegion": scope.region()}});
    match reach {
        Reach::Look => json!({"Effect": "Allow", "Action": actions, "Resource": "*"}),
        Reach::Region => json!({
            "Effect": "Allow", "Action": actions, "Resource": "*", "Condition": in_region,
        }),
        Reach::Named(service) => json!({
            "Effect": "Allow", "Action": actions, "Resource": scope.arns(service),
        }),
    }
}

/// Allows passing the environment's roles to the services that may assume them, and to no other.
fn pass_role(scope: &Scope, stacks: &[Stack]) -> Value {
    let trusted: BTreeSet<String> = stacks
        .iter()
        .filter_map(|stack| serde_json::from_str::<Value>(&stack.template.to_json()).ok())
        .flat_map(|template| trusted(&template))
        .collect();
    json!({
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": scope.arns("iam"),
        "Condition": {"StringEquals": {"iam:PassedToService": trusted}},
    })
}

/// Returns the services that may assume the roles of a template.
fn trusted(template: &Value) -> Vec<String> {
    let resources = template["Resources"].as_object().into_iter().flatten();
    resources
        .filter_map(|(_, it)| it["Properties"]["AssumeRolePolicyDocument"]["Statement"].as_array())
        .flatten()
        .flat_map(|statement| match &statement["Principal"]["Service"] {
            Value::Array(services) => services.clone(),
            service => vec![service.clone()],
        })
        .filter_map(|service| service.as_str().map(str::to_owned))
        .collect()
}

/// Returns the service-linked roles that Redshift and API Gateway create once in an account.
fn linked_role() -> Value {
    json!({
        "Effect": "Allow",
        "Action": "iam:CreateServiceLinkedRole",
        "Resource": "*",
        "Condition": {"StringEquals": {"iam:AWSServiceName": [
            "delivery.logs.amazonaws.com", "ops.apigateway.amazonaws.com", "redshift.amazonaws.com",
        ]}},
    })
}

fn characters(statement: &Value) -> usize {
    statement
        .to_string()
        .chars()
        .filter(|it| !it.is_whitespace())
        .count()
        + 1
}

/// Puts each statement into the first document with enough room.
fn pack(statements: Vec<Value>) -> Vec<Vec<Value>> {
    let mut documents: Vec<(usize, Vec<Value>)> = Vec::new();
    for statement in statements {
        let size = characters(&statement);
        match documents
            .iter_mut()
            .find(|(used, _)| used + size <= MAX_CHARACTERS)
        {
            Some((used, document)) => {
                *used += size;
                document.push(statement);
            }
            None => documents.push((FRAME + size, vec![statement])),
        }
    }
    documents
        .into_iter()
        .map(|(_, document)| document)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_aws() -> impl Iterator<Item = Environment> {
        let all = Environment::known().map(|name| Environment::load(name).unwrap());
        all.into_iter()
            .filter(|environment| !environment.is_local())
    }

    #[test]
    fn every_resource_type_of_every_template_is_in_the_table() {
        let table = by_type();
        for environment in on_aws() {
            for stack in all_stacks(&environment) {
                for (id, kind) in stack.template.resources() {
                    let actions = table.get(kind).map_or(0, BTreeSet::len);
                    assert!(
                        actions > 0,
                        "{}: {id} is a {kind}: add it to actions.py",
                        stack.name
                    );
                }
            }
        }
    }

    #[test]
    fn every_document_fits_into_a_managed_policy_and_a_role_can_have_all() {
        for environment in on_aws() {
            let documents = documents(&environment).unwrap();
            assert!(documents.len() <= 10, "{}", documents.len());
            for (name, document) in documents {
                let text = document.to_string();
                let size = text.chars().filter(|it| !it.is_whitespace()).count();
                assert!(size <= MAX_CHARACTERS, "{name}: {size}");
            }
        }
    }

    #[test]
    fn actions_that_change_something_are_restricted_to_the_environments_names_or_its_region() {
        for environment in on_aws() {
            for document in documents(&environment).unwrap().values() {
                for statement in document["Statement"].as_array().unwrap() {
                    let actions = statement["Action"].as_array().cloned().unwrap_or_default();
                    let looks = actions.iter().all(|action| {
                        let name = action.as_str().unwrap().split_once(':').unwrap().1;
                        name.starts_with("Describe") || name.starts_with("List")
                    });
                    let bound = statement.get("Condition").is_some();
                    let named = statement["Resource"] != "*";
                    assert!(looks || bound || named, "{statement}");
                    assert!(actions.iter().all(|it| it != "iam:PassRole"), "{statement}");
                }
            }
        }
    }

    #[test]
    fn no_action_is_in_two_statements_and_each_is_spelled_out() {
        for environment in on_aws() {
            let documents = documents(&environment).unwrap();
            let statements = documents
                .values()
                .flat_map(|it| it["Statement"].as_array().unwrap());
            let mut seen = BTreeSet::new();
            for action in statements.flat_map(|it| match &it["Action"] {
                Value::Array(actions) => actions.clone(),
                action => vec![action.clone()],
            }) {
                assert!(seen.insert(action.to_string()), "{action} twice");
                let wide = action.as_str().unwrap().contains('*');
                assert!(!wide || action == "ec2:Describe*", "{action}");
            }
        }
    }

    #[test]
    fn the_documents_of_a_small_environment_are_these() {
        let environment = Environment::load("ci").unwrap();
        insta::assert_json_snapshot!(documents(&environment).unwrap());
    }

    #[test]
    fn a_local_environment_needs_no_permissions() {
        assert_eq!(documents(&Environment::load("local").unwrap()), None);
    }

    #[test]
    fn a_statement_too_big_for_a_document_is_split() {
        let scope = Scope::of(&Environment::load("ci").unwrap()).unwrap();
        let names: Vec<String> = (0..400)
            .map(|it| format!("ec2:CreateSomething{it}"))
            .collect();
        let actions = names.iter().map(String::as_str).collect();
        let parts = split(&scope, Reach::Region, &actions);
        assert!(parts.len() > 1);
        let together: usize = parts
            .iter()
            .map(|it| it["Action"].as_array().unwrap().len())
            .sum();
        assert_eq!(together, actions.len());
        assert!(
            parts
                .iter()
                .all(|it| characters(it) + FRAME <= MAX_CHARACTERS)
        );
    }
}
