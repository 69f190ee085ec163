//! Why a replay did not come to an end.

use crate::deploy::DeployError;
use crate::invoke::InvokeError;
use crate::load::LoadError;

/// Why a replay stopped. The same command goes on where it stopped.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A service could not be asked.
    #[error(transparent)]
    Call(#[from] DeployError),
    /// A function could not be called, or failed.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// The staged files could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
}
