//! The environment, read once.

use std::collections::BTreeMap;

use aws_credential_types::Credentials;

/// The function's own name, set by Lambda.
pub const FUNCTION_NAME: &str = "AWS_LAMBDA_FUNCTION_NAME";
/// Least level that is logged, set by Lambda's logging controls; `INFO` when absent.
pub const LOG_LEVEL: &str = "AWS_LAMBDA_LOG_LEVEL";
/// Region of every service, set by Lambda.
pub const REGION: &str = "AWS_REGION";
/// Access key of the function's role, set by Lambda.
pub const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
/// Secret of the function's role, set by Lambda.
pub const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
/// Session of the function's role, set by Lambda.
pub const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
/// Address of every service, for one machine as an AWS account; AWS's own when absent.
pub const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
/// Address of the Redshift Data API alone; that of every service when absent.
pub const ENDPOINT_URL_REDSHIFT_DATA: &str = "AWS_ENDPOINT_URL_REDSHIFT_DATA";

/// Name of the stream that `ingest` writes.
pub const STREAM_NAME: &str = "STREAM_NAME";
/// Bucket of the raw lake, which `store` writes; `ingest` keeps rejects there.
pub const RAW_BUCKET: &str = "RAW_BUCKET";
/// Bucket of the staged CSV, which `transform` writes.
pub const STAGING_BUCKET: &str = "STAGING_BUCKET";
/// Table of a customer's invoices.
pub const CUSTOMER_TABLE: &str = "CUSTOMER_TABLE";
/// Table of an invoice's lines.
pub const INVOICE_TABLE: &str = "INVOICE_TABLE";
/// How `store` answers when it kept a part of a batch: `partial` or `whole`.
pub const BATCH_FAILURES: &str = "BATCH_FAILURES";

/// Why the environment does not do.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// Neither the template nor Lambda set it.
    #[error("environment variable {0} is missing or empty: set it on the function")]
    Missing(&'static str),
    /// None of the words that it takes.
    #[error("environment variable {name} is `{value}`, it takes {takes}")]
    Unknown {
        /// Its name.
        name: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        takes: &'static str,
    },
}

/// The environment as it was at the start. An empty variable is an absent one.
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// That of this process; what is not UTF-8 is left out, as no setting of ours is.
    #[must_use]
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of `name`, if it has one.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// The value of `name`.
    ///
    /// # Errors
    ///
    /// When it has none.
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

/// Where the services are and who asks them.
#[derive(Clone, Debug)]
pub struct Aws {
    /// The function that asks.
    pub function_name: String,
    /// The region of all of them.
    pub region: String,
    /// The function's role for as long as the process lives; prints as `** redacted **`.
    pub credentials: Credentials,
    /// Their address when it is not AWS's own.
    pub endpoint_url: Option<String>,
    /// The Redshift Data API's address when it is not AWS's own.
    pub redshift_data_endpoint_url: Option<String>,
}

impl Aws {
    /// Reads what Lambda gives every function.
    ///
    /// # Errors
    ///
    /// Names the variable that is missing.
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

/// What `ingest` is told.
#[derive(Debug)]
pub struct Ingest {
    /// The services.
    pub aws: Aws,
    /// The stream to write.
    pub stream_name: String,
    /// The bucket of the raw lake, which keeps rejects.
    pub raw_bucket: String,
}

impl Ingest {
    /// Reads the environment of `ingest`.
    ///
    /// # Errors
    ///
    /// Names the variable that is missing.
    pub fn read(environment: &Environment) -> Result<Self, SettingsError> {
        Ok(Self {
            aws: Aws::read(environment)?,
            stream_name: environment.required(STREAM_NAME)?,
            raw_bucket: environment.required(RAW_BUCKET)?,
        })
    }
}

/// How `store` answers when it kept a part of a batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BatchFailures {
    /// Names the first record to send again, as AWS reads it.
    Partial,
    /// Fails as a whole: the local emulator ignores `batchItemFailures` on a stream, so that a partial
    /// answer would lose records there. Every write is idempotent, so sending all again is harmless.
    Whole,
}

