//! Tests of the templates of every environment.

#[path = "rendered/catalog.rs"]
mod catalog;
#[path = "rendered/dashboard.rs"]
mod dashboard;
#[path = "rendered/locked.rs"]
mod locked;
#[path = "rendered/policy.rs"]
mod policy;
#[path = "rendered/reading.rs"]
mod reading;
#[path = "rendered/runbook.rs"]
mod runbook;
#[path = "rendered/settings.rs"]
mod settings;
#[path = "rendered/warehouse.rs"]
mod warehouse;

use std::collections::{BTreeMap, BTreeSet};

use reading::{
    allowances, beside, difference, edited, environments, references, rendered, resources, spelled,
    templates, yaml,
};
use stack::environment::Environment;
use stack::function::FUNCTIONS;
use stack::platform::{Names, StackKind, account_stack, stacks};

/// The parameters whose values `deploy` provides on this machine, which has no warehouse stack.
const LOCAL_WAREHOUSE: [&str; 3] = [
    "WarehouseClusterIdentifier",
    "WarehouseCopyRoleArn",
    "WarehouseDatabase",
];

/// The maximum size of a template in a request to CloudFormation.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const MAX_TEMPLATE_BYTES: usize = 51_200;
/// Bytes that stay free in each template, for the tags of an environment.
const RESERVE_BYTES: usize = 3_000;

#[test]
fn the_templates_of_each_kind_of_environment_are_these() {
    for kind in [StackKind::Lake, StackKind::Pipeline, StackKind::Monitoring] {
        let local = (kind != StackKind::Monitoring).then_some("local");
        for name in local.into_iter().chain(["ci", "prod"]) {
            let environment = Environment::load(name).unwrap();
            // Local binaries have the architecture of this machine.
            let yaml = yaml(&environment, kind).replace("x86_64", "arm64");
            insta::assert_snapshot!(format!("{name}-{}", kind.as_str()), yaml);
        }
        for (name, base) in [("cluster", "ci"), ("keyed", "prod")] {
            let base = Environment::load(base).unwrap();
            insta::assert_snapshot!(
                format!("{name}-{}", kind.as_str()),
                difference(&base, &beside(name), kind)
            );
        }
    }
}

#[test]
fn the_stack_of_the_account_is_this_whatever_the_environment() {
    let of = |name| account_stack(&Environment::load(name).unwrap());
    let stack = of("prod");
    assert_eq!(stack.name.as_ref(), "riverhouse-account");
    assert_eq!(stack.template.to_json(), of("dev").template.to_json());
    insta::assert_snapshot!("account", stack.template.to_yaml());
}

#[test]
fn a_hundred_renderings_are_the_same_bytes() {
    let environment = Environment::load("prod").unwrap();
    let render = || {
        let all = stacks(&environment).into_iter();
        all.map(|stack| stack.template.to_yaml() + &stack.template.to_json())
            .collect::<String>()
    };
    assert_eq!((0..100).map(|_| render()).collect::<BTreeSet<_>>().len(), 1);
}

#[test]
fn each_template_fits_into_a_request() {
    for environment in environments() {
        for stack in stacks(&environment) {
            let bytes = stack.template.to_json().len();
            assert!(
                bytes + RESERVE_BYTES <= MAX_TEMPLATE_BYTES,
                "{}: {bytes} bytes",
                stack.name
            );
        }
    }
}

#[test]
fn every_parameter_is_given_once_by_the_lake_the_warehouse_or_a_key_of_code() {
    for environment in environments() {
        let stacks = stacks(&environment);
        let (later, base): (Vec<_>, Vec<_>) =
            stacks.iter().partition(|stack| stack.kind.takes_values());
        let given = base.iter().flat_map(|stack| stack.template.outputs());
        let code = FUNCTIONS.map(|function| function.ids.code_key);
        let local: &[_] = if environment.is_local() {
            &LOCAL_WAREHOUSE
        } else {
            &[]
        };
        let filled: Vec<_> = given.chain(code).chain(local.iter().copied()).collect();
        for parameter in later.iter().flat_map(|it| it.template.parameters()) {
            let times = filled.iter().filter(|name| **name == parameter).count();
            assert_eq!(times, 1, "{}: {parameter}", environment.name);
        }
    }
}

