//! AWS X-Ray.

use crate::{Justified, Policy, Scope};

/// The actions with which a traced function's runtime sends traces.
const WRITE: &[&str] = &["xray:PutTelemetryRecords", "xray:PutTraceSegments"];

const NO_RESOURCE: Justified =
    Justified::because("X-Ray has no resources to name for sending a trace");

/// Allows the role with `policy` to send traces.
pub fn grant_trace(policy: &mut Policy) {
    policy.allow(WRITE, Scope::wide("*".into(), NO_RESOURCE));
}
