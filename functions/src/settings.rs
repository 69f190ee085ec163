//! Settings of the functions, read once from the environment variables.

use std::collections::BTreeMap;

use aws_credential_types::Credentials;

/// Name of the function. Set by Lambda.
pub const FUNCTION_NAME: &str = "AWS_LAMBDA_FUNCTION_NAME";
/// The lowest level that is logged; default `INFO`. Set by Lambda's logging controls.
pub const LOG_LEVEL: &str = "AWS_LAMBDA_LOG_LEVEL";
/// AWS region. Set by Lambda.
pub const REGION: &str = "AWS_REGION";
/// Access key of the function's role. Set by Lambda.
pub const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
/// Secret key of the function's role. Set by Lambda.
pub const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
/// Session token of the function's role. Set by Lambda.
pub const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
/// Endpoint of all services, for local environments; default is AWS's own endpoints.
pub const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
/// Endpoint of the Redshift Data API; default is the endpoint of all services.
pub const ENDPOINT_URL_REDSHIFT_DATA: &str = "AWS_ENDPOINT_URL_REDSHIFT_DATA";

/// Name of the bucket of the raw lake, which `store` writes. `ingest` keeps rejects there.
pub const RAW_BUCKET: &str = "RAW_BUCKET";
/// Name of the bucket of the staged CSV, which `transform` writes.
pub const STAGING_BUCKET: &str = "STAGING_BUCKET";
/// Name of table `customer`.
pub const CUSTOMER_TABLE: &str = "CUSTOMER_TABLE";
/// Name of table `invoice`.
pub const INVOICE_TABLE: &str = "INVOICE_TABLE";

/// An invalid environment variable.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// Neither the template nor Lambda set the variable.
    #[error("environment variable {0} is missing or empty: set it on the function")]
    Missing(&'static str),
    /// The variable has a value that is not allowed.
    #[error("environment variable {name} is `{value}`; expected {takes}")]
    Unknown {
        /// Name of the variable.
        name: &'static str,
        value: String,
        /// The allowed values.
        takes: &'static str,
    },
}

/// The environment variables at the start. An empty variable counts as missing.
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Reads the variables of this process. A variable that is not UTF-8 is left out; no setting needs one.
    #[must_use]
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// Returns the value of `name`; `None` if it is missing or empty.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// Returns the value of `name`.
    ///
    /// # Errors
    ///
    /// Fails if it is missing or empty.
    pub fn required(&self, name: &'static str) -> Result<String, SettingsError> {
        self.optional(name).ok_or(SettingsError::Missing(name))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        let pairs = variables.into_iter();
        Self(
            pairs
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

/// Endpoints and credentials of the AWS services.
#[derive(Clone, Debug)]
pub struct Aws {
    pub function_name: String,
    pub region: String,
    /// Credentials of the function's role, valid as long as the process lives. Prints as `** redacted **`.
    pub credentials: Credentials,
    /// Endpoint of all services, if not AWS's own.
    pub endpoint_url: Option<String>,
    /// Endpoint of the Redshift Data API, if not AWS's own.
    pub redshift_data_endpoint_url: Option<String>,
}

impl Aws {
    /// Reads the variables that every function has.
    ///
    /// # Errors
    ///
    /// Names the missing variable.
    pub fn read(environment: &Environment) -> Result<Self, SettingsError> {
        let endpoint_url = environment.optional(ENDPOINT_URL);
        Ok(Self {
            function_name: environment.required(FUNCTION_NAME)?,
            region: environment.required(REGION)?,
            credentials: Credentials::new(
                environment.required(ACCESS_KEY_ID)?,
                environment.required(SECRET_ACCESS_KEY)?,
                environment.optional(SESSION_TOKEN),
                None,
                "the Lambda environment",
            ),
            redshift_data_endpoint_url: environment
                .optional(ENDPOINT_URL_REDSHIFT_DATA)
                .or_else(|| endpoint_url.clone()),
            endpoint_url,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::Settings;

    const LAMBDA: [(&str, &str); 7] = [
        (FUNCTION_NAME, "riverhouse-dev-store"),
        (REGION, "eu-west-1"),
        (ACCESS_KEY_ID, "AKIDEXAMPLE"),
        (SECRET_ACCESS_KEY, "a-secret"),
        (SESSION_TOKEN, "a-session"),
        ("STREAM_NAME", "riverhouse-dev-events"),
        (RAW_BUCKET, "riverhouse-dev-raw"),
    ];

    #[test]
    fn a_missing_or_empty_variable_is_named() {
        let without_stream = LAMBDA.into_iter().take(5);
        let missing = Settings::read(&without_stream.clone().collect()).unwrap_err();
        assert_eq!(missing, SettingsError::Missing("STREAM_NAME"));
        let empty = without_stream.chain([("STREAM_NAME", "")]).collect();
        assert_eq!(Settings::read(&empty).unwrap_err(), missing);
        insta::assert_snapshot!(missing, @"environment variable STREAM_NAME is missing or empty: set it on the function");
    }

    #[test]
    fn the_redshift_data_api_has_its_own_endpoint_or_that_of_all_services() {
        let all = LAMBDA
            .into_iter()
            .chain([(ENDPOINT_URL, "http://127.0.0.1:1")]);
        let aws = Aws::read(&all.clone().collect()).unwrap();
        assert_eq!(
            aws.redshift_data_endpoint_url.as_deref(),
            Some("http://127.0.0.1:1")
        );
        let own = all.chain([(ENDPOINT_URL_REDSHIFT_DATA, "http://127.0.0.1:2")]);
        let aws = Aws::read(&own.collect()).unwrap();
        assert_eq!(
            aws.redshift_data_endpoint_url.as_deref(),
            Some("http://127.0.0.1:2")
        );
        assert_eq!(aws.endpoint_url.as_deref(), Some("http://127.0.0.1:1"));
    }

    #[test]
    fn settings_print_without_secrets() {
        let settings = Settings::read(&LAMBDA.into_iter().collect()).unwrap();
        let printed = format!("{settings:?}");
        assert!(
            !printed.contains("a-secret") && !printed.contains("a-session"),
            "{printed}"
        );
    }
}
