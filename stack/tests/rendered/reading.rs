//! Reads rendered templates as JSON, as other tools do.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helper fails by panicking, as a test does"
)]

use std::collections::BTreeSet;

use serde_json::Value;
use stack::environment::Environment;
use stack::platform::{StackKind, stacks};

/// Environments with kinds of warehouse that no built-in environment has.
pub(crate) const WAREHOUSES: [&str; 5] = ["endpoint", "public", "shared", "open", "joined"];

const PROD: &str = include_str!("../../environments/prod.yaml");
/// The edits that make `keyed` of `prod`, one per line: a serverless warehouse, keys for the callers of the API and mail
/// about alarms. `sed` applies the same file for the policy tools.
const KEYED: &str = include_str!("../environments/keyed.sed");

/// Opens the environment `name` of the folder `environments`, or `keyed`.
pub(crate) fn beside(name: &str) -> Environment {
    if name == "keyed" {
        let edits = KEYED.lines().filter_map(|line| line.strip_prefix("s/"));
        let keyed = edits.fold(PROD.to_owned(), |text, edit| {
            let [old, new, _] = edit.split('/').collect::<Vec<_>>().try_into().unwrap();
            assert!(text.contains(old), "prod.yaml has no `{old}`");
            text.replace(old, new)
        });
        return edited(&keyed);
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/environments");
    Environment::load(&format!("{folder}/{name}.yaml")).unwrap()
}

/// Returns every built-in environment and those of the folder `environments`, which together have both profiles
/// with both kinds of warehouse. The last one has the longest possible name.
pub(crate) fn environments() -> Vec<Environment> {
    let long = PROD
        .replace("name: prod", "name: sixteen-letters-")
        .replace("letters-", "letter");
    let long = edited(
        &long
            .replace("eu-west-1", "ap-southeast-1")
            .replace("sixteen-letter", "sixteen-letters1"),
    );
    let known = Environment::known().map(|name| Environment::load(name).unwrap());
    let beside = WAREHOUSES
        .into_iter()
        .chain(["cluster", "keyed"])
        .map(beside);
    known.into_iter().chain(beside).chain([long]).collect()
}

/// Opens an environment from the text of a file.
pub(crate) fn edited(text: &str) -> Environment {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    Environment::load(file.path().to_str().unwrap()).unwrap()
}

pub(crate) fn yaml(environment: &Environment, kind: StackKind) -> String {
    let stack = stacks(environment)
        .into_iter()
        .find(|stack| stack.kind == kind);
    stack.unwrap().template.to_yaml()
}

/// Returns the difference between the templates of `base` and `environment`, except the environment's name.
pub(crate) fn difference(base: &Environment, environment: &Environment, kind: StackKind) -> String {
    let own_name = |name: &str| {
        yaml(environment, kind)
            .replace(
                &format!("riverhouse-{}", environment.name),
                &format!("riverhouse-{name}"),
            )
            .replace(
                &format!("riverhouse_{}", environment.name),
                &format!("riverhouse_{name}"),
            )
    };
    similar::TextDiff::from_lines(&yaml(base, kind), &own_name(base.name.as_ref()))
        .unified_diff()
        .context_radius(2)
        .header(
            &format!("{}-{}", base.name, kind.as_str()),
            environment.name.as_ref(),
        )
        .to_string()
}

pub(crate) fn rendered(environment: &Environment, kind: StackKind) -> Value {
    let stack = stacks(environment)
        .into_iter()
        .find(|stack| stack.kind == kind)
        .unwrap();
    serde_json::from_str(&stack.template.to_json()).unwrap()
}

/// Returns every template of every environment, with a name for messages.
pub(crate) fn templates() -> Vec<(String, Value)> {
    let of = |environment: &Environment| {
        stacks(environment).into_iter().map(|stack| {
            (
                stack.name.to_string(),
                serde_json::from_str(&stack.template.to_json()).unwrap(),
            )
        })
    };
    environments().iter().flat_map(of).collect()
}

pub(crate) fn resources(template: &Value) -> impl Iterator<Item = (&String, &Value)> {
    template["Resources"].as_object().unwrap().iter()
}

/// Visits `value` and every value in it.
pub(crate) fn walk<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Value)) {
    visit(value);
    match value {
        Value::Object(map) => map.values().for_each(|value| walk(value, visit)),
        Value::Array(items) => items.iter().for_each(|value| walk(value, visit)),
        _ => {}
    }
}

/// Returns the names to which `value` refers.
pub(crate) fn references(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    walk(value, &mut |value| {
        found.extend(
            value
                .get("Ref")
                .and_then(Value::as_str)
                .map(ToOwned::to_owned),
        );
        found.extend(
            value
                .pointer("/Fn::GetAtt/0")
                .and_then(Value::as_str)
                .map(ToOwned::to_owned),
        );
        let sub = value
            .get("Fn::Sub")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let names = sub
            .split("${")
            .skip(1)
            .filter(|rest| !rest.starts_with('!'));
        found.extend(names.map(|rest| rest.split(['}', '.']).next().unwrap().to_owned()));
    });
    found.retain(|name| !name.starts_with("AWS::"));
    found
}

/// Returns a string or a list of strings, each literal or as the pattern of its `Fn::Sub`.
pub(crate) fn spelled(value: &Value) -> Vec<String> {
    let one = |value: &Value| {
        let sub = value.get("Fn::Sub").unwrap_or(value);
        sub.as_str()
            .map_or_else(|| value.to_string(), ToOwned::to_owned)
    };
    value
        .as_array()
        .map_or_else(|| vec![one(value)], |items| items.iter().map(one).collect())
}

pub(crate) fn allowances(resource: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    walk(&resource["Properties"], &mut |value| {
        if value.get("Effect").and_then(Value::as_str) == Some("Allow") {
            found.push(value);
        }
    });
    found
}
