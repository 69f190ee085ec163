//! AWS WAF in front of an API.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_WAFv2.html>

use serde_json::{Value, json};

use super::apigateway::{RestApi, Stage};
use crate::{Arn, Handle, Name, Removal, Resource, text};

/// AWS's managed rule groups, each with the rules that run in Count mode and do not block.
///
/// Rules that inspect bodies or expect browser headers run in Count mode. A body of up to 500 events is data
/// that is never executed or rendered, a product description may look like anything, and the common rules
/// refuse bodies over 8 KB. Callers are programs, not browsers.
///
/// Source: <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html>
const MANAGED: [(&str, &[&str]); 3] = [
    ("AWSManagedRulesAmazonIpReputationList", &[]),
    (
        "AWSManagedRulesCommonRuleSet",
        &[
            "CrossSiteScripting_BODY",
            "EC2MetaDataSSRF_BODY",
            "GenericLFI_BODY",
            "GenericRFI_BODY",
            "NoUserAgent_HEADER",
            "SizeRestrictions_BODY",
        ],
    ),
    (
        "AWSManagedRulesKnownBadInputsRuleSet",
        &["JavaDeserializationRCE_BODY", "Log4JRCE_BODY"],
    ),
];

/// Allows all requests except those that AWS's managed rules block, and those of addresses that send too
/// many. Costs about $9 a month and $0.60 for a million requests: <https://aws.amazon.com/waf/pricing/>.
#[derive(Clone, Debug)]
pub struct WebAcl {
    /// Also the prefix of its metrics.
    pub name: Name<WebAcl>,
    /// Maximum number of requests from one address in five minutes, 10 to 2,000,000,000.
    pub requests_per_address: u32,
}

impl WebAcl {
    fn rules(&self) -> Value {
        let managed = MANAGED.iter().zip(1..).map(|((name, counted), priority)| {
            let counted: Vec<_> = counted
                .iter()
                .map(|rule| json!({"Name": rule, "ActionToUse": {"Count": {}}}))
                .collect();
            json!({
                "Name": name,
                "Priority": priority,
                "OverrideAction": {"None": {}},
                "Statement": {"ManagedRuleGroupStatement": {
                    "VendorName": "AWS",
                    "Name": name,
                    "RuleActionOverrides": (!counted.is_empty()).then_some(counted),
                }},
                "VisibilityConfig": visible(name),
            })
        });
        let rate = json!({
            "Name": "RequestsPerAddress",
            "Priority": 0,
            "Action": {"Block": {}},
            "Statement": {"RateBasedStatement": {
                "AggregateKeyType": "IP",
                "EvaluationWindowSec": 300,
                "Limit": self.requests_per_address,
            }},
            "VisibilityConfig": visible("RequestsPerAddress"),
        });
        std::iter::once(rate).chain(managed).collect()
    }
}

fn visible(name: &str) -> Value {
    json!({"CloudWatchMetricsEnabled": true, "SampledRequestsEnabled": true, "MetricName": name})
}

impl Resource for WebAcl {
    const TYPE: &'static str = "AWS::WAFv2::WebACL";
    const TAGGABLE: bool = true;

    fn properties(&self) -> Value {
        json!({
            "Name": self.name,
            "Scope": "REGIONAL",
            "DefaultAction": {"Allow": {}},
            "Rules": self.rules(),
            "VisibilityConfig": visible("WebAcl"),
        })
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}

impl Handle<WebAcl> {
    #[must_use]
    pub fn arn(&self) -> Arn<WebAcl> {
        self.attribute("Arn")
    }
}

/// Associates a [`WebAcl`] with an API stage.
#[derive(Clone, Debug)]
pub struct WebAclAssociation {
    pub acl: Arn<WebAcl>,
    pub api: Name<RestApi>,
    /// The stage of the API.
    pub stage: Name<Stage>,
}

impl Resource for WebAclAssociation {
    const TYPE: &'static str = "AWS::WAFv2::WebACLAssociation";
    const TAGGABLE: bool = false;

    fn properties(&self) -> Value {
        let place = text!["arn:", crate::partition(), ":apigateway:", crate::region()];
        let stage = text![place, "::/restapis/", &self.api, "/stages/", &self.stage];
        json!({"WebACLArn": self.acl, "ResourceArn": stage})
    }

    fn removal(&self) -> Removal {
        Removal::Stateless
    }
}
