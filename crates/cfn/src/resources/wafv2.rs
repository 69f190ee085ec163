//! AWS WAF in front of an API.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_WAFv2.html>

use serde_json::{Value, json};

use super::apigateway::{RestApi, Stage};
use crate::{Arn, Handle, Name, Removal, Resource, text};

/// Rules of AWS for everybody, each with those that are only counted and do not block.
///
/// What looks into bodies counts only: a body of up to 500 events is data that is never run or shown as a page, a
/// product's description may look like anything, and the common rules refuse whatever has more than 8 KB. So does what
/// asks for a browser's manners: callers are programs.
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

/// Lets requests through but for those of AWS's managed rules and of addresses that send too many.
/// About $9 a month and $0.60 for a million requests: <https://aws.amazon.com/waf/pricing/>.
#[derive(Clone, Debug)]
pub struct WebAcl {
    /// Its name, and how its metrics begin.
    pub name: Name<WebAcl>,
    /// How many requests one address may send in five minutes, 10 to 2,000,000,000.
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
    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> Arn<WebAcl> {
        self.attribute("Arn")
    }
}

/// Puts a [`WebAcl`] in front of a stage.
#[derive(Clone, Debug)]
pub struct WebAclAssociation {
    /// The rules.
    pub acl: Arn<WebAcl>,
    /// Which API.
    pub api: Name<RestApi>,
    /// Which stage of it.
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
