//! Tests of the warehouse stack, for every kind of warehouse.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helper fails by panicking, as a test does"
)]

use std::collections::BTreeSet;

use serde_json::Value;
use stack::environment::{Environment, Warehouse};
use stack::platform::{StackKind, stacks};

use crate::reading::{WAREHOUSES, beside, difference, environments, rendered, resources, yaml};

/// Returns the properties of every resource of `kind` in the warehouse stack of `environment`.
fn all(environment: &Environment, kind: &str) -> Vec<Value> {
    let template = rendered(environment, StackKind::Warehouse);
    resources(&template)
        .filter(|(_, resource)| resource["Type"] == kind)
        .map(|(_, resource)| resource["Properties"].clone())
        .collect()
}

fn on_aws() -> impl Iterator<Item = Environment> {
    environments().into_iter().filter(|it| !it.is_local())
}

fn setting<'a>(list: &'a Value, name: &str, key: [&str; 2]) -> &'a Value {
    let mut settings = list.as_array().unwrap().iter();
    &settings.find(|it| it[key[0]] == name).unwrap()[key[1]]
}

#[test]
fn the_warehouses_of_each_kind_are_these() {
    let [dev, prod] = ["dev", "prod"].map(|name| Environment::load(name).unwrap());
    for environment in [&dev, &prod] {
        insta::assert_snapshot!(
            format!("{}-warehouse", environment.name),
            yaml(environment, StackKind::Warehouse)
        );
    }
    for environment in WAREHOUSES.map(beside) {
        let base = match environment.warehouse {
            Warehouse::Serverless { .. } => &dev,
            _ => &prod,
        };
        insta::assert_snapshot!(
            format!("{}-warehouse", environment.name),
            difference(base, &environment, StackKind::Warehouse)
        );
    }
}

#[test]
fn lake_and_warehouse_have_no_parameters_and_only_aws_has_a_warehouse_and_monitoring() {
    for environment in environments() {
        let stacks = stacks(&environment);
        let kinds: Vec<_> = stacks.iter().map(|stack| stack.kind).collect();
        if environment.is_local() {
            assert_eq!(kinds, [StackKind::Lake, StackKind::Pipeline]);
        } else {
            assert_eq!(kinds, StackKind::OF_ENVIRONMENT);
        }
        for stack in stacks.iter().filter(|it| !it.kind.takes_values()) {
            assert_eq!(stack.template.parameters().count(), 0, "{}", stack.name);
        }
    }
}

#[test]
fn every_warehouse_outputs_what_the_deployer_and_analysts_need() {
    for environment in environments().iter().filter(|it| !it.is_local()) {
        let stack = stacks(environment)
            .into_iter()
            .find(|it| it.kind == StackKind::Warehouse);
        let outputs: BTreeSet<_> = stack.unwrap().template.outputs().collect();
        for asked in [
            "WarehouseAdminSecretArn",
            "WarehouseTableauSecretArn",
            "WarehouseHost",
            "WarehousePort",
            "WarehouseDatabase",
            "WarehouseCopyRoleArn",
        ] {
            assert!(outputs.contains(asked), "{}: {asked}", environment.name);
        }
        let cluster = outputs.contains("WarehouseClusterIdentifier");
        assert_ne!(
            cluster,
            outputs.contains("WarehouseWorkgroup"),
            "{}",
            environment.name
        );
    }
}

