//! Values that one stack passes to another: an output and a parameter with the same name and type.
//!
//! The deployer passes the values. CloudFormation exports are not used, because an export that is imported blocks
//! changes of the exporting stack.

use std::marker::PhantomData;

use cfn::resources::dynamodb::Table;
use cfn::resources::iam::Role;
use cfn::resources::kinesis::Stream;
use cfn::resources::kms::Key;
use cfn::resources::redshift::{Cluster, Database};
use cfn::resources::redshift_serverless::Workgroup;
use cfn::resources::s3::Bucket;
use cfn::resources::secretsmanager::LoginSecret;
use cfn::resources::sns::Topic;
use cfn::resources::sqs::Queue;
use cfn::{ArnOf, NameOf, Template, UrlOf, Val};

/// A value that one stack passes to another.
pub(super) struct Crossing<T> {
    name: &'static str,
    description: &'static str,
    of: PhantomData<fn() -> T>,
}

impl<T> Crossing<T> {
    const fn new(name: &'static str, description: &'static str) -> Self {
        Self {
            name,
            description,
            of: PhantomData,
        }
    }

    /// Adds the value as an output of `template`.
    #[track_caller]
    pub(super) fn give(&self, template: &mut Template, value: &Val<T>) {
        template.output(self.name, self.description, value);
    }

    /// Adds the value as a parameter of `template`, and returns it.
    #[track_caller]
    pub(super) fn take(&self, template: &mut Template) -> Val<T> {
        template.parameter(self.name, self.description)
    }
}

pub(super) const RAW_BUCKET: Crossing<NameOf<Bucket>> =
    Crossing::new("RawBucketName", "Bucket of the raw lake");
pub(super) const STAGING_BUCKET: Crossing<NameOf<Bucket>> =
    Crossing::new("StagingBucketName", "Bucket of the staged CSV");
pub(super) const LOGS_BUCKET: Crossing<NameOf<Bucket>> =
    Crossing::new("LogsBucketName", "Bucket of the access logs of the others");
pub(super) const ASSETS_BUCKET: Crossing<NameOf<Bucket>> =
    Crossing::new("AssetsBucketName", "Bucket of the functions' zips");

pub(super) const STREAM_NAME: Crossing<NameOf<Stream>> =
    Crossing::new("StreamName", "Stream of the events");
pub(super) const STREAM_ARN: Crossing<ArnOf<Stream>> =
    Crossing::new("StreamArn", "Stream of the events");

pub(super) const CUSTOMER_TABLE: Crossing<NameOf<Table>> =
    Crossing::new("CustomerTableName", "Table of a customer's invoices");
pub(super) const INVOICE_TABLE: Crossing<NameOf<Table>> =
    Crossing::new("InvoiceTableName", "Table of an invoice's lines");
pub(super) const LOAD_TABLE: Crossing<NameOf<Table>> =
    Crossing::new("LoadTableName", "Table of the loader's memory");

pub(super) const TRANSFORM_QUEUE_URL: Crossing<UrlOf<Queue>> =
    Crossing::new("TransformQueueUrl", "Queue of new raw objects");
pub(super) const TRANSFORM_QUEUE_ARN: Crossing<ArnOf<Queue>> =
    Crossing::new("TransformQueueArn", "Queue of new raw objects");
pub(super) const TRANSFORM_DEAD_QUEUE_URL: Crossing<UrlOf<Queue>> =
    Crossing::new("TransformDeadQueueUrl", "Dead-letter queue of raw objects");
pub(super) const LOAD_QUEUE_URL: Crossing<UrlOf<Queue>> =
    Crossing::new("LoadQueueUrl", "Queue of new staged files");
pub(super) const LOAD_QUEUE_ARN: Crossing<ArnOf<Queue>> =
    Crossing::new("LoadQueueArn", "Queue of new staged files");
pub(super) const LOAD_DEAD_QUEUE_URL: Crossing<UrlOf<Queue>> =
    Crossing::new("LoadDeadQueueUrl", "Dead-letter queue of staged files");

pub(super) const RECONCILE_DEAD_QUEUE_URL: Crossing<UrlOf<Queue>> = Crossing::new(
    "ReconcileDeadQueueUrl",
    "Dead-letter queue of reconciliations",
);
pub(super) const RECONCILE_DEAD_QUEUE_ARN: Crossing<ArnOf<Queue>> = Crossing::new(
    "ReconcileDeadQueueArn",
    "Dead-letter queue of reconciliations",
);

pub(super) const ALARM_TOPIC_ARN: Crossing<ArnOf<Topic>> =
    Crossing::new("AlarmTopicArn", "Topic of the alarms");

pub(super) const DATA_KEY: Crossing<ArnOf<Key>> =
    Crossing::new("DataKeyArn", "Key of buckets, tables, logs and settings");
pub(super) const QUEUE_KEY: Crossing<ArnOf<Key>> =
    Crossing::new("QueueKeyArn", "Key of the queues");

pub(super) const WAREHOUSE_DATABASE: Crossing<NameOf<Database>> =
    Crossing::new("WarehouseDatabase", "Database of the warehouse");
pub(super) const WAREHOUSE_CLUSTER: Crossing<NameOf<Cluster>> =
    Crossing::new("WarehouseClusterIdentifier", "Cluster of the warehouse");
pub(super) const WAREHOUSE_WORKGROUP: Crossing<NameOf<Workgroup>> = Crossing::new(
    "WarehouseWorkgroup",
    "Serverless workgroup of the warehouse",
);
pub(super) const WAREHOUSE_WORKGROUP_ARN: Crossing<ArnOf<Workgroup>> = Crossing::new(
    "WarehouseWorkgroupArn",
    "Serverless workgroup of the warehouse",
);
pub(super) const WAREHOUSE_COPY_ROLE_ARN: Crossing<ArnOf<Role>> = Crossing::new(
    "WarehouseCopyRoleArn",
    "Role with which the warehouse reads staged files",
);
pub(super) const WAREHOUSE_COPY_ROLE_NAME: Crossing<NameOf<Role>> = Crossing::new(
    "WarehouseCopyRoleName",
    "Role with which the warehouse reads staged files",
);
pub(super) const WAREHOUSE_ADMIN_SECRET: Crossing<ArnOf<LoginSecret>> = Crossing::new(
    "WarehouseAdminSecretArn",
    "Login of the warehouse's administrator",
);
pub(super) const WAREHOUSE_TABLEAU_SECRET: Crossing<ArnOf<LoginSecret>> =
    Crossing::new("WarehouseTableauSecretArn", "Login of the analysts' tools");
pub(super) const WAREHOUSE_HOST: Crossing<String> =
    Crossing::new("WarehouseHost", "Where analysts reach the warehouse");
pub(super) const WAREHOUSE_PORT: Crossing<String> =
    Crossing::new("WarehousePort", "Where the warehouse listens");
