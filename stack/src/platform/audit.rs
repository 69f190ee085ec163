//! The bucket of the warehouse's audit logs (connections and statements) and of the network's flow logs.

use cfn::resources::ec2::FlowLog;
use cfn::resources::redshift::{AuditLog, Cluster};
use cfn::resources::s3::{Bucket, BucketPolicy, Encryption, Lifecycle, LogDelivery};
use cfn::{Handle, Template};

use super::Names;
use super::suppression::HOLDS_LOGS;
use crate::environment::{Environment, Network, Warehouse};

/// Key prefix of a cluster's audit logs.
pub(super) const STATEMENTS: &str = "audit/";
/// Key prefix of the network's flow logs.
pub(super) const FLOWS: &str = "flows/";

/// Retention of logs in days: one year, and some weeks for an audit.
const KEEP_DAYS: u16 = 400;

/// The audit bucket, after its policy allows services to deliver logs.
pub(super) struct Audit {
    pub(super) bucket: Handle<Bucket>,
    pub(super) policy: Handle<BucketPolicy>,
}

/// Adds the bucket if there are logs to deliver. It uses SSE-S3, the only encryption with which Redshift can deliver
/// audit logs.
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
