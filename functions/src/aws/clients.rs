//! One HTTP client and one identity for the clients of all services.
//!
//! Made by hand of what Lambda gives in the environment: `aws-config` would look for profiles, tokens and
//! instance metadata that a function never has, and cost milliseconds and megabytes at each cold start.

use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::settings;

/// Inside a region a connection takes milliseconds; after this long it will not come.
const CONNECT: Duration = Duration::from_secs(3);
/// The longest that one attempt may be silent; below the 29 s after which API Gateway gives up.
const READ: Duration = Duration::from_secs(20);

/// Makes the clients of the services.
#[derive(Clone, Debug)]
pub struct Clients {
    config: SdkConfig,
    redshift_data_endpoint_url: Option<String>,
}

impl Clients {
    /// Makes the HTTP client that all share. Nothing is connected or asked yet.
    #[must_use]
    pub fn new(aws: &settings::Aws) -> Self {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .read_timeout(READ);
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(aws.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(aws.credentials.clone()))
            .http_client(http)
            .timeout_config(timeouts.build());
        config.set_endpoint_url(aws.endpoint_url.clone());
        Self {
            config: config.build(),
            redshift_data_endpoint_url: aws.redshift_data_endpoint_url.clone(),
        }
    }

    /// What all clients share, at the address of all services.
    #[must_use]
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// What all clients share, at the address of the Redshift Data API.
    #[must_use]
    pub fn redshift_data_config(&self) -> SdkConfig {
        let mut config = self.config.to_builder();
        config.set_endpoint_url(self.redshift_data_endpoint_url.clone());
        config.build()
    }
}
