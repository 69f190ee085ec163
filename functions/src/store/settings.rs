//! Settings of `store`.

use crate::settings::{Aws, CUSTOMER_TABLE, Environment, INVOICE_TABLE, RAW_BUCKET, SettingsError};

/// How `store` reports a partial failure of a batch: `partial` or `whole`.
const BATCH_FAILURES: &str = "BATCH_FAILURES";

/// How `store` reports a partial failure of a batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BatchFailures {
    /// Names the first record to retry, as AWS expects.
    Partial,
    /// Fails as a whole. The local emulator ignores `batchItemFailures` of a stream, so a partial report would lose
    /// records there. Every write is idempotent, so retrying the whole batch is harmless.
    Whole,
}

/// Settings of `store`.
#[derive(Debug)]
pub struct Settings {
    pub aws: Aws,
    pub raw_bucket: String,
    pub customer_table: String,
    pub invoice_table: String,
    /// How to report a partial failure of a batch.
    pub batch_failures: BatchFailures,
}

impl Settings {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    ///
    /// Names the missing or invalid variable.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_value_of_batch_failures_is_an_error_with_the_allowed_ones() {
        let environment = [(BATCH_FAILURES, "some")].into_iter().collect();
        insta::assert_snapshot!(Settings::read(&environment).unwrap_err(), @"environment variable BATCH_FAILURES is `some`; expected `partial` or `whole`");
    }
}
