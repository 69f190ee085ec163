//! Compares environment variables and metrics in the templates with those in the functions.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helper fails by panicking, as a test does"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use functions::settings::{self, SettingsError};
use serde_json::Value;
use stack::function::{FUNCTIONS, FunctionSpec};
use stack::platform::StackKind;

use crate::dashboard::metrics;
use crate::reading::{environments, rendered, resources};

/// The environment variables that Lambda sets.
const LAMBDA: [(&str, &str); 4] = [
    (settings::FUNCTION_NAME, "riverhouse-dev-one"),
    (settings::REGION, "eu-west-1"),
    (settings::ACCESS_KEY_ID, "AKIDEXAMPLE"),
    (settings::SECRET_ACCESS_KEY, "a-secret"),
];

/// Reads the settings of `function` from `variables`.
fn read(
    function: &'static FunctionSpec,
    variables: &[(String, String)],
) -> Result<(), SettingsError> {
    let own = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let environment = LAMBDA.into_iter().chain(own).collect();
    let mut all = functions::serve::SETTINGS.into_iter();
    let (_, validate) = all.find(|(name, _)| *name == function.name).unwrap();
    validate(&environment)
}

/// Returns the environment variables in the template. A value that only CloudFormation knows becomes a placeholder.
fn variables(template: &Value, function: &'static FunctionSpec) -> Vec<(String, String)> {
    let (_, found) = resources(template)
        .find(|(id, _)| id.to_lowercase() == format!("{function}function"))
        .unwrap();
    let variables = &found["Properties"]["Environment"]["Variables"];
    let variables = variables.as_object().unwrap().iter();
    variables
        .map(|(name, value)| {
            (
                name.clone(),
                value.as_str().unwrap_or("something").to_owned(),
            )
        })
        .collect()
}

#[test]
fn every_function_has_the_variables_that_it_reads_and_no_others() {
    for environment in environments() {
        let template = rendered(&environment, StackKind::Pipeline);
        for function in FUNCTIONS {
            let all = variables(&template, function);
            assert_eq!(
                read(function, &all),
                Ok(()),
                "{}: {function}",
                environment.name
            );
            for (unread, _) in &all {
                let others: Vec<_> = all
                    .iter()
                    .filter(|(name, _)| name != unread)
                    .cloned()
                    .collect();
                let answer = read(function, &others);
                assert!(
                    answer.is_err(),
                    "{}: {function} does not read {unread}",
                    environment.name
                );
            }
        }
    }
}

#[test]
fn a_function_is_updated_after_those_that_read_what_it_writes() {
    for environment in environments() {
        let template = rendered(&environment, StackKind::Pipeline);
        for (writer, reader) in [
            ("IngestFunction", "StoreFunction"),
            ("StoreFunction", "QueryFunction"),
            ("StoreFunction", "TransformFunction"),
            ("TransformFunction", "LoadFunction"),
        ] {
            let (_, function) = resources(&template).find(|(id, _)| *id == writer).unwrap();
            let first = function["DependsOn"].as_array().unwrap();
            assert!(
                first.contains(&reader.into()),
                "{}: {writer} before {reader}",
                environment.name
            );
        }
    }
}

/// Returns all Rust code below `folder` as one string.
fn rust(folder: &Path) -> String {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .map(|path| match path.extension() {
            _ if path.is_dir() => rust(&path),
            Some(extension) if extension == "rs" => fs::read_to_string(path).unwrap(),
            _ => String::new(),
        })
        .collect()
}

#[test]
fn every_metric_of_ours_in_dashboards_and_alarms_is_counted_by_a_function() {
    let code = rust(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/src"));
    let shown: BTreeSet<_> = environments()
        .iter()
        .flat_map(metrics)
        .filter(|metric| metric.namespace == functions::metrics::NAMESPACE)
        .map(|metric| metric.name)
        .collect();
    assert!(shown.len() > 10, "{shown:?}");
    let uncounted: Vec<_> = shown
        .iter()
        .filter(|name| !code.contains(&format!("\"{name}\"")))
        .collect();
    assert!(uncounted.is_empty(), "{uncounted:?}");
}
