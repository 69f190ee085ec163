//! What stands in front of the API.

use cfn::Handle;
use cfn::resources::apigateway::{RestApi, Stage};
use cfn::resources::wafv2::{WebAcl, WebAclAssociation};

use super::pipeline::Pipeline;

/// The window of the limit for each address.
const FIVE_MINUTES: u32 = 300;

/// AWS's managed rules, and a limit for each address: what all callers together may send, so that a shop with one
/// address has its whole rate, and who sends more is turned away before it counts against the others.
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
