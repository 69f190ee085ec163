//! Accepted findings of policy checkers, each with its reason. The project accepts at most six checkov rules.

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

pub(super) const OUTSIDE_VPC: Suppression = checkov(
    "CKV_AWS_117",
    "it calls AWS services only, over TLS and by IAM; a VPC would add a NAT or paid endpoints",
);
pub(super) const UNRESERVED: Suppression = checkov(
    "CKV_AWS_115",
    "a new account refuses reserved concurrency, and many environments would exhaust it",
);
pub(super) const IS_WAITED_FOR: Suppression = checkov(
    "CKV_AWS_116",
    "its callers wait for the response, and the stream and the queues keep failed events",
);
pub(super) const FRESH_ANSWERS: Suppression = checkov(
    "CKV_AWS_120",
    "POST requests cannot be cached, and an invoice must be visible seconds after its event",
);
pub(super) const HOLDS_LOGS: Suppression = checkov(
    "CKV_AWS_18",
    "this bucket holds access logs; logging access to it would add logs without end",
);
pub(super) const PUBLIC_BY_CHOICE: Suppression = checkov("CKV_AWS_87", ASKED_FOR);
/// The same finding in AWS's own rules.
pub(super) const PUBLIC_BY_CHOICE_TOO: Suppression =
    guard("REDSHIFT_CLUSTER_PUBLIC_ACCESS_CHECK", ASKED_FOR);
pub(super) const OUTBOUND_BY_CHOICE: Suppression = guard("NO_UNRESTRICTED_ROUTE_TO_IGW", ASKED_FOR);
pub(super) const NOT_ROTATED: Suppression = guard(
    "SECRETSMANAGER_ROTATION_ENABLED_CHECK",
    "the database has the same password, which a deploy sets; rotating the secret alone would break the login",
);
