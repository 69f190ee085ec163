//! The bucket of the warehouse's logs: who connected and what they ran, and which packets went where.

use cfn::resources::ec2::FlowLog;
use cfn::resources::redshift::{AuditLog, Cluster};
use cfn::resources::s3::{Bucket, BucketPolicy, Encryption, Lifecycle, LogDelivery};
use cfn::{Handle, Template};

use super::Names;
use super::suppression::HOLDS_LOGS;
use crate::environment::{Environment, Network, Warehouse};

/// How the keys of a cluster's audit log begin.
pub(super) const STATEMENTS: &str = "audit/";
/// How the keys of the network's flow log begin.
pub(super) const FLOWS: &str = "flows/";

/// For how many days logs are kept: a year, and some weeks for an auditor to come.
const KEEP_DAYS: u16 = 400;

/// The bucket, once services may deliver there.
pub(super) struct Audit {
    pub(super) bucket: Handle<Bucket>,
    pub(super) policy: Handle<BucketPolicy>,
}

/// Adds the bucket when there is something to deliver. It is encrypted with the key of S3, the only one with which
/// Redshift can deliver.
pub(super) fn add(
    environment: &Environment,
    names: &Names,
    template: &mut Template,
) -> Option<Audit> {
    let deliveries = deliveries(environment, names);
    if deliveries.is_empty() {
        return None;
    }
    let bucket = Bucket {
        name: names.bucket("audit"),
        encryption: Encryption::Service,
        access_log: None,
        lifecycle: Lifecycle {
            expire_days: Some(KEEP_DAYS),
            keep_old_days: 1,
        },
        notifications: Vec::new(),
        profile: environment.profile.for_data(),
    };
    let bucket = template.add("AuditBucket", &bucket);
    template.suppress(&bucket, HOLDS_LOGS);
    let policy = deliveries
        .iter()
        .fold(BucketPolicy::closed(&bucket), |policy, delivery| {
            policy.with_log_delivery(&bucket, delivery)
        })
        .with_tls_only(&bucket);
    let policy = template.add("AuditBucketPolicy", &policy);
    Some(Audit { bucket, policy })
}

fn deliveries(environment: &Environment, names: &Names) -> Vec<LogDelivery> {
    let (place, cluster) = match &environment.warehouse {
        Warehouse::Local => return Vec::new(),
        Warehouse::Cluster { place, .. } => (place, Some(names.literal::<Cluster>("warehouse"))),
        Warehouse::Serverless { place, .. } => (place, None),
    };
    let statements = cluster.map(|identifier| AuditLog::delivery(&identifier, STATEMENTS));
    let own = matches!(place.network, Network::Own { .. });
    let flows = own.then(|| FlowLog::delivery(FLOWS));
    statements.into_iter().chain(flows).collect()
}
