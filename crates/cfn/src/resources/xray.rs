//! AWS X-Ray.

use crate::{Justified, Policy, Scope};

/// What a traced function's runtime calls.
const WRITE: &[&str] = &["xray:PutTelemetryRecords", "xray:PutTraceSegments"];

const NO_RESOURCE: Justified =
    Justified::because("X-Ray has no resources to name for sending a trace");

/// Lets the bearer of `policy` send traces.
pub fn grant_trace(policy: &mut Policy) {
    policy.allow(WRITE, Scope::wide("*".into(), NO_RESOURCE));
}
