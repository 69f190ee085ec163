//! Why files were not loaded.

use lambda_runtime::Diagnostic;
use warehouse::load::StagedFileError;
use warehouse::{RenderError, WarehouseError};

use crate::logs;
use crate::ports::CallError;

/// Why a load did not come to its end. Its files come again by the queue, and nothing is loaded twice then.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A service refused.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The warehouse could not be asked.
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    /// Its statements could not be made.
    #[error("the load's statements cannot be made")]
    Render(#[from] RenderError),
    /// What was named cannot be loaded.
    #[error(transparent)]
    File(#[from] StagedFileError),
}

impl From<LoadError> for Diagnostic {
    fn from(error: LoadError) -> Self {
        let error_type = match &error {
            LoadError::Call(error) => error.code.clone(),
            LoadError::Warehouse(_) => "Warehouse".to_owned(),
            LoadError::Render(_) => "Render".to_owned(),
            LoadError::File(_) => "File".to_owned(),
        };
        Self {
            error_type,
            error_message: logs::chain(&error),
        }
    }
}
