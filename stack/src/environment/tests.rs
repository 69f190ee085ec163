//! What an environment file may say, and what it is told when it may not.

use super::read::read;
use super::*;

const PROD: &str = include_str!("../../environments/prod.yaml");
const LOCAL: &str = include_str!("../../environments/local.yaml");

/// A file, a text in it, and what is written in its place.
const WRONG: [(&str, &str, &str); 30] = [
    (PROD, "stream:", "strem:"),
    (PROD, "region: eu-west-1", "regoin: eu-west-1"),
    (PROD, "tracing: true\n", ""),
    (PROD, "tracing: true", "tracing: maybe"),
    (PROD, "auth: iam", "auth: password"),
    (PROD, "  aws:", "  gcp:"),
    (
        PROD,
        "stream: on_demand",
        "stream:\n  on_demand:\n    shards: 2",
    ),
    (
        PROD,
        "stream: on_demand",
        "stream:\n  provisioned:\n    shards: 0",
    ),
    (PROD, "name: prod", "name: Prod"),
    (PROD, "region: eu-west-1", "region: Ireland"),
    (
        PROD,
        "region: eu-west-1",
        "region: eu-west-1\n    account: \"12\"",
    ),
    (
        PROD,
        "region: eu-west-1",
        "region: eu-west-1\n    endpoint_url: localhost:4566",
    ),
    (PROD, "node_type: ra3.large", "node_type: dc2.large"),
    (PROD, "nodes: 2", "nodes: 0"),
    (PROD, "nodes: 2", "nodes: two"),
    (
        PROD,
        "  cluster:\n    node_type: ra3.large\n    nodes: 2",
        "  serverless:\n    base_rpu: 12",
    ),
    (PROD, "burst: 4000", "burst: 9000"),
    (PROD, "load_seconds: 300", "load_seconds: 0"),
    (PROD, "log_retention_days: 365", "log_retention_days: 366"),
    (PROD, "owner: platform", "environment: other"),
    (PROD, "owner: platform", "\"aws:owner\": platform"),
    (
        PROD,
        "profile: production",
        "profile:\n  ephemeral:\n    ttl: soon",
    ),
    (PROD, "profile: production", "profile:\n  ephemeral: {}"),
    (PROD, "pace: production", "pace: local"),
    (PROD, "auth: iam", "auth: none"),
    (
        PROD,
        "  cluster:\n    node_type: ra3.large\n    nodes: 2",
        "  local",
    ),
    (
        LOCAL,
        "profile:\n  ephemeral:\n    ttl: never",
        "profile: production",
    ),
    (
        LOCAL,
        "warehouse: local",
        "warehouse:\n  serverless:\n    base_rpu: 4",
    ),
    (LOCAL, "tags: {}", "tags: {}\ntags: {}"),
    (LOCAL, "api:", "api: ["),
];

/// What is said of `text` after `from` was replaced with `to`.
fn refusal(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "`{from}` is not in the file");
    read("shop.yaml", &text.replacen(from, to, 1))
        .unwrap_err()
        .to_string()
}

#[test]
fn every_built_in_file_is_named_for_its_environment() {
    for name in Environment::known() {
        let environment = Environment::load(name).unwrap();
        assert_eq!(environment.name.as_ref(), name);
        assert_eq!(environment.tags["environment"], name);
        assert_eq!(environment.is_local(), name == "local");
    }
}

#[test]
fn what_does_not_make_sense_is_refused_with_line_key_and_what_is_allowed() {
    let refusals = WRONG.map(|(text, from, to)| refusal(text, from, to));
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn an_unknown_name_is_told_the_known_ones() {
    insta::assert_snapshot!(Environment::load("staging").unwrap_err(), @"no environment `staging`: use `local`, `dev`, `ci`, `prod`, a name that begins with `local-`, or the path of a file");
    insta::assert_snapshot!(Environment::load("nowhere/shop.yaml").unwrap_err(), @"cannot read the environment file `nowhere/shop.yaml`");
    insta::assert_snapshot!(Environment::load("local-Blue").unwrap_err(), @"`local-Blue` cannot be an environment's name");
}

#[test]
fn a_name_after_local_is_another_environment_on_this_machine() {
    let blue = Environment::load("local-blue").unwrap();
    let mut local = Environment::load("local").unwrap();
    assert_eq!(blue.name.as_ref(), "local-blue");
    assert_eq!(blue.tags["environment"], "local-blue");
    local.name = blue.name.clone();
    local.tags.clone_from(&blue.tags);
    assert_eq!(blue, local);
}

#[test]
fn a_file_anywhere_is_an_environment() {
    let file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    std::fs::write(file.path(), PROD.replace("name: prod", "name: shop")).unwrap();
    let shop = Environment::load(file.path().to_str().unwrap()).unwrap();
    assert_eq!(shop.name.as_ref(), "shop");
    assert_eq!(shop.profile, Profile::Production);
}

#[test]
fn functions_run_on_arm64_unless_the_file_says_otherwise() {
    use cfn::resources::lambda::Architecture;
    let read_with = |line: &str| {
        let region = "region: eu-west-1";
        read(
            "prod.yaml",
            &PROD.replace(region, &format!("{region}{line}")),
        )
    };
    assert_eq!(read_with("").unwrap().architecture(), Architecture::Arm64);
    let x86 = read_with("\n    architecture: x86_64").unwrap();
    assert_eq!(x86.architecture(), Architecture::X86);
    assert!(read_with("\n    architecture: sparc").is_err());
    assert_eq!(
        read("local.yaml", LOCAL).unwrap().architecture(),
        Architecture::host()
    );
}
