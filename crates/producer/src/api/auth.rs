//! Authentication of requests.

use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

/// Credentials that expire sooner than this are renewed.
const EXPIRY_MARGIN: Duration = Duration::from_mins(5);

/// How requests are authenticated.
#[derive(Debug)]
pub enum Auth {
    /// Requests are signed with `SigV4`.
    Iam {
        /// Region of the API.
        region: String,
        /// Provider of credentials. It is called again when they are about to expire.
        credentials: SharedCredentialsProvider,
    },
    /// Requests carry an API key.
    ApiKey(ApiKey),
    /// Requests are not authenticated.
    None,
}

/// Value of the header `x-api-key`. `Debug` does not print it.
pub struct ApiKey(String);

impl ApiKey {
    #[must_use]
    pub fn new(key: String) -> Self {
        Self(key)
    }

    pub(super) fn value(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(****)")
    }
}

/// Cache of the current credentials, because a provider may call a service for new ones.
#[derive(Debug, Default)]
pub(super) struct CredentialsCache(Mutex<Option<Credentials>>);

impl CredentialsCache {
    /// Returns the cached credentials, or new ones from `provider` when they are about to expire.
    pub(super) async fn get_or_renew(
        &self,
        provider: &SharedCredentialsProvider,
    ) -> Result<Credentials, CredentialsError> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = SystemTime::now() + EXPIRY_MARGIN;
        let kept = lock()
            .clone()
            .filter(|kept| kept.expiry().is_none_or(|expiry| expiry > ends));
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let fresh = provider.provide_credentials().await?;
        *lock() = Some(fresh.clone());
        Ok(fresh)
    }
}

/// Adds the headers of `SigV4`, valid for `service`.
pub(super) fn add_signature(
    request: &mut HttpRequest,
    body: &[u8],
    service: &str,
    region: &str,
    signer: Credentials,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let identity = signer.into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?
        .into();
    let headers = request.headers().iter();
    let signable = SignableRequest::new(
        request.method(),
        request.uri(),
        headers,
        SignableBody::Bytes(body),
    )?;
    let (instructions, _signature) = sign(signable, &params)?.into_parts();
    let (headers, _params) = instructions.into_parts();
    for header in headers {
        let value = header.value().to_owned();
        request.headers_mut().try_insert(header.name(), value)?;
    }
    Ok(())
}
