//! The files for one connection.

use templates::tableau::{SourceFile, Workbook};

use crate::catalog::Catalog;
use crate::connection::Connection;
use crate::error::BuildError;
use crate::{dashboard, sheets, source, worksheet};

/// The texts of the files.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Files {
    /// The workbook (`.twb`).
    pub workbook: String,
    /// The data source (`.tds`) of each view, with the name of the view. Views have different grains, and a data source
    /// has one.
    pub sources: Vec<(String, String)>,
}

impl Files {
    /// Builds the files of an environment. The same catalog gives the same texts.
    ///
    /// # Errors
    ///
    /// Fails if a view or a column of a sheet is not in the catalog, or its type does not fit.
    pub fn of(
        environment: &str,
        connection: &Connection,
        catalog: &Catalog,
    ) -> Result<Self, BuildError> {
        let element = connection.element();
        let (mut sources, mut sheets) = (Vec::new(), Vec::new());
        for sheet in sheets::all() {
            let view = worksheet::view(sheet, catalog)?;
            let source = source::of(view, environment, &element);
            sheets.push(worksheet::of(sheet, view, source.clone())?);
            sources.push(source);
        }
        let workbook = Workbook {
            sources,
            sheets,
            dashboard: dashboard::of(environment),
        };
        let mut files = Vec::new();
        for view in catalog.views() {
            let source = source::of(view, environment, &element);
            let text = SourceFile { source: &source }.render()?;
            files.push((view.name.clone(), text));
        }
        Ok(Self {
            workbook: workbook.render()?,
            sources: files,
        })
    }
}
