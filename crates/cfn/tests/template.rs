//! Tests of rendered templates.

use cfn::resources::apigateway::{Deployment, RestApi, Route};
use cfn::resources::iam::Role;
use cfn::resources::kinesis::{Capacity, RetentionHours, Stream};
use cfn::{Name, Profile, Suppression, Template, Tool};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn role(name: &'static str) -> Role {
    Role {
        name: Name::literal(name),
        description: "for tests",
        trusted: &["lambda.amazonaws.com"],
    }
}

fn stream(capacity: Capacity, profile: Profile) -> Stream {
    Stream {
        name: Name::literal("events"),
        capacity,
        retention: RetentionHours::DAY,
        profile,
    }
}

#[test]
fn an_on_demand_stream_has_no_shard_count() {
    let mut template = Template::new("one stream");
    template.add(
        "EventStream",
        &stream(Capacity::OnDemand, Profile::Ephemeral),
    );
    insta::assert_snapshot!(template.to_yaml(), @r#"
    AWSTemplateFormatVersion: "2010-09-09"
    Description: one stream
    Resources:
      EventStream:
        Type: AWS::Kinesis::Stream
        DeletionPolicy: Delete
        UpdateReplacePolicy: Delete
        Properties:
          Name: events
          RetentionPeriodHours: 24
          StreamEncryption:
            EncryptionType: KMS
            KeyId: alias/aws/kinesis
          StreamModeDetails:
            StreamMode: ON_DEMAND
    "#);
}

#[test]
fn production_retains_data_unless_the_creation_failed() {
    let mut template = Template::new("one stream");
    template.add(
        "EventStream",
        &stream(Capacity::Provisioned { shards: 2 }, Profile::Production),
    );
    template.add("Role", &role("r"));
    insta::assert_snapshot!(template.to_yaml(), @r#"
    AWSTemplateFormatVersion: "2010-09-09"
    Description: one stream
    Resources:
      EventStream:
        Type: AWS::Kinesis::Stream
        DeletionPolicy: RetainExceptOnCreate
        UpdateReplacePolicy: Retain
        Properties:
          Name: events
          RetentionPeriodHours: 24
          ShardCount: 2
          StreamEncryption:
            EncryptionType: KMS
            KeyId: alias/aws/kinesis
          StreamModeDetails:
            StreamMode: PROVISIONED
      Role:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument:
            Statement:
            - Action: sts:AssumeRole
              Effect: Allow
              Principal:
                Service: lambda.amazonaws.com
            Version: "2012-10-17"
          Description: for tests
          RoleName: r
    "#);
    assert!(template.is_stateful("EventStream"));
    assert!(!template.is_stateful("Role"));
}

#[test]
fn only_taggable_resources_are_tagged() {
    let tags = BTreeMap::from([("owner".to_owned(), "shop".to_owned())]);
    let mut template = Template::new("tagged").tagged(tags);
    let api = template.add(
        "Api",
        &RestApi {
            name: Name::literal("api"),
            description: "",
            binary_media_types: &[],
        },
    );
    template.add(
        "Path",
        &Route {
            api: api.api_id(),
            parent: api.root(),
            part: "events",
        },
    );
    insta::assert_snapshot!(template.to_yaml(), @r#"
    AWSTemplateFormatVersion: "2010-09-09"
    Description: tagged
    Resources:
      Api:
        Type: AWS::ApiGateway::RestApi
        Properties:
          Description: ""
          EndpointConfiguration:
            Types:
            - REGIONAL
          Name: api
          Tags:
          - Key: owner
            Value: shop
      Path:
        Type: AWS::ApiGateway::Resource
        Properties:
          ParentId:
            "Fn::GetAtt":
            - Api
            - RootResourceId
          PathPart: events
          RestApiId:
            Ref: Api
    "#);
}

#[test]
fn a_suppression_is_written_for_its_tool_and_with_its_reason() {
    let mut template = Template::new("suppressed");
    let role = template.add("Role", &role("r"));
    for (tool, rule) in [
        (Tool::Checkov, "CKV_AWS_1"),
        (Tool::CfnLint, "W1"),
        (Tool::Guard, "G_1"),
        (Tool::Guard, "G_2"),
    ] {
        template.suppress(
            &role,
            Suppression {
                tool,
                rule,
                reason: "a test",
            },
        );
    }
    insta::assert_snapshot!(template.to_yaml(), @r#"
    AWSTemplateFormatVersion: "2010-09-09"
    Description: suppressed
    Resources:
      Role:
        Type: AWS::IAM::Role
        Metadata:
          Suppressions:
          - Rule: W1
            Reason: a test
          - Rule: G_1
            Reason: a test
          - Rule: G_2
            Reason: a test
          cfn-lint:
            config:
              ignore_checks:
              - W1
          checkov:
            skip:
            - id: CKV_AWS_1
              comment: a test
          guard:
            SuppressedRules:
            - G_1
            - G_2
        Properties:
          AssumeRolePolicyDocument:
            Statement:
            - Action: sts:AssumeRole
              Effect: Allow
              Principal:
                Service: lambda.amazonaws.com
            Version: "2012-10-17"
          Description: for tests
          RoleName: r
    "#);
}

#[test]
fn a_snapshot_gets_a_new_id_exactly_when_a_part_changes() {
    let with_path = |part| {
        let mut template = Template::new("api");
        let api = template.add(
            "Api",
            &RestApi {
                name: Name::literal("api"),
                description: "",
                binary_media_types: &[],
            },
        );
        let path = template.add(
            "Path",
            &Route {
                api: api.api_id(),
                parent: api.root(),
                part,
            },
        );
        let parts = BTreeSet::from([path.id().to_owned()]);
        template
            .add_snapshot("Deployment", &Deployment { api: api.api_id() }, &parts)
            .id()
            .to_owned()
    };
    assert_eq!(with_path("events"), with_path("events"));
    assert_ne!(with_path("events"), with_path("orders"));
    assert!(with_path("events").starts_with("Deployment"));
}

#[test]
fn the_source_of_a_resource_is_the_line_that_added_it() {
    let mut template = Template::new("located");
    let line = line!() + 1;
    template.add("Role", &role("r"));
    let source = template.source("Role").unwrap();
    assert_eq!(
        (source.file().ends_with("template.rs"), source.line()),
        (true, line)
    );
    assert!(!template.to_yaml().contains("template.rs"));
    assert!(template.source("Other").is_none());
}

#[test]
#[should_panic(expected = "`Role` is already in the template")]
fn an_id_is_taken_once() {
    let mut template = Template::new("twice");
    template.add("Role", &role("a"));
    template.add("Role", &role("b"));
}

#[test]
#[should_panic(expected = "logical id `My-Role` must be ASCII letters and digits")]
fn an_id_is_letters_and_digits() {
    Template::new("hyphen").add("My-Role", &role("a"));
}

#[test]
#[should_panic(expected = "parameter `Name` is already in the template")]
fn a_parameter_name_is_used_once() {
    let mut template = Template::new("twice");
    let _ = template.parameter::<String>("Name", "first");
    let _ = template.parameter::<String>("Name", "second");
}

const IDS: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

proptest! {
    #[test]
    fn the_order_of_additions_does_not_change_the_template(order in Just(IDS.to_vec()).prop_shuffle()) {
        let render = |ids: &[&'static str]| {
            let mut template = Template::new("ordered");
            for id in ids {
                template.add(id, &role(id));
            }
            (template.to_yaml(), template.to_json())
        };
        prop_assert_eq!(render(&order), render(&IDS));
    }

    #[test]
    fn yaml_and_json_say_the_same_whatever_a_text_holds(text in "\\PC{0,40}|yes|no|2012-10-17|0x1F|1_000|~|null|.*") {
        let mut template = Template::new("texts");
        template.output("Text", "any", &cfn::Val::<String>::literal(text.clone()));
        let from_yaml: serde_json::Value = serde_yaml::from_str(&template.to_yaml()).unwrap();
        let from_json: serde_json::Value = serde_json::from_str(&template.to_json()).unwrap();
        prop_assert_eq!(&from_yaml, &from_json);
        prop_assert_eq!(from_json["Outputs"]["Text"]["Value"].as_str(), Some(text.as_str()));
        let pretty: serde_json::Value = serde_json::from_str(&template.to_json_pretty()).unwrap();
        prop_assert_eq!(pretty, from_yaml);
    }
}