#[test]
fn every_cluster_follows_the_policy_packs() {
    let mut clusters = 0;
    for environment in on_aws() {
        for cluster in all(&environment, "AWS::Redshift::Cluster") {
            clusters += 1;
            let name = &environment.name;
            for must in [
                "Encrypted",
                "EnhancedVpcRouting",
                "ManageMasterPassword",
                "AllowVersionUpgrade",
            ] {
                assert_eq!(cluster[must], true, "{name}: {must}");
            }
            assert!(cluster["MasterUserPassword"].is_null(), "{name}");
            assert_eq!(cluster["KmsKeyId"], cluster["MasterPasswordSecretKmsKeyId"]);
            assert_ne!(cluster["MasterUsername"], "awsuser");
            assert_ne!(cluster["Port"], 5439);
            assert!(cluster["LoggingProperties"]["BucketName"].is_object());
            assert!(cluster["PreferredMaintenanceWindow"].is_string());
            let production = environment.profile == stack::environment::Profile::Production;
            let days = cluster["AutomatedSnapshotRetentionPeriod"]
                .as_u64()
                .unwrap();
            assert!(days >= if production { 7 } else { 1 }, "{name}: {days}");
        }
        for group in all(&environment, "AWS::Redshift::ClusterParameterGroup") {
            for must in ["require_ssl", "enable_user_activity_logging"] {
                let key = ["ParameterName", "ParameterValue"];
                assert_eq!(setting(&group["Parameters"], must, key), "true");
            }
            let key = ["ParameterName", "ParameterValue"];
            let queues = setting(&group["Parameters"], "wlm_json_configuration", key)
                .as_str()
                .unwrap();
            assert!(queues.contains(r#""action":"abort""#), "{queues}");
        }
    }
    assert!(clusters >= 4, "{clusters} clusters");
}

#[test]
fn every_workgroup_requires_tls_and_no_template_contains_its_password() {
    let mut workgroups = 0;
    for environment in on_aws() {
        for workgroup in all(&environment, "AWS::RedshiftServerless::Workgroup") {
            workgroups += 1;
            for must in ["require_ssl", "enable_user_activity_logging"] {
                let key = ["ParameterKey", "ParameterValue"];
                assert_eq!(setting(&workgroup["ConfigParameters"], must, key), "true");
            }
            let key = ["ParameterKey", "ParameterValue"];
            let limit = setting(
                &workgroup["ConfigParameters"],
                "max_query_execution_time",
                key,
            );
            assert_eq!(limit, "3600");
            assert_eq!(workgroup["EnhancedVpcRouting"], true);
            assert_eq!(workgroup["SubnetIds"].as_array().unwrap().len(), 3);
        }
        for namespace in all(&environment, "AWS::RedshiftServerless::Namespace") {
            let password = namespace["AdminUserPassword"]["Fn::Sub"].as_str().unwrap();
            assert!(
                password.starts_with("{{resolve:secretsmanager:${AdminSecret}"),
                "{password}"
            );
            assert!(namespace["KmsKeyId"].is_object());
            assert_eq!(namespace["LogExports"].as_array().unwrap().len(), 3);
        }
    }
    assert!(workgroups >= 4, "{workgroups} workgroups");
}

#[test]
fn a_warehouse_is_public_only_by_choice_and_never_for_every_address() {
    for environment in on_aws() {
        let name = environment.name.as_ref();
        let public = environment.warehouse.public_clients();
        let warehouses = [
            "AWS::Redshift::Cluster",
            "AWS::RedshiftServerless::Workgroup",
        ]
        .map(|kind| all(&environment, kind))
        .concat();
        assert_eq!(warehouses.len(), 1, "{name}");
        assert_eq!(
            warehouses[0]["PubliclyAccessible"],
            public.is_some(),
            "{name}"
        );
        let ways_out = all(&environment, "AWS::EC2::InternetGateway").len();
        assert_eq!(ways_out, usize::from(public.is_some()), "{name}");
        for group in all(&environment, "AWS::EC2::SecurityGroup") {
            let ingress = group["SecurityGroupIngress"]
                .as_array()
                .into_iter()
                .flatten();
            for rule in ingress {
                assert_ne!(rule["CidrIp"], "0.0.0.0/0", "{name}");
                assert_eq!(rule["FromPort"], 5440, "{name}");
                assert_eq!(rule["ToPort"], 5440, "{name}");
            }
        }
    }
}

#[test]
fn an_own_network_has_a_flow_log_and_no_paid_gateway_or_endpoint() {
    for environment in on_aws() {
        let own = all(&environment, "AWS::EC2::VPC").len();
        assert_eq!(all(&environment, "AWS::EC2::FlowLog").len(), own);
        assert_eq!(all(&environment, "AWS::EC2::Subnet").len(), 3 * own);
        assert!(all(&environment, "AWS::EC2::NatGateway").is_empty());
        for endpoint in all(&environment, "AWS::EC2::VPCEndpoint") {
            assert_eq!(endpoint["VpcEndpointType"], "Gateway");
        }
    }
}
