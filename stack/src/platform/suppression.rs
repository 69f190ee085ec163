//! What policy tools find and we accept, each with its reason. Six rules of checkov at most in the whole project.

use cfn::{Suppression, Tool};

const fn checkov(rule: &'static str, reason: &'static str) -> Suppression {
    Suppression {
        tool: Tool::Checkov,
        rule,
        reason,
    }
}

const fn guard(rule: &'static str, reason: &'static str) -> Suppression {
    Suppression {
        tool: Tool::Guard,
        rule,
        reason,
    }
}

const ASKED_FOR: &str =
    "the environment's file asks for public access: TLS only, and from the networks that it names";

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
pub(super) const HOLDS_LOGS: Suppression = checkov(
    "CKV_AWS_18",
    "this bucket holds logs: a log of who writes logs would grow by itself",
);
/// A cluster with a public address.
pub(super) const PUBLIC_BY_CHOICE: Suppression = checkov("CKV_AWS_87", ASKED_FOR);
/// The same to the rules of AWS.
pub(super) const PUBLIC_BY_CHOICE_TOO: Suppression =
    guard("REDSHIFT_CLUSTER_PUBLIC_ACCESS_CHECK", ASKED_FOR);
/// A network with a way to the internet.
pub(super) const WAY_OUT_BY_CHOICE: Suppression = guard("NO_UNRESTRICTED_ROUTE_TO_IGW", ASKED_FOR);
/// A secret that nothing rotates.
pub(super) const NOT_ROTATED: Suppression = guard(
    "SECRETSMANAGER_ROTATION_ENABLED_CHECK",
    "the password is also the database's: it changes when a migration sets it, not by itself",
);
