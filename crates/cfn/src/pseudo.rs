//! Pseudo parameters: the partition, region and account of a stack.

use crate::val::Val;

/// `aws`, `aws-cn` or `aws-us-gov`: the second field of every ARN.
#[must_use]
pub fn partition() -> Val<String> {
    Val::reference("AWS::Partition".into())
}

/// Returns the region of the stack, such as `eu-west-1`.
#[must_use]
pub fn region() -> Val<String> {
    Val::reference("AWS::Region".into())
}

/// Returns the account of the stack, twelve digits.
#[must_use]
pub fn account_id() -> Val<String> {
    Val::reference("AWS::AccountId".into())
}

/// Returns the domain of the service endpoints, `amazonaws.com` in most regions.
#[must_use]
pub fn url_suffix() -> Val<String> {
    Val::reference("AWS::URLSuffix".into())
}
