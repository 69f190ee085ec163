//! Why a load at a person's word did not come to an end.

use warehouse::WarehouseError;

use crate::deploy::DeployError;

/// Why files were not loaded or not counted.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A service could not be asked.
    #[error(transparent)]
    Call(#[from] DeployError),
    /// The ledger could not be asked.
    #[error("the warehouse's ledger cannot be read")]
    Ledger(#[from] WarehouseError),
    /// The function ended with an error.
    #[error("function `{function}` failed: {message}: `stack status` and its log tell more")]
    Function {
        /// Its name.
        function: String,
        /// What it answered.
        message: String,
    },
    /// The warehouse said something else than a count a day.
    #[error("the warehouse returned no day and count")]
    Shape,
}
