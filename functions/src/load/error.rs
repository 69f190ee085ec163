//! Errors of loading.

use lambda_runtime::Diagnostic;
use warehouse::load::StagedFileError;
use warehouse::{RenderError, WarehouseError};

use crate::logs;
use crate::ports::CallError;

/// A load that failed. The queue delivers its files again, and no file is loaded twice.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    #[error("cannot render the statements of the load")]
    Render(#[from] RenderError),
    /// A key does not name a staged file.
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
