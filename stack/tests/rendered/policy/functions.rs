//! Rules for functions, their callers and their permissions.

use serde_json::Value;

use super::{each, on_aws};
use crate::reading::{allowances, resources, spelled};

#[test]
fn every_function_is_current_sized_traced_and_has_a_log_group_of_its_own() {
    let rules = [
        "AwsSolutions-L1",
        "Serverless-LambdaDefaultMemorySize",
        "Serverless-LambdaDefaultTimeout",
        "Serverless-LambdaLatestVersion",
        "Serverless-LambdaTracing",
        "Serverless-CloudWatchLogGroupRetentionPeriod",
    ];
    each("AWS::Lambda::Function", &rules, |it| {
        it["Runtime"] == "provided.al2023"
            && it["Architectures"] == serde_json::json!(["arm64"])
            && it["MemorySize"].is_u64()
            && it["Timeout"].is_u64()
            && it["TracingConfig"]["Mode"] == "Active"
            && it["KmsKeyArn"].is_object()
            && it["LoggingConfig"]["LogGroup"]["Ref"].is_string()
    });
    each(
        "AWS::Lambda::Permission",
        &["LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED"],
        |it| it["Principal"] != "*" && it["SourceArn"].is_object(),
    );
}

#[test]
fn functions_have_reserved_concurrency_in_production_only() {
    for (name, template) in on_aws() {
        let production = ["prod", "keyed", "sixteen"]
            .iter()
            .any(|it| name.contains(it));
        for (id, it) in resources(&template).filter(|(_, it)| it["Type"] == "AWS::Lambda::Function")
        {
            let reserved = it["Properties"]["ReservedConcurrentExecutions"].as_u64();
            assert_eq!(
                reserved.is_some(),
                production,
                "{name}: {id}: CKV_AWS_115, LAMBDA_CONCURRENCY_CHECK"
            );
        }
    }
}

#[test]
fn mappings_report_partial_failures_and_retry_a_record_as_long_as_the_stream_keeps_it() {
    let rules = ["Serverless-EventSourceMappingDestination"];
    each("AWS::Lambda::EventSourceMapping", &rules, |it| {
        let partial = it["FunctionResponseTypes"][0] == "ReportBatchItemFailures";
        // The dead-letter queue is set on the queue.
        if it["StartingPosition"].is_null() {
            return partial && it["ScalingConfig"]["MaximumConcurrency"].is_u64();
        }
        partial
            && it["BisectBatchOnFunctionError"] == true
            && it["MaximumRetryAttempts"] == -1
            && it["MaximumRecordAgeInSeconds"] == 7 * 24 * 60 * 60
            // A bucket other than the raw bucket, which may be the reason why the function fails.
            && it["DestinationConfig"]["OnFailure"]["Destination"]
                .to_string()
                .contains("${LogsBucketName}")
    });
    each("AWS::Kinesis::Stream", &rules, |it| {
        it["RetentionPeriodHours"] == 7 * 24
    });
}

#[test]
fn a_function_that_is_invoked_asynchronously_has_a_dead_letter_queue_and_may_send_to_it() {
    for (name, template) in on_aws() {
        for (id, schedule) in
            resources(&template).filter(|(_, it)| it["Type"] == "AWS::Scheduler::Schedule")
        {
            let target = &schedule["Properties"]["Target"];
            let function = target["Arn"]["Fn::GetAtt"][0].as_str().unwrap();
            let dead =
                &template["Resources"][function]["Properties"]["DeadLetterConfig"]["TargetArn"];
            assert_eq!(
                dead, &target["DeadLetterConfig"]["Arn"],
                "{name}: {id}: CKV_AWS_116, LAMBDA_DLQ_CHECK"
            );
            let senders = resources(&template)
                .filter(|(_, it)| allowances(it).iter().any(|allowed| may_send(allowed, dead)))
                .count();
            assert_eq!(senders, 2, "{name}: the function's role and the schedule's");
        }
    }
}

fn may_send(statement: &Value, queue: &Value) -> bool {
    let there = statement["Resource"]
        .as_array()
        .is_some_and(|it| it.contains(queue));
    there && spelled(&statement["Action"]).contains(&"sqs:SendMessage".to_owned())
}

#[test]
fn roles_have_only_our_policies_with_exact_actions_and_without_pass_role() {
    let rules = ["AwsSolutions-IAM4", "IAM_NO_INLINE_POLICY_CHECK"];
    each("AWS::IAM::Role", &rules, |it| {
        let account = it["Description"] == "API Gateway: the logs of every API of this region";
        it["Policies"].is_null() && (account || it["ManagedPolicyArns"].is_null())
    });
    let rules = [
        "AwsSolutions-IAM5",
        "IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE",
        "IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS",
    ];
    each("AWS::IAM::ManagedPolicy", &rules, |it| {
        let statements = it["PolicyDocument"]["Statement"].as_array().unwrap();
        statements.iter().all(|statement| {
            let actions = spelled(&statement["Action"]);
            actions
                .iter()
                .all(|action| !action.contains('*') && action != "iam:PassRole")
        })
    });
}
