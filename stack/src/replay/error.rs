//! Errors of replays.

use cloudformation::CallFailure;

use crate::invoke::InvokeError;
use crate::load::LoadError;

/// Why a replay stopped. The same command resumes it.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A call to an AWS service failed.
    #[error(transparent)]
    Call(#[from] CallFailure),
    /// A function could not be called, or failed.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// The staged files could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
}
