//! Rules for API Gateway and its web ACL.

use serde_json::Value;

use super::{each, each_in, on_aws};

#[test]
fn an_api_is_logged_traced_throttled_and_regional() {
    let rules = [
        "AwsSolutions-APIG1",
        "API_GW_STAGE_ACCESS_LOGGING_RULE",
        "Serverless-APIGWStructuredLogging",
    ];
    each("AWS::ApiGateway::Stage", &rules, |it| {
        let format = it["AccessLogSetting"]["Format"]
            .as_str()
            .unwrap_or_default();
        it["AccessLogSetting"]["DestinationArn"].is_object()
            && serde_json::from_str::<Value>(format)
                .is_ok_and(|it| it["requestId"] == "$context.requestId")
    });
    let rules = [
        "AwsSolutions-APIG6",
        "API_GW_EXECUTION_LOGGING_ENABLED",
        "Serverless-APIGWDefaultThrottling",
        "Serverless-APIGWXrayEnabled",
    ];
    each("AWS::ApiGateway::Stage", &rules, |it| {
        let all = &it["MethodSettings"][0];
        let everywhere = all["HttpMethod"] == "*" && all["ResourcePath"] == "/*";
        let limited = all["ThrottlingRateLimit"].is_u64() && all["ThrottlingBurstLimit"].is_u64();
        everywhere && limited && all["LoggingLevel"] == "ERROR" && it["TracingEnabled"] == true
    });
    each(
        "AWS::ApiGateway::RestApi",
        &["API_GW_ENDPOINT_TYPE_CHECK"],
        |it| it["EndpointConfiguration"]["Types"] == serde_json::json!(["REGIONAL"]),
    );
}

#[test]
fn every_method_validates_and_lets_nobody_in_without_signature_or_key() {
    let rules = ["AwsSolutions-APIG2", "AwsSolutions-APIG4"];
    each("AWS::ApiGateway::Method", &rules, |it| {
        it["RequestValidatorId"].is_object()
            && (it["AuthorizationType"] == "AWS_IAM" || it["ApiKeyRequired"] == true)
    });
    each(
        "AWS::ApiGateway::RequestValidator",
        &["AwsSolutions-APIG2"],
        |it| it["ValidateRequestBody"] == true && it["ValidateRequestParameters"] == true,
    );
}

#[test]
fn in_production_a_web_acl_protects_the_api() {
    let production = ["prod", "keyed"].map(|name| format!("riverhouse-{name}-pipeline"));
    let templates: Vec<_> = on_aws()
        .into_iter()
        .filter(|(name, _)| production.contains(name))
        .collect();
    assert_eq!(templates.len(), 2);
    for template in templates {
        each_in(
            &[template],
            "AWS::WAFv2::WebACLAssociation",
            &["AwsSolutions-APIG3"],
            |it| {
                let of = it["ResourceArn"]["Fn::Sub"].as_str().unwrap();
                of.ends_with("/restapis/${Api}/stages/${ApiStage}") && it["WebACLArn"].is_object()
            },
        );
    }
}

#[test]
fn web_acl_rules_that_inspect_bodies_only_count() {
    each("AWS::WAFv2::WebACL", &["AwsSolutions-APIG3"], |it| {
        let text = it["Rules"].to_string();
        let counted = |rule: &str| {
            text.contains(&format!(
                r#"{{"ActionToUse":{{"Count":{{}}}},"Name":"{rule}"}}"#
            ))
        };
        [
            "SizeRestrictions_BODY",
            "CrossSiteScripting_BODY",
            "Log4JRCE_BODY",
        ]
        .iter()
        .all(|rule| counted(rule))
    });
}
