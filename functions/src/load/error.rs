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

#[cfg(test)]
mod tests {
    use warehouse::load::StagedFile;

    use super::*;
    use crate::memory::denied;

    #[test]
    fn lambda_is_told_the_code_of_a_failed_call_or_what_failed() {
        let call = denied("dynamodb", "GetItem", "table load");
        let message = call.to_string();
        let aborted = WarehouseError::Aborted {
            name: "load/0123/1".to_owned(),
        };
        let file = StagedFile::at("raw/v1/a").unwrap_err();
        for (error, error_type) in [
            (LoadError::from(call), "AccessDeniedException"),
            (LoadError::from(aborted), "Warehouse"),
            (LoadError::from(file), "File"),
        ] {
            let expected = error.to_string();
            let diagnostic = Diagnostic::from(error);
            assert_eq!(diagnostic.error_type, error_type);
            assert!(diagnostic.error_message.starts_with(&expected));
        }
        assert!(message.contains("AccessDeniedException"));
    }
}
