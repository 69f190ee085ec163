//! HTTP client of the API, with persistent connections.

use std::error::Error;
use std::time::Duration;

use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::auth::{CredentialsCache, add_signature};
use super::{Answer, ApiError, Auth};

/// One second more than the timeout of API Gateway, so that its own 504 arrives first.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

/// The service that a signature of the API is valid for.
const SERVICE: &str = "execute-api";

/// Characters to encode: all except the unreserved ones of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Returns a connector for HTTP and HTTPS that keeps and reuses connections. All requests share it.
#[must_use]
pub fn connector() -> SharedHttpConnector {
    let tls = tls::Provider::Rustls(CryptoMode::Ring);
    SharedHttpConnector::new(Connector::builder().tls_provider(tls).build())
}

/// Sends one signed GET request to another service of AWS, for a single call that does not justify its SDK.
///
/// # Errors
///
/// When there are no credentials, or no response within 30 seconds. A response with any status is `Ok`.
pub async fn get_signed(
    url: &str,
    service: &str,
    region: &str,
    provider: &SharedCredentialsProvider,
) -> Result<Answer, Box<dyn Error + Send + Sync>> {
    let mut request = prepared("GET", url, None, &[])?;
    let signer = provider.provide_credentials().await?;
    add_signature(&mut request, &[], service, region, signer)?;
    let answer = async { Answer::read(connector().call(request).await?).await };
    tokio::time::timeout(TIMEOUT, answer).await?
}

/// Client of the API of one environment. Tasks can share it.
#[derive(Debug)]
pub struct Api {
    base: String,
    auth: Auth,
    connector: SharedHttpConnector,
    credentials: CredentialsCache,
}

impl Api {
    /// Returns a client of the API at `base_url`, as `stack outputs` prints it.
    #[must_use]
    pub fn new(base_url: &str, auth: Auth, connector: SharedHttpConnector) -> Self {
        let base = base_url.trim_end_matches('/').to_owned();
        Self {
            base,
            auth,
            connector,
            credentials: CredentialsCache::default(),
        }
    }

    /// Returns the base URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.base
    }

    /// Sends events. Idempotent for events with an `EventId`.
    ///
    /// # Errors
    ///
    /// When there is no response. A response with any status is `Ok`.
    pub async fn post_events(&self, body: &[u8], content_type: &str) -> Result<Answer, ApiError> {
        self.call("POST", "/events".to_owned(), Some(content_type), body)
            .await
    }

    /// Gets the lines of an invoice: the first page, or the page of `cursor`.
    ///
    /// # Errors
    ///
    /// When there is no response. A response with any status is `Ok`.
    pub async fn get_invoice(
        &self,
        invoice_no: &str,
        cursor: Option<&str>,
    ) -> Result<Answer, ApiError> {
        self.get(format!("/invoices/{}", segment(invoice_no)), cursor)
            .await
    }

    /// Gets a page of a customer's invoices: the first, or the page of `cursor`.
    ///
    /// # Errors
    ///
    /// When there is no response. A response with any status is `Ok`.
    pub(super) async fn get_customer_invoices(
        &self,
        customer: &str,
        cursor: Option<&str>,
    ) -> Result<Answer, ApiError> {
        self.get(format!("/customers/{}/invoices", segment(customer)), cursor)
            .await
    }

    async fn get(&self, mut path: String, cursor: Option<&str>) -> Result<Answer, ApiError> {
        if let Some(cursor) = cursor {
            path.push_str("?cursor=");
            path.push_str(&segment(cursor));
        }
        self.call("GET", path, None, &[]).await
    }

    async fn call(
        &self,
        method: &'static str,
        path: String,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Result<Answer, ApiError> {
        let url = format!("{}{path}", self.base);
        let request = self.request(method, &url, content_type, body).await?;
        let answer = async {
            let response = self.connector.call(request).await?;
            Answer::read(response).await
        };
        match tokio::time::timeout(TIMEOUT, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(source)) => Err(ApiError::Unreachable { url, source }),
            Err(_elapsed) => Err(ApiError::Timeout { url }),
        }
    }

    async fn request(
        &self,
        method: &'static str,
        url: &str,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Result<HttpRequest, ApiError> {
        let failed = |source| ApiError::Request {
            url: url.to_owned(),
            source,
        };
        let mut request = prepared(method, url, content_type, body).map_err(failed)?;
        match &self.auth {
            Auth::Iam {
                region,
                credentials,
            } => {
                let kept = self.credentials.get_or_renew(credentials).await;
                let signer = kept.map_err(|source| ApiError::Credentials {
                    url: url.to_owned(),
                    source,
                })?;
                add_signature(&mut request, body, SERVICE, region, signer).map_err(failed)?;
            }
            Auth::ApiKey(key) => {
                let key = request
                    .headers_mut()
                    .try_insert("x-api-key", key.value().to_owned());
                key.map_err(|error| failed(error.into()))?;
            }
            Auth::None => {}
        }
        Ok(request)
    }
}

fn prepared(
    method: &'static str,
    url: &str,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<HttpRequest, Box<dyn Error + Send + Sync>> {
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method(method)?;
    request.set_uri(url)?;
    if let Some(content_type) = content_type {
        request
            .headers_mut()
            .try_insert("content-type", content_type.to_owned())?;
    }
    Ok(request)
}

fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}
