//! Resource types, one file for each AWS service, with the grants on them.

pub mod apigateway;
pub mod cloudwatch;
pub mod dynamodb;
pub mod ec2;
pub mod glue;
pub mod iam;
pub mod kinesis;
pub mod kms;
pub mod lambda;
pub mod logs;
pub mod redshift;
pub mod redshift_serverless;
pub mod s3;
pub mod scheduler;
pub mod secretsmanager;
pub mod sns;
pub mod sqs;
pub mod wafv2;
pub mod xray;
