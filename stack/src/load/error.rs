//! Errors of manual loads.

use warehouse::WarehouseError;

use crate::deploy::DeployError;
use crate::invoke::InvokeError;

/// Why files could not be loaded or counted.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A call to an AWS service failed.
    #[error(transparent)]
    Call(#[from] DeployError),
    /// The ledger could not be read.
    #[error("the warehouse's ledger cannot be read")]
    Ledger(#[from] WarehouseError),
    /// The function could not be called, or failed.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// The response of the warehouse has an unexpected shape.
    #[error("the warehouse returned rows without day and count: deploy the newer version")]
    Shape,
}
