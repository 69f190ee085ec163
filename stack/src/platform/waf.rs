//! AWS WAF in front of the API.

use cfn::Handle;
use cfn::resources::apigateway::{RestApi, Stage};
use cfn::resources::wafv2::{WebAcl, WebAclAssociation};

use super::pipeline::Pipeline;

/// Window of the rate limit per address, in seconds.
const FIVE_MINUTES: u32 = 300;

/// Adds AWS's managed rules and a rate limit per address. The limit equals the throttle of the whole API, so a shop
/// with one address can use the full rate. WAF blocks an address above it before its requests count against other
/// callers.
pub(super) fn add(pipeline: &mut Pipeline<'_>, api: &Handle<RestApi>, stage: &Handle<Stage>) {
    let acl = WebAcl {
        name: pipeline.names.literal("api"),
        requests_per_address: pipeline.environment.api.throttle.rate * FIVE_MINUTES,
    };
    let acl = pipeline.template.add("ApiWebAcl", &acl);
    pipeline.template.add(
        "ApiWebAclAssociation",
        &WebAclAssociation {
            acl: acl.arn(),
            api: api.api_id(),
            stage: stage.name(),
        },
    );
}