#[test]
fn every_reference_is_in_its_template_and_every_parameter_is_used() {
    for (name, template) in templates() {
        let parameters = template["Parameters"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        let known: BTreeSet<_> = resources(&template)
            .map(|(id, _)| id.clone())
            .chain(parameters.keys().cloned())
            .collect();
        let used = references(&template);
        assert_eq!(
            used.difference(&known).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{name}"
        );
        let unused: Vec<_> = parameters.keys().filter(|id| !used.contains(*id)).collect();
        assert!(unused.is_empty(), "{name}: {unused:?}");
        for (id, resource) in resources(&template) {
            let first = resource["DependsOn"].as_array().into_iter().flatten();
            assert!(
                first.clone().all(|it| known.contains(it.as_str().unwrap())),
                "{name}: {id}"
            );
        }
    }
}

#[test]
fn no_policy_has_a_wildcard_without_a_reason() {
    let mut stars = BTreeMap::new();
    for (name, template) in templates() {
        for (id, resource) in resources(&template) {
            for statement in allowances(resource) {
                let account = statement["Sid"] == "Account" && resource["Type"] == "AWS::KMS::Key";
                let wide = spelled(&statement["Action"])
                    .iter()
                    .any(|action| action.contains('*'));
                assert!(account || !wide, "{name}: {id}: {statement}");
                for pattern in spelled(&statement["Resource"])
                    .into_iter()
                    .filter(|it| it.contains('*'))
                {
                    let reason = resource["Metadata"]["Wildcards"][&pattern][0].as_str();
                    assert!(reason.is_some(), "{name}: {id}: {pattern}");
                    stars.insert(pattern, reason.unwrap().to_owned());
                }
            }
        }
    }
    assert!(
        stars.contains_key("*") && stars.len() > 5,
        "the test looks past the rights: {stars:?}"
    );
}

#[test]
fn data_is_deleted_with_an_ephemeral_environment_and_kept_in_production() {
    for (name, deletion, replacement) in [
        ("ci", "Delete", "Delete"),
        ("prod", "RetainExceptOnCreate", "Retain"),
    ] {
        let environment = Environment::load(name).unwrap();
        for stack in stacks(&environment) {
            let template = rendered(&environment, stack.kind);
            for (id, resource) in
                resources(&template).filter(|(id, _)| stack.template.is_stateful(id))
            {
                // A cluster is deleted after a final snapshot.
                let (deletion, replacement) = match resource["Type"].as_str().unwrap() {
                    "AWS::Redshift::Cluster" if name == "prod" => ("Snapshot", "Snapshot"),
                    _ => (deletion, replacement),
                };
                assert_eq!(resource["DeletionPolicy"], deletion, "{id}");
                assert_eq!(resource["UpdateReplacePolicy"], replacement, "{id}");
            }
        }
        let stateful = |kind: &str| {
            let stacks = stacks(&environment);
            stacks
                .iter()
                .flat_map(|stack| stack.template.resources().map(move |it| (stack, it)))
                .filter(|(_, (_, found))| *found == kind)
                .map(|(stack, (id, _))| stack.template.is_stateful(id))
                .collect::<Vec<_>>()
        };
        assert_eq!(stateful("AWS::DynamoDB::Table"), [true; 3]);
        assert_eq!(stateful("AWS::S3::Bucket"), [true; 5]);
        assert_eq!(stateful("AWS::SQS::Queue"), [true; 5]);
        assert_eq!(stateful("AWS::KMS::Key"), [true; 3]);
        let warehouse = [
            "AWS::Redshift::Cluster",
            "AWS::RedshiftServerless::Namespace",
        ];
        assert_eq!(warehouse.map(stateful).concat(), [true]);
        assert!(stateful("AWS::SecretsManager::Secret").iter().all(|it| *it));
        assert_eq!(stateful("AWS::Kinesis::Stream"), [true]);
        assert!(stateful("AWS::Lambda::Function").iter().all(|it| !it));
    }
}

#[test]
fn on_aws_every_bucket_queue_and_topic_asks_for_tls_and_on_loopback_none_does() {
    let guarded = |name: &str| {
        let template = rendered(&Environment::load(name).unwrap(), StackKind::Lake);
        let of = |kind: &str| {
            resources(&template)
                .filter(|(_, it)| it["Type"] == kind)
                .count()
        };
        let denials = template
            .to_string()
            .matches(r#""aws:SecureTransport":false"#)
            .count();
        let kinds = ["AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic"];
        (kinds.map(of).iter().sum::<usize>(), denials)
    };
    assert_eq!(guarded("prod"), (10, 10));
    assert_eq!(guarded("local"), (9, 0));
}

#[test]
fn the_longest_name_fits_the_shortest_limits() {
    let environment = environments().pop().unwrap();
    assert_eq!(environment.name.as_ref().len(), 16);
    let names = Names::of(&environment);
    for function in FUNCTIONS {
        assert!(names.function(function).len() <= 64);
    }
    for (_, bucket) in resources(&rendered(&environment, StackKind::Lake))
        .filter(|(_, it)| it["Type"] == "AWS::S3::Bucket")
    {
        let name = spelled(&bucket["Properties"]["BucketName"]).remove(0);
        let name = name
            .replace("${AWS::AccountId}", "123456789012")
            .replace("${AWS::Region}", "ap-southeast-1");
        assert!(name.len() <= 63, "{name}");
    }
    // The name of a cluster has at most 63 characters, that of a workgroup 64.
    assert!(names.plain("warehouse").len() <= 63);
    let door = edited(
        &include_str!("environments/endpoint.yaml")
            .replace("name: endpoint", &format!("name: {}", environment.name)),
    );
    let door = &rendered(&door, StackKind::Warehouse)["Resources"]["Endpoint"]["Properties"];
    assert!(door["EndpointName"].as_str().unwrap().len() <= 30);
}

#[test]
fn a_changed_api_gets_a_new_deployment_and_a_changed_stage_setting_does_not() {
    let deployment = |environment: &Environment| {
        let template = rendered(environment, StackKind::Pipeline);
        resources(&template)
            .map(|(id, _)| id.clone())
            .find(|id| id.starts_with("ApiDeployment"))
            .unwrap()
    };
    let prod = include_str!("../environments/prod.yaml");
    let before = deployment(&edited(prod));
    assert_eq!(
        deployment(&edited(&prod.replace("tracing: true", "tracing: false"))),
        before
    );
    assert_ne!(
        deployment(&edited(&prod.replace("auth: iam", "auth: api_key"))),
        before
    );
}

#[test]
fn a_resource_is_declared_in_the_file_of_its_stage() {
    let environment = Environment::load("prod").unwrap();
    let declared = |id: &str| {
        let stacks = stacks(&environment);
        let source = stacks
            .iter()
            .find_map(|stack| stack.template.source(id))
            .unwrap();
        source.file().rsplit('/').next().unwrap().to_owned()
    };
    let stages = [
        ("StoreFunction", "store.rs"),
        ("RawBucket", "store.rs"),
        ("EventStream", "stream.rs"),
        ("TransformQueue", "transform.rs"),
        ("LoadRole", "load.rs"),
        ("QueryFunction", "query.rs"),
        ("IngestPolicy", "ingest.rs"),
        ("PostEvents", "api.rs"),
        ("WarehouseCluster", "cluster.rs"),
        ("FirstSubnet", "network.rs"),
        ("HistoryPolicy", "catalog.rs"),
        ("ReconcileSchedule", "reconcile.rs"),
        ("StoreLate", "alarm.rs"),
    ];
    for (id, file) in stages {
        assert_eq!(declared(id), file, "{id}");
    }
}

#[test]
fn two_environments_on_one_machine_share_no_name() {
    let names = |name: &str| {
        let environment = Environment::load(name).unwrap();
        let mut found = BTreeSet::new();
        for template in stacks(&environment)
            .iter()
            .map(|stack| rendered(&environment, stack.kind))
        {
            for (_, resource) in resources(&template) {
                let properties = resource["Properties"].as_object().unwrap().iter();
                let named = properties
                    .filter(|(key, _)| key.ends_with("Name"))
                    .map(|(_, value)| spelled(value));
                found.extend(named.flatten().filter(|name| name.contains("riverhouse-")));
            }
        }
        found
    };
    let (one, other) = (names("local"), names("local-blue"));
    assert!(one.len() > 20, "{one:?}");
    assert!(
        one.is_disjoint(&other),
        "{:?}",
        one.intersection(&other).collect::<Vec<_>>()
    );
}
