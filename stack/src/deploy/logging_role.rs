//! The role of API Gateway for logs. One call does not justify a dependency on its SDK.

use std::error::Error;

use aws_types::SdkConfig;
use producer::api::get_signed;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    cloudwatch_role_arn: Option<String>,
}

/// Returns the ARN of the role by which API Gateway writes the logs of all APIs in the account and region, if there
/// is one.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/api/API_GetAccount.html>
///
/// # Errors
///
/// When there are no credentials, the call times out after 30 seconds, or API Gateway rejects it.
pub(super) async fn logging_role(
    sdk: &SdkConfig,
) -> Result<Option<String>, Box<dyn Error + Send + Sync>> {
    let region = sdk.region().ok_or("no region is set")?.as_ref();
    let provider = sdk.credentials_provider().ok_or("no credentials are set")?;
    let base = match sdk.endpoint_url() {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("https://apigateway.{region}.amazonaws.com"),
    };
    let answer = get_signed(&format!("{base}/account"), "apigateway", region, &provider).await?;
    if answer.status != 200 {
        return Err(format!("{}: {}", answer.status, answer.detail()).into());
    }
    let account: Account = serde_json::from_slice(&answer.body)?;
    Ok(account.cloudwatch_role_arn.filter(|arn| !arn.is_empty()))
}