/// What `store` is told.
#[derive(Debug)]
pub struct Store {
    /// The services.
    pub aws: Aws,
    /// The bucket of the raw lake.
    pub raw_bucket: String,
    /// The table of a customer's invoices.
    pub customer_table: String,
    /// The table of an invoice's lines.
    pub invoice_table: String,
    /// How to answer for a part of a batch.
    pub batch_failures: BatchFailures,
}

impl Store {
    /// Reads the environment of `store`.
    ///
    /// # Errors
    ///
    /// Names the variable that is missing or unknown.
    pub fn read(environment: &Environment) -> Result<Self, SettingsError> {
        let batch_failures = match environment.required(BATCH_FAILURES)?.as_str() {
            "partial" => BatchFailures::Partial,
            "whole" => BatchFailures::Whole,
            other => {
                return Err(SettingsError::Unknown {
                    name: BATCH_FAILURES,
                    value: other.to_owned(),
                    takes: "`partial` or `whole`",
                });
            }
        };
        Ok(Self {
            aws: Aws::read(environment)?,
            raw_bucket: environment.required(RAW_BUCKET)?,
            customer_table: environment.required(CUSTOMER_TABLE)?,
            invoice_table: environment.required(INVOICE_TABLE)?,
            batch_failures,
        })
    }
}

/// What `transform` is told.
#[derive(Debug)]
pub struct Transform {
    /// The services.
    pub aws: Aws,
    /// The bucket of the staged CSV.
    pub staging_bucket: String,
}

impl Transform {
    /// Reads the environment of `transform`.
    ///
    /// # Errors
    ///
    /// Names the variable that is missing.
    pub fn read(environment: &Environment) -> Result<Self, SettingsError> {
        Ok(Self {
            aws: Aws::read(environment)?,
            staging_bucket: environment.required(STAGING_BUCKET)?,
        })
    }
}

/// What `query` is told.
#[derive(Debug)]
pub struct Query {
    /// The services.
    pub aws: Aws,
    /// The table of a customer's invoices.
    pub customer_table: String,
    /// The table of an invoice's lines.
    pub invoice_table: String,
}

impl Query {
    /// Reads the environment of `query`.
    ///
    /// # Errors
    ///
    /// Names the variable that is missing.
    pub fn read(environment: &Environment) -> Result<Self, SettingsError> {
        Ok(Self {
            aws: Aws::read(environment)?,
            customer_table: environment.required(CUSTOMER_TABLE)?,
            invoice_table: environment.required(INVOICE_TABLE)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAMBDA: [(&str, &str); 7] = [
        (FUNCTION_NAME, "riverhouse-dev-store"),
        (REGION, "eu-west-1"),
        (ACCESS_KEY_ID, "AKIDEXAMPLE"),
        (SECRET_ACCESS_KEY, "a-secret"),
        (SESSION_TOKEN, "a-session"),
        (STREAM_NAME, "riverhouse-dev-events"),
        (RAW_BUCKET, "riverhouse-dev-raw"),
    ];

    #[test]
    fn a_missing_or_empty_variable_is_named() {
        let without_stream = LAMBDA.into_iter().take(5);
        let missing = Ingest::read(&without_stream.clone().collect()).unwrap_err();
        assert_eq!(missing, SettingsError::Missing(STREAM_NAME));
        let empty = without_stream.chain([(STREAM_NAME, "")]).collect();
        assert_eq!(Ingest::read(&empty).unwrap_err(), missing);
        insta::assert_snapshot!(missing, @"environment variable STREAM_NAME is missing or empty: set it on the function");
    }

    #[test]
    fn a_word_that_batch_failures_does_not_take_is_named_with_those_it_takes() {
        let environment = LAMBDA
            .into_iter()
            .chain([(BATCH_FAILURES, "some")])
            .collect();
        insta::assert_snapshot!(Store::read(&environment).unwrap_err(), @"environment variable BATCH_FAILURES is `some`, it takes `partial` or `whole`");
    }

    #[test]
    fn the_redshift_data_api_has_an_address_of_its_own_or_that_of_all() {
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
        let settings = Ingest::read(&LAMBDA.into_iter().collect()).unwrap();
        let printed = format!("{settings:?}");
        assert!(
            !printed.contains("a-secret") && !printed.contains("a-session"),
            "{printed}"
        );
    }
}
