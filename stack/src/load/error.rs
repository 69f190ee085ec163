//! Why a load at a person's word did not come to an end.

use warehouse::WarehouseError;

use crate::deploy::DeployError;
use crate::invoke::InvokeError;

/// Why files were not loaded or not counted.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A service could not be asked.
    #[error(transparent)]
    Call(#[from] DeployError),
    /// The ledger could not be asked.
    #[error("the warehouse's ledger cannot be read")]
    Ledger(#[from] WarehouseError),
    /// The function could not be called, or failed.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// The warehouse said something else than a count a day.
    #[error("the warehouse returned no day and count")]
    Shape,
}
