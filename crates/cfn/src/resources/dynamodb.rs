//! Amazon DynamoDB.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-dynamodb-table.html>

use serde_json::{Value, json};

use super::kms::{Encrypted, Key};
use crate::{Arn, Handle, Name, Policy, Profile, Removal, Resource, text};

/// Writes items in batches.
const PUT: &[&str] = &["dynamodb:BatchWriteItem"];
/// Reads the items of one partition key.
const QUERY: &[&str] = &["dynamodb:Query"];
/// Reads and writes items by key with conditions, and scans the table.
const KEEP: &[&str] = &[
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
];

/// A table with on-demand billing, point-in-time recovery (35 days), and encryption with a key of the
/// account.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: Name<Table>,
    /// The partition key, an attribute of type string.
    pub partition_key: &'static str,
    /// The sort key, an attribute of type string.
    pub sort_key: Option<&'static str>,
    pub key: Arn<Key>,
    /// Whether the table outlives its stack and has deletion protection.
    pub profile: Profile,
}

impl Resource for Table {
    const TYPE: &'static str = "AWS::DynamoDB::Table";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        let keys = [(Some(self.partition_key), "HASH"), (self.sort_key, "RANGE")];
        let keys = keys
            .iter()
            .filter_map(|(name, role)| name.map(|name| (name, *role)));
        let definitions: Vec<_> = keys
            .clone()
            .map(|(name, _)| json!({"AttributeName": name, "AttributeType": "S"}))
            .collect();
        let schema: Vec<_> = keys
            .map(|(name, role)| json!({"AttributeName": name, "KeyType": role}))
            .collect();
        json!({
            "TableName": self.name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": definitions,
            "KeySchema": schema,
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true},
            "SSESpecification": {"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": self.key},
            "DeletionProtectionEnabled": self.profile == Profile::Production,
        })
    }

    fn removal(&self) -> Removal {
        self.profile.into()
    }
}

impl Handle<Table> {
    #[must_use]
    pub fn name(&self) -> Name<Table> {
        self.reference()
    }
}

impl Arn<Table> {
    /// Returns the ARN of a table of this account and region.
    #[must_use]
    pub fn of(name: &Name<Table>) -> Self {
        let place = text![crate::region(), ":", crate::account_id()];
        Self::from_text(text![
            "arn:",
            crate::partition(),
            ":dynamodb:",
            place,
            ":table/",
            name
        ])
    }
}

impl Encrypted<Table> {
    /// Allows the role with `policy` to write items in batches, and not to read them.
    pub fn grant_put(&self, policy: &mut Policy) {
        policy.allow(PUT, self.arn());
        self.allow_encrypt_table(policy);
    }

    /// Allows the role with `policy` to query the items of one partition key at a time.
    pub fn grant_query(&self, policy: &mut Policy) {
        policy.allow(QUERY, self.arn());
        self.allow_decrypt(policy);
    }

    /// Allows the role with `policy` to read, conditionally write and scan items.
    pub fn grant_keep(&self, policy: &mut Policy) {
        policy.allow(KEEP, self.arn());
        self.allow_encrypt_table(policy);
    }
}
