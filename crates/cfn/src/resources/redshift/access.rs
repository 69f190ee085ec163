//! Permissions to run SQL through the Data API.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonredshiftdataapi.html>

use super::cluster::Cluster;
use crate::{Arn, Conditions, Justified, Name, Policy, Scope, Val, text};

/// The actions that run statements on a warehouse.
pub(crate) const RUN: &[&str] = &[
    "redshift-data:BatchExecuteStatement",
    "redshift-data:ExecuteStatement",
];
/// The actions that follow statements.
const FOLLOW: &[&str] = &[
    "redshift-data:DescribeStatement",
    "redshift-data:GetStatementResult",
];

const STATEMENT_IS_NO_RESOURCE: Justified = Justified::because(
    "a statement is no resource; the condition leaves the bearer its own statements only",
);

/// A database in a warehouse.
pub enum Database {}

impl Arn<Cluster> {
    /// Returns the ARN of the cluster `identifier` in this account and region.
    #[must_use]
    pub fn of(identifier: &Name<Cluster>) -> Self {
        Self::from_text(text![redshift(), ":cluster:", identifier])
    }

    /// Allows the role with `policy` to run SQL in `database` on the cluster `identifier`, as the database
    /// user that is named after the role.
    pub fn grant_sql(identifier: &Name<Cluster>, database: &Name<Database>, policy: &mut Policy) {
        let database =
            Arn::<Database>::from_text(text![redshift(), ":dbname:", identifier, "/", database]);
        policy.allow(RUN, &Self::of(identifier));
        policy.allow(&["redshift:GetClusterCredentialsWithIAM"], &database);
        grant_follow(policy);
    }
}

/// Allows the role with `policy` to describe, cancel and read the statements that it ran itself.
pub(crate) fn grant_follow(policy: &mut Policy) {
    let own = Conditions::none().when(
        "StringEquals",
        "redshift-data:statement-owner-iam-userid",
        "${aws:userid}",
    );
    policy.allow_when(
        FOLLOW,
        Scope::wide("*".into(), STATEMENT_IS_NO_RESOURCE),
        own,
    );
}

fn redshift() -> Val<String> {
    text![
        "arn:",
        crate::partition(),
        ":redshift:",
        crate::region(),
        ":",
        crate::account_id()
    ]
}
