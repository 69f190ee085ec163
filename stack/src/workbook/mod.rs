//! Tableau's files of an environment: data sources, a workbook, and optionally an extract of all views.

mod catalog;
mod error;
mod extract;
mod hyper;

use std::path::{Path, PathBuf};

use error::failed;
use tableau::{Catalog, Connection, Extract, Files, Server};
use warehouse::login::TABLEAU;

pub use error::WorkbookError;
pub use extract::Extracted;

use crate::environment::APPLICATION;
use crate::file;
use crate::outputs::Outputs;
use crate::session::Session;

/// What was written.
#[derive(Debug)]
pub struct Written {
    /// The files, in the order in which they were written.
    pub paths: Vec<PathBuf>,
    /// What is in the extract, if there is one.
    pub extract: Option<Extracted>,
}

/// Writes the files of an environment into `folder`, which is created if it does not exist. Existing files are replaced,
/// each at once. Nothing is written if a check fails. With `python`, an interpreter that has `tableauhyperapi`, it also
/// writes an extract, and the packaged workbook reads the extract instead of the warehouse.
///
/// # Errors
///
/// When the views do not have what the sheets show, when the warehouse cannot be read, when the totals of the extract
/// differ from those of the warehouse, or when a file cannot be written.
pub async fn write(
    session: &Session,
    folder: &Path,
    python: Option<&Path>,
) -> Result<Written, WorkbookError> {
    let catalog = catalog::read(&session.warehouse()).await?;
    let environment = session.outputs.environment.as_str();
    let live = files(environment, &connection(&session.outputs), &catalog)?;
    let name = format!("{APPLICATION}-{environment}");
    let path = |ending: &str| folder.join(format!("{name}{ending}"));
    let made = match python {
        Some(python) => Some(extract::make(&session.warehouse(), &catalog, python).await?),
        None => None,
    };
    std::fs::create_dir_all(folder).map_err(failed("create the folder", folder))?;
    let mut written = Written {
        paths: Vec::new(),
        extract: made.as_ref().map(|made| made.extracted),
    };
    let package = if let Some(made) = &made {
        written.put(path(".hyper"), &made.content)?;
        package_with_extract(&name, environment, &catalog, &made.content)?
    } else {
        tableau::package(&format!("{name}.twb"), &live.workbook, None)?
    };
    for (view, text) in &live.sources {
        written.put(path(&format!(".{view}.tds")), text.as_bytes())?;
    }
    written.put(path(".twb"), live.workbook.as_bytes())?;
    written.put(path(".twbx"), &package)?;
    Ok(written)
}

/// Packs a workbook that reads the extract beside it in the package.
fn package_with_extract(
    name: &str,
    environment: &str,
    catalog: &Catalog,
    content: &[u8],
) -> Result<Vec<u8>, WorkbookError> {
    let path = format!("Data/Extracts/{name}.hyper");
    let hyper = Connection::Hyper { path: path.clone() };
    let files = files(environment, &hyper, catalog)?;
    let extract = Extract {
        path: &path,
        content,
    };
    let name = format!("{name}.twb");
    Ok(tableau::package(&name, &files.workbook, Some(extract))?)
}

impl Written {
    fn put(&mut self, path: PathBuf, content: &[u8]) -> Result<(), WorkbookError> {
        file::replace(&path, content).map_err(failed("write", &path))?;
        self.paths.push(path);
        Ok(())
    }
}

/// Builds and checks the files for a connection.
fn files(
    environment: &str,
    connection: &Connection,
    catalog: &Catalog,
) -> Result<Files, WorkbookError> {
    let files = Files::of(environment, connection, catalog)?;
    tableau::lint(&files.workbook, catalog)?;
    for (_, source) in &files.sources {
        tableau::lint(source, catalog)?;
    }
    Ok(files)
}

/// Returns the address at which analysts reach the warehouse.
fn connection(outputs: &Outputs) -> Connection {
    let warehouse = &outputs.warehouse;
    match &warehouse.analysts {
        Some(address) => Connection::Postgres(Server {
            host: address.host.clone(),
            port: address.port,
            database: warehouse.database.clone(),
            user: address.user.clone(),
        }),
        None => Connection::Redshift(Server {
            host: warehouse.host.clone(),
            port: warehouse.port,
            database: warehouse.database.clone(),
            user: TABLEAU.to_owned(),
        }),
    }
}
