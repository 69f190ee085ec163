//! How the command line reaches AWS, or the machine that stands for it.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::{BehaviorVersion, SharedHttpClient};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use local::Addresses;

/// What a client of an environment needs: the SDK's configuration, and where the Data API listens when
/// that is elsewhere.
#[derive(Clone, Debug)]
pub struct Clients {
    sdk: SdkConfig,
    data_api_url: Option<String>,
}

/// The one HTTP client of every SDK client. Its crypto is ring: it builds without a C toolchain of its own.
#[must_use]
pub fn http() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

impl Clients {
    /// Clients of the environment that runs on this machine. Real AWS credentials are never read.
    #[must_use]
    pub fn local(addresses: &Addresses) -> Self {
        let root = Credentials::new(
            local::ACCESS_KEY_ID,
            local::SECRET_ACCESS_KEY,
            None,
            None,
            "local",
        );
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(local::REGION))
            .credentials_provider(SharedCredentialsProvider::new(root))
            .endpoint_url(&addresses.endpoint_url)
            .http_client(http())
            .retry_config(RetryConfig::standard().with_max_attempts(4))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(5))
                    .operation_attempt_timeout(Duration::from_secs(45))
                    .build(),
            )
            .build();
        Self {
            sdk,
            data_api_url: Some(addresses.data_api_url.clone()),
        }
    }

    /// The configuration for every service but the Redshift Data API.
    #[must_use]
    pub fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// The configuration for the Redshift Data API.
    #[must_use]
    pub fn data_api(&self) -> SdkConfig {
        match &self.data_api_url {
            Some(url) => self.sdk.to_builder().endpoint_url(url).build(),
            None => self.sdk.clone(),
        }
    }

    /// S3. An emulator knows no bucket by its host name.
    #[must_use]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.sdk)
            .force_path_style(self.sdk.endpoint_url().is_some())
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }
}
