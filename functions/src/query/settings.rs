//! Settings of `query`.

use crate::settings::{Aws, CUSTOMER_TABLE, Environment, INVOICE_TABLE, SettingsError};

/// Settings of `query`.
#[derive(Debug)]
pub struct Settings {
    pub aws: Aws,
    pub customer_table: String,
    pub invoice_table: String,
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
            customer_table: environment.required(CUSTOMER_TABLE)?,
            invoice_table: environment.required(INVOICE_TABLE)?,
        })
    }
}
