//! Amazon DynamoDB.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-dynamodb-table.html>

use serde_json::{Value, json};

use super::kms::{Encrypted, Key};
use crate::{Arn, Handle, Name, Policy, Profile, Removal, Resource, text};

/// Writing items by the batch, as a stage that only adds does.
const PUT: &[&str] = &["dynamodb:BatchWriteItem"];
/// Reading the items of one partition key.
const QUERY: &[&str] = &["dynamodb:Query"];
/// Keeping a record of one's own work: conditional writes, reads by key, and of all items when nothing is known.
const KEEP: &[&str] = &[
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
];

/// A table that is paid by the request, can be restored to any second of 35 days, and is encrypted with a key of ours.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: Name<Table>,
    /// The attribute that spreads items; a text.
    pub partition_key: &'static str,
    /// The attribute that sorts items of the same partition key; a text.
    pub sort_key: Option<&'static str>,
    /// What it is encrypted with.
    pub key: Arn<Key>,
    /// Whether it outlives its stack and refuses to be deleted.
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
    /// Its name.
    #[must_use]
    pub fn name(&self) -> Name<Table> {
        self.reference()
    }
}

impl Arn<Table> {
    /// The ARN of a table of this account and region.
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
    /// Lets the bearer of `policy` put items by the batch, and not read them.
    pub fn grant_put(&self, policy: &mut Policy) {
        policy.allow(PUT, self.arn());
        self.allow_encrypt_table(policy);
    }

    /// Lets the bearer of `policy` read the items of a partition key it knows.
    pub fn grant_query(&self, policy: &mut Policy) {
        policy.allow(QUERY, self.arn());
        self.allow_decrypt(policy);
    }

    /// Lets the bearer of `policy` use this table as its memory.
    pub fn grant_keep(&self, policy: &mut Policy) {
        policy.allow(KEEP, self.arn());
        self.allow_encrypt_table(policy);
    }
}
