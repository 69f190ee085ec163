//! What policy tools find and we accept, each with its reason. Six rules of checkov at most in the whole project.

use cfn::{Suppression, Tool};

const fn checkov(rule: &'static str, reason: &'static str) -> Suppression {
    Suppression {
        tool: Tool::Checkov,
        rule,
        reason,
    }
}

/// A function without a VPC.
pub(super) const OUTSIDE_VPC: Suppression = checkov(
    "CKV_AWS_117",
    "it calls AWS services only, over TLS and by IAM; a VPC would add a NAT or paid endpoints",
);
/// A function without a number of calls kept for it.
pub(super) const UNRESERVED: Suppression = checkov(
    "CKV_AWS_115",
    "a fresh account refuses reserved concurrency, and many environments would use it up",
);
/// A function without a queue for dead letters.
pub(super) const IS_WAITED_FOR: Suppression = checkov(
    "CKV_AWS_116",
    "whoever calls it waits for its answer, and stream and queue keep what failed",
);
/// An API without a cache.
pub(super) const FRESH_ANSWERS: Suppression = checkov(
    "CKV_AWS_120",
    "posts have nothing to cache, and an invoice must be seen seconds after its event",
);
/// A bucket whose requests are not logged.
pub(super) const HOLDS_ACCESS_LOGS: Suppression = checkov(
    "CKV_AWS_18",
    "access logs go here: logging it too would never end",
);
