//! Why the files cannot be built.

use templates::RenderError;

use crate::SCHEMA;

/// Why the files cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A view that a sheet shows is not in the database.
    #[error(
        "sheet `{sheet}` shows the view `{SCHEMA}.{view}`, which the database does not have; its views are: {views}\n  next: `stack migrate`, or correct `view` of the sheet in crates/tableau/src/sheets.rs"
    )]
    NoView {
        sheet: &'static str,
        view: &'static str,
        views: String,
    },
    /// A column that a sheet shows is not in its view.
    #[error(
        "sheet `{sheet}` shows the field `{column}`, which the view `{SCHEMA}.{view}` does not have; its columns are: {columns}\n  next: `stack migrate`, or correct the sheet in crates/tableau/src/sheets.rs if the column was renamed"
    )]
    NoColumn {
        sheet: &'static str,
        view: &'static str,
        column: &'static str,
        columns: String,
    },
    /// A field cannot be shown in this way.
    #[error(
        "sheet `{sheet}` shows {aggregation} of the field `{column}`, which the type of that column of the view `{SCHEMA}.{view}` does not allow\n  next: correct the sheet in crates/tableau/src/sheets.rs"
    )]
    WrongType {
        sheet: &'static str,
        view: &'static str,
        column: &'static str,
        /// Tableau's name of the aggregation.
        aggregation: &'static str,
    },
    /// Tableau has no data type for a type of the database.
    #[error(
        "the column `{column}` of the view `{SCHEMA}.{view}` has the type `{type_name}`, for which there is no data type in Tableau\n  next: cast the column in its view, or add the type to crates/tableau/src/datatype.rs"
    )]
    UnknownType {
        view: String,
        column: String,
        type_name: String,
    },
    /// A template is wrong.
    #[error(transparent)]
    Render(#[from] RenderError),
}
