//! Rules for resources that store or transport data.

use serde_json::Value;

use super::{denies_without_tls, each, on_aws};
use crate::reading::resources;

#[test]
fn the_stream_and_the_tables_are_encrypted_and_can_be_restored() {
    let rules = [
        "AwsSolutions-KDS1",
        "AwsSolutions-KDS3",
        "KINESIS_STREAM_ENCRYPTION_RULE",
    ];
    each("AWS::Kinesis::Stream", &rules, |it| {
        it["StreamEncryption"]["KeyId"] == "alias/aws/kinesis"
            && it["RetentionPeriodHours"].is_u64()
    });
    let rules = [
        "AwsSolutions-DDB3",
        "DYNAMODB_BILLING_MODE_RULE",
        "DYNAMODB_PITR_ENABLED",
        "DYNAMODB_TABLE_ENCRYPTED_KMS",
        "DYNAMODB_TABLE_MUST_BE_ENCRYPTED",
    ];
    each("AWS::DynamoDB::Table", &rules, |it| {
        it["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] == true
            && it["SSESpecification"]["KMSMasterKeyId"].is_object()
            && it["BillingMode"] == "PAY_PER_REQUEST"
    });
}

#[test]
fn no_bucket_is_public_and_each_is_encrypted_versioned_logged_and_reached_with_tls_only() {
    let rules = [
        "AwsSolutions-S1",
        "AwsSolutions-S2",
        "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
        "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED",
        "S3_BUCKET_VERSIONING_ENABLED",
    ];
    each("AWS::S3::Bucket", &rules, |it| {
        let blocked = it["PublicAccessBlockConfiguration"].as_object().unwrap();
        let rule = &it["BucketEncryption"]["ServerSideEncryptionConfiguration"][0];
        let algorithm = &rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"];
        let logged = it["LoggingConfiguration"]["DestinationBucketName"].is_object();
        blocked.len() == 4
            && blocked.values().all(|it| it == true)
            && it["VersioningConfiguration"]["Status"] == "Enabled"
            // The bucket of access logs is encrypted with S3's key and is not logged itself.
            && (logged && algorithm == "aws:kms" || algorithm == "AES256")
    });
    let rules = ["AwsSolutions-S10", "S3_BUCKET_SSL_REQUESTS_ONLY"];
    each("AWS::S3::BucketPolicy", &rules, denies_without_tls);
    let of = |template: &Value, kind: &str| {
        resources(template)
            .filter(|(_, it)| it["Type"] == kind)
            .count()
    };
    for (name, template) in on_aws() {
        assert_eq!(
            of(&template, "AWS::S3::Bucket"),
            of(&template, "AWS::S3::BucketPolicy"),
            "{name}"
        );
        assert_eq!(
            of(&template, "AWS::SQS::Queue"),
            of(&template, "AWS::SQS::QueuePolicy"),
            "{name}"
        );
        assert_eq!(
            of(&template, "AWS::SNS::Topic"),
            of(&template, "AWS::SNS::TopicPolicy"),
            "{name}"
        );
    }
}

#[test]
fn every_queue_and_topic_is_encrypted_and_reached_with_tls_only() {
    each("AWS::SQS::Queue", &["AwsSolutions-SQS2"], |it| {
        it["KmsMasterKeyId"].is_object()
    });
    each(
        "AWS::SQS::QueuePolicy",
        &["AwsSolutions-SQS4"],
        denies_without_tls,
    );
    each("AWS::SNS::Topic", &["AwsSolutions-SNS2"], |it| {
        it["KmsMasterKeyId"].is_object()
    });
    each(
        "AWS::SNS::TopicPolicy",
        &["AwsSolutions-SNS3"],
        denies_without_tls,
    );
}

#[test]
fn every_queue_that_is_read_has_dead_letters_and_no_dead_letters_are_read() {
    let rules = ["AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"];
    each("AWS::SQS::Queue", &rules, |it| {
        let dead = it["QueueName"].as_str().unwrap().ends_with("-dead");
        dead != it["RedrivePolicy"]["deadLetterTargetArn"].is_object()
    });
}

#[test]
fn every_key_is_rotated_and_every_log_group_is_encrypted_and_expires() {
    let rules = ["AwsSolutions-KMS5", "CMK_BACKING_KEY_ROTATION_ENABLED"];
    each("AWS::KMS::Key", &rules, |it| {
        it["EnableKeyRotation"] == true
    });
    let rules = [
        "CLOUDWATCH_LOG_GROUP_ENCRYPTED",
        "CW_LOGGROUP_RETENTION_PERIOD_CHECK",
    ];
    each("AWS::Logs::LogGroup", &rules, |it| {
        it["KmsKeyId"].is_object() && it["RetentionInDays"].is_u64()
    });
}
