//! Settings of `transform`.

use crate::settings::{Aws, Environment, STAGING_BUCKET, SettingsError};

/// Settings of `transform`.
#[derive(Debug)]
pub struct Settings {
    pub aws: Aws,
    /// The bucket of the staged CSV.
    pub staging_bucket: String,
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
            staging_bucket: environment.required(STAGING_BUCKET)?,
        })
    }
}
