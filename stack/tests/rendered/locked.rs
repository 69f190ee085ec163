//! Tests of the lock of production environments.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helper fails by panicking, as a test does"
)]

use std::collections::BTreeSet;
use std::fs;

use stack::environment::Environment;
use stack::lock;
use stack::platform::{Stack, stacks};

use crate::reading::environments;

/// Creates a production environment in a temporary folder and writes its lock. Returns it with its stacks.
fn locked(text: &str) -> (tempfile::TempDir, Environment, Vec<Stack>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("prod.yaml");
    fs::write(&file, text).unwrap();
    let environment = Environment::load(file.to_str().unwrap()).unwrap();
    let stacks = stacks(&environment);
    lock::write(&environment, &stacks, &BTreeSet::new()).unwrap();
    (folder, environment, stacks)
}

fn prod() -> String {
    include_str!("../../environments/prod.yaml").to_owned()
}

/// Edits the lock, which has the same effect as the opposite edit of the templates.
fn edit(environment: &Environment, from: &str, to: &str) {
    let path = environment.lock.as_ref().unwrap();
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "`{from}` is not in {text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn refusal(environment: &Environment, stacks: &[Stack]) -> String {
    let text = lock::check(environment, stacks).unwrap_err().to_string();
    let file = environment
        .lock
        .as_ref()
        .unwrap()
        .with_file_name("prod.yaml");
    let text = text.replace(file.to_str().unwrap(), "FILE");
    // Line numbers change with every edit of the platform.
    let parts = text.split(".rs:").map(ToOwned::to_owned);
    parts
        .reduce(|before, after| {
            format!(
                "{before}.rs:N{}",
                after.trim_start_matches(char::is_numeric)
            )
        })
        .unwrap()
}

#[test]
fn every_committed_lock_is_up_to_date_and_an_ephemeral_environment_has_none() {
    let mut checked = 0;
    for name in Environment::known() {
        let environment = Environment::load(name).unwrap();
        lock::check(&environment, &stacks(&environment)).unwrap();
        checked += usize::from(environment.lock.is_some());
    }
    assert_eq!(checked, 1);
}

#[test]
fn an_environment_given_by_name_is_named_in_the_error() {
    let prod = Environment::load("prod").unwrap();
    let stacks = stacks(&prod);
    let half = &stacks[..1];
    let refused = lock::write(&prod, half, &BTreeSet::new())
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("`stack synth prod --accept-replace "),
        "{refused}"
    );
}

#[test]
fn everything_that_holds_data_is_of_a_type_whose_create_only_properties_are_known() {
    for environment in environments() {
        for stack in stacks(&environment) {
            for held in stack.template.stateful() {
                assert!(
                    cfn::create_only(held.kind).is_some(),
                    "add {} to .ci/create_only.py",
                    held.kind
                );
            }
        }
    }
}

#[test]
fn what_was_written_passes_and_is_written_again_as_the_same_bytes() {
    let (_folder, environment, stacks) = locked(&prod());
    lock::check(&environment, &stacks).unwrap();
    let path = environment.lock.as_ref().unwrap();
    let before = fs::read(path).unwrap();
    lock::write(&environment, &stacks, &BTreeSet::new()).unwrap();
    assert_eq!(fs::read(path).unwrap(), before);
}

#[test]
fn another_name_another_key_another_type_and_a_missing_resource_are_refused_with_what_and_where() {
    let (_folder, environment, stacks) = locked(&prod());
    edit(
        &environment,
        "riverhouse-prod-customer",
        "riverhouse-prod-client",
    );
    edit(
        &environment,
        "AttributeName: InvoiceNo",
        "AttributeName: Number",
    );
    edit(
        &environment,
        "type: AWS::Kinesis::Stream",
        "type: AWS::SQS::Queue",
    );
    edit(&environment, "QueueKey:", "OldKey:");
    insta::assert_snapshot!(refusal(&environment, &stacks));
}

#[test]
fn another_name_of_the_environment_would_lose_everything() {
    let (folder, ..) = locked(&prod());
    let file = folder.path().join("prod.yaml");
    fs::write(&file, prod().replace("name: prod", "name: shop")).unwrap();
    let renamed = Environment::load(file.to_str().unwrap()).unwrap();
    let refused = refusal(&renamed, &stacks(&renamed));
    assert!(refused.lines().count() > 15, "{refused}");
    assert!(
        refused.contains("`RawBucket` of `lake` is replaced, because BucketName"),
        "{refused}"
    );
}

#[test]
fn a_resource_that_is_not_locked_yet_is_asked_for() {
    let (_folder, environment, stacks) = locked(&prod());
    fs::remove_file(environment.lock.as_ref().unwrap()).unwrap();
    let refused = refusal(&environment, &stacks);
    let last = refused.lines().last().unwrap();
    insta::assert_snapshot!(last, @"run `stack synth FILE --write-lock` and commit the lock");
    assert!(
        refused.contains("`LoadTable` of `lake` is new, type AWS::DynamoDB::Table"),
        "{refused}"
    );
}

#[test]
fn a_loss_is_accepted_by_name_alone_and_only_where_there_is_one() {
    let (_folder, environment, stacks) = locked(&prod());
    edit(
        &environment,
        "riverhouse-prod-customer",
        "riverhouse-prod-client",
    );
    edit(
        &environment,
        "riverhouse-prod-invoice",
        "riverhouse-prod-bill",
    );
    let write = |ids: &[&str]| {
        let accepted = ids.iter().map(|&id| id.to_owned()).collect();
        lock::write(&environment, &stacks, &accepted)
    };
    let refused = write(&["CustomerTable"]).unwrap_err().to_string();
    assert!(
        refused.contains("`InvoiceTable`") && !refused.contains("`CustomerTable`"),
        "{refused}"
    );
    insta::assert_snapshot!(write(&["LoadTable"]).unwrap_err(), @"`LoadTable` is not replaced: remove `--accept-replace LoadTable`");
    write(&["CustomerTable", "InvoiceTable"]).unwrap();
    lock::check(&environment, &stacks).unwrap();
}

#[test]
fn an_invalid_lock_is_an_error() {
    let (_folder, environment, stacks) = locked(&prod());
    fs::write(environment.lock.as_ref().unwrap(), "lake: [").unwrap();
    let refused = lock::check(&environment, &stacks).unwrap_err().to_string();
    assert!(
        refused.ends_with("is not valid: restore it from git"),
        "{refused}"
    );
}

#[test]
fn an_ephemeral_environment_has_no_lock_to_write() {
    let dev = Environment::load("dev").unwrap();
    let refused = lock::write(&dev, &stacks(&dev), &BTreeSet::new()).unwrap_err();
    insta::assert_snapshot!(refused, @"environment `dev` is ephemeral, so it has no lock: remove `--write-lock` and `--accept-replace`");
}
