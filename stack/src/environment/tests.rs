//! Tests of environment files: what is accepted, and the message for what is not.

use super::read::read;
use super::*;

const PROD: &str = include_str!("../../environments/prod.yaml");
const DEV: &str = include_str!("../../environments/dev.yaml");
const LOCAL: &str = include_str!("../../environments/local.yaml");

/// The `warehouse` settings of `PROD`, without the key.
const CLUSTER: &str = "  cluster:
    node_type: ra3.large
    nodes: 2
    port: 5440
    network:
      own:
        cidr: 10.83.0.0/20
    access: private";
const OWN: &str = "own:
        cidr: 10.83.0.0/20";

/// A file, a text in it, and its replacement.
const WRONG: &[(&str, &str, &str)] = &[
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
    (LOCAL, "ttl: never", "ttl: soon"),
    (PROD, "profile: production", "profile:\n  ephemeral: {}"),
    (PROD, "pace: production", "pace: local"),
    (PROD, "auth: iam", "auth: none"),
    (PROD, CLUSTER, "  local"),
    (
        LOCAL,
        "profile:\n  ephemeral:\n    ttl: never",
        "profile: production",
    ),
    (PROD, "waf: managed", "waf: strict"),
    (PROD, "reserved: {}", "reserved: {load: 2}"),
    (PROD, "reserved: {}", "reserved: {store: 3}"),
    (PROD, "reserved: {}", "reserved: {query: 901}"),
    (PROD, "reserved: {}", "reserved: {report: 1}"),
    (
        PROD,
        "stream: on_demand",
        "stream:\n  provisioned:\n    shards: 101",
    ),
    (PROD, "alarms: topic", "alarms:\n  email: nobody"),
    (
        PROD,
        "profile: production",
        "profile:\n  ephemeral:\n    ttl: 4h",
    ),
    (LOCAL, "waf: none", "waf: managed"),
    (LOCAL, "alarms: none", "alarms: topic"),
    (LOCAL, "tags: {}", "tags: {}\ntags: {}"),
    (LOCAL, "api:", "api: ["),
];

/// The same for the key `warehouse`.
const WRONG_WAREHOUSES: &[(&str, &str, &str)] = &[
    (PROD, "ra3.large\n    nodes: 2", "ra3.4xlarge\n    nodes: 1"),
    (PROD, "nodes: 2", "nodes: 17"),
    (PROD, "port: 5440", "port: 5439"),
    (PROD, "port: 5440", "port: 3306"),
    (PROD, "    port: 5440\n", ""),
    (PROD, "access: private", "access: open"),
    (
        PROD,
        "access: private",
        "access: private\n    vpc: vpc-0a1b2c3d",
    ),
    (PROD, "own:", "mine:"),
    (PROD, "cidr: 10.83.0.0/20", "cidr: 10.83.0.0"),
    (PROD, "cidr: 10.83.0.0/20", "cidr: 10.83.1.0/20"),
    (PROD, "cidr: 10.83.0.0/20", "cidr: 10.83.0.0/25"),
    (
        PROD,
        OWN,
        "shared:\n        vpc: vpc-1\n        subnets: []",
    ),
    (
        PROD,
        OWN,
        "shared:\n        vpc: vpc-0a1b2c3d\n        subnets: [subnet-0a1b2c3d, subnet-0a1b2c3e]",
    ),
    (
        PROD,
        OWN,
        "shared:\n        vpc: vpc-0a1b2c3d\n        subnets: [subnet-0a1b2c3d, subnet-0a1b2c3d]",
    ),
    (
        PROD,
        OWN,
        "shared:\n        vpc: vpc-0a1b2c3d\n        subnets: [subnet-0a1b2c31, subnet-0a1b2c32, subnet-0a1b2c33]\n        security_group: default",
    ),
    (
        PROD,
        "access: private",
        "access:\n      public:\n        cidrs: [0.0.0.0/0]",
    ),
    (
        PROD,
        "access: private",
        "access:\n      public:\n        cidrs: []",
    ),
    (PROD, "access: private", "access:\n      public: {}"),
    (
        PROD,
        "access: private",
        "access:\n      public:\n        cidrs: [office]",
    ),
    (
        PROD,
        "access: private",
        "access:\n      endpoint:\n        vpc: vpc-0a1b2c3d\n        subnets: [subnet-1]\n        cidrs: [10.0.0.0/8]",
    ),
    (
        DEV,
        "access: private",
        "access:\n      endpoint:\n        vpc: vpc-0a1b2c3d\n        subnets: [subnet-0a1b2c3d]\n        cidrs: [10.0.0.0/8]",
    ),
    (
        LOCAL,
        "warehouse: local",
        "warehouse:\n  serverless:\n    base_rpu: 4\n    port: 5440\n    network:\n      own:\n        cidr: 10.0.0.0/20\n    access: private",
    ),
];

/// The error message for `text` after `from` was replaced by `to`.
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
fn invalid_settings_are_refused_with_line_key_and_what_is_allowed() {
    let refusals = WRONG.iter().map(|(text, from, to)| refusal(text, from, to));
    let refusals: Vec<_> = refusals.collect();
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn an_invalid_warehouse_is_refused_with_line_key_and_what_is_allowed() {
    let refusals = WRONG_WAREHOUSES
        .iter()
        .map(|(text, from, to)| refusal(text, from, to));
    let refusals: Vec<_> = refusals.collect();
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn the_networks_that_may_connect_over_the_internet_are_known_for_either_warehouse() {
    for file in [PROD, DEV] {
        let public = "access:\n      public:\n        cidrs: [203.0.113.0/24]";
        let environment = read("shop.yaml", &file.replace("access: private", public)).unwrap();
        let clients = environment.warehouse.public_clients().unwrap();
        assert_eq!(clients, ["203.0.113.0/24".parse().unwrap()]);
        let private = read("shop.yaml", file).unwrap();
        assert_eq!(private.warehouse.public_clients(), None);
    }
}

#[test]
fn an_unknown_name_is_answered_with_the_known_ones() {
    insta::assert_snapshot!(Environment::load("staging").unwrap_err(), @"no environment `staging`: use `local`, `dev`, `ci`, `prod`, a name that begins with `local-`, or the path of a file");
    insta::assert_snapshot!(Environment::load("nowhere/shop.yaml").unwrap_err(), @"cannot read the environment file `nowhere/shop.yaml`");
    insta::assert_snapshot!(Environment::load("local-Blue").unwrap_err(), @"`local-Blue` is not a valid environment name");
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
