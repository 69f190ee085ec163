//! An environment on AWS, with the emulator in place of AWS: its templates, and the commands that show it, stream to
//! it and destroy it.

mod account;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use account::Account;
use serde_json::{Value, json};

use crate::environment::Environment;

#[test]
fn lake_pipeline_and_monitoring_for_aws_deploy_on_the_emulator_and_are_destroyed_completely() {
    // Deploying the shared environment builds the functions.
    Environment::shared();
    let account = Account::start();
    let file = account.file();
    let file = file.to_str().unwrap();
    let refused = account.run(&["outputs", file]);
    let stderr = String::from_utf8_lossy(&refused.stderr);
    assert!(stderr.contains("run `stack deploy dev` first"), "{stderr}");

    account.stack(&["synth", file, "--out", ".", "--format", "json"]);
    let template = |name: &str| {
        account
            .folder
            .path()
            .join(format!("riverhouse-dev-{name}.json"))
    };
    let mut values = account.create("riverhouse-dev-lake", &template("lake"), &BTreeMap::new());
    values.extend(account.create(
        "riverhouse-dev-warehouse",
        &account.warehouse(&template("warehouse")),
        &BTreeMap::new(),
    ));
    values.extend(account.upload(&values["AssetsBucketName"]));
    let text = std::fs::read(template("pipeline")).unwrap();
    let pipeline: Value = serde_json::from_slice(&text).unwrap();
    let parameters = pipeline["Parameters"].as_object().unwrap().keys();
    let wanted = parameters
        .map(|name| (name.clone(), values[name].clone()))
        .collect();
    account.create("riverhouse-dev-pipeline", &template("pipeline"), &wanted);
    account.create(
        "riverhouse-dev-monitoring",
        &template("monitoring"),
        &BTreeMap::new(),
    );

    let outputs = account.json(&["outputs", file, "--json"]);
    assert_eq!(outputs["target"], "aws");
    assert_eq!(outputs["warehouse"]["workgroup_name"], "riverhouse-dev");
    account.stack(&["stream", "--synthetic", "200", "--env", file]);
    let raw = values["RawBucketName"].as_str();
    let deadline = Instant::now() + Duration::from_mins(1);
    while account.aws(&["s3api", "list-objects-v2", "--bucket", raw])["Contents"].is_null() {
        assert!(Instant::now() < deadline, "nothing came to `{raw}`");
        std::thread::sleep(Duration::from_millis(300));
    }
    let logs = account.stack(&["logs", file, "--function", "store"]);
    assert!(logs.contains(" store "), "{logs}");
    let listed = account.json(&["list", "--env", file, "--json"]);
    let listed = listed.as_array().unwrap().iter();
    let dev: Vec<_> = listed.filter(|it| it["target"] == "eu-west-1").collect();
    assert_eq!(dev.len(), 1, "{dev:?}");
    assert_eq!(dev[0]["environment"], "dev");
    goes_whole(&account, file, raw);
}

/// Destroys an environment whose bucket has object versions, a delete marker and an incomplete upload.
fn goes_whole(account: &Account, file: &str, raw: &str) {
    for _ in 0..2 {
        account.aws(&[
            "s3api",
            "put-object",
            "--bucket",
            raw,
            "--key",
            "twice",
            "--body",
            "dev.yaml",
        ]);
    }
    account.aws(&["s3api", "delete-object", "--bucket", raw, "--key", "twice"]);
    account.aws(&[
        "s3api",
        "create-multipart-upload",
        "--bucket",
        raw,
        "--key",
        "unfinished",
    ]);
    let destroyed = account.json(&["destroy", file, "--yes", "--json"]);
    assert_eq!(destroyed["outcome"], "destroyed");
    assert!(
        destroyed["emptied"][raw].as_u64().unwrap() > 4,
        "{destroyed}"
    );
    assert!(destroyed["leftovers"].is_null(), "{destroyed}");
    let buckets = account.aws(&["s3api", "list-buckets"]);
    assert_eq!(buckets["Buckets"], json!([]));
    let stacks = account.aws(&["cloudformation", "describe-stacks"]);
    assert_eq!(stacks["Stacks"], json!([]));
    let again = account.json(&["destroy", file, "--yes", "--json"]);
    assert_eq!(again["outcome"], "absent");
}
