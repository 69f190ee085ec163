//! Which properties of a type cannot change without another resource in its place.
//!
//! Made by `just lock-types` from the schemas of the CloudFormation registry; do not edit. Those that are create-only
//! under conditions are here too: a refusal too many is better than a table too few.

/// The types that may hold data, each with its create-only properties as paths below `Properties`.
const CREATE_ONLY: &[(&str, &[&str])] = &[
    ("AWS::ApiGateway::Account", &[]),
    (
        "AWS::DynamoDB::Table",
        &["ImportSourceSpecification", "KeySchema", "TableName"],
    ),
    (
        "AWS::EC2::VPC",
        &[
            "CidrBlock",
            "InstanceTenancy",
            "Ipv4IpamPoolId",
            "Ipv4NetmaskLength",
            "VpcEncryptionControl",
        ],
    ),
    ("AWS::Glue::Database", &["DatabaseName"]),
    (
        "AWS::Glue::Table",
        &["CatalogId", "DatabaseName", "Name", "TableInput/Name"],
    ),
    ("AWS::IAM::Role", &["Path", "RoleName"]),
    ("AWS::KMS::Key", &[]),
    ("AWS::Kinesis::Stream", &["Name"]),
    ("AWS::Logs::LogGroup", &["LogGroupName"]),
    (
        "AWS::Redshift::Cluster",
        &[
            "ClusterIdentifier",
            "ClusterSubnetGroupName",
            "DBName",
            "MasterUsername",
            "OwnerAccount",
            "SnapshotClusterIdentifier",
            "SnapshotIdentifier",
        ],
    ),
    ("AWS::RedshiftServerless::Namespace", &["NamespaceName"]),
    (
        "AWS::RedshiftServerless::Workgroup",
        &["NamespaceName", "WorkgroupName"],
    ),
    (
        "AWS::S3::Bucket",
        &["BucketName", "BucketNamePrefix", "BucketNamespace"],
    ),
    ("AWS::SQS::Queue", &["FifoQueue", "QueueName"]),
    ("AWS::SecretsManager::Secret", &["Name"]),
];

/// The create-only properties of a type that may hold data; `None` when the type is not known here.
#[must_use]
pub fn create_only(kind: &str) -> Option<&'static [&'static str]> {
    CREATE_ONLY
        .iter()
        .find(|(known, _)| *known == kind)
        .map(|(_, properties)| *properties)
}
