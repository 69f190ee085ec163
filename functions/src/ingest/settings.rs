//! Settings of `ingest`.

use crate::settings::{Aws, Environment, RAW_BUCKET, SettingsError};

/// Name of the stream that `ingest` writes to.
const STREAM_NAME: &str = "STREAM_NAME";

/// Settings of `ingest`.
#[derive(Debug)]
pub struct Settings {
    pub aws: Aws,
    pub stream_name: String,
    /// The bucket of the raw lake, in which rejects are kept.
    pub raw_bucket: String,
}

impl Settings {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    ///
    /// Names the missing variable.
    pub fn read(environment: &Environment) -> Result<Self, SettingsError> {
        Ok(Self {
            aws: Aws::read(environment)?,
            stream_name: environment.required(STREAM_NAME)?,
            raw_bucket: environment.required(RAW_BUCKET)?,
        })
    }
}
