//! SDK configuration: one HTTP client and one set of credentials for all service clients.
//!
//! Built directly from Lambda's environment variables. `aws-config` would look for profiles, tokens and instance
//! metadata that a function never has, and add milliseconds and megabytes to each cold start.

use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::settings;

/// Connection timeout. A connection inside a region takes milliseconds; one that takes longer than this will fail.
const CONNECT: Duration = Duration::from_secs(3);
/// Read timeout of one attempt; less than the 29 s after which API Gateway times out.
const READ: Duration = Duration::from_secs(20);

/// Builds service clients.
#[derive(Clone, Debug)]
pub struct Clients {
    config: SdkConfig,
    redshift_data_endpoint_url: Option<String>,
}

impl Clients {
    /// Builds the shared HTTP client. Opens no connection.
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

    /// Returns the shared configuration with the endpoint of all services.
    #[must_use]
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Returns the shared configuration with the endpoint of the Redshift Data API.
    #[must_use]
    pub fn redshift_data_config(&self) -> SdkConfig {
        let mut config = self.config.to_builder();
        config.set_endpoint_url(self.redshift_data_endpoint_url.clone());
        config.build()
    }
}
