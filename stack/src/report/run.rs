//! Writes the report of an environment.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use ::report::{Facts, Mistake, Mistakes, RenderError, Report, Results};
use futures_util::{StreamExt as _, stream};
use local::LocalError;
use templates::sql::query::DataAsOf;
use time::OffsetDateTime;
use time::macros::format_description;
use warehouse::{Warehouse, WarehouseError};

use super::charts;
use super::definitions::definitions;
use crate::progress::Progress;

/// How many queries run at the same time.
const CONCURRENT: usize = 4;

/// Why a report was not written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The pages have mistakes.
    #[error(transparent)]
    Pages(#[from] Mistakes),
    /// The warehouse cannot be asked.
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    /// The program that draws the charts cannot be installed.
    #[error(transparent)]
    Packages(#[from] LocalError),
    /// The program that draws the charts failed.
    #[error("the charts cannot be drawn: {message}")]
    Drawing { message: String },
    /// A template has a mistake.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The file cannot be written. A file that existed before is unchanged.
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

impl ReportError {
    pub(super) fn drawing(error: impl fmt::Display) -> Self {
        Self::Drawing {
            message: error.to_string(),
        }
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Written {
    pub queries: usize,
    pub charts: usize,
    pub bytes: usize,
}

/// Asks `warehouse` the queries of `report`, and writes the report of `environment` to `file`, and a PNG file of each
/// chart to the folder `pictures`. Replaces files that exist; `file` at once, so a reader never sees a part of it.
///
/// # Errors
///
/// Fails if a query fails, a page names a column that its query does not return, or a chart cannot be drawn. The error
/// has all such mistakes. Fails if the warehouse cannot be reached, or a file cannot be written.
pub async fn write(
    report: &Report,
    environment: &str,
    warehouse: &Warehouse,
    file: &Path,
    pictures: Option<&Path>,
    progress: &Progress,
) -> Result<Written, ReportError> {
    let step = progress.step("queries");
    let (results, failed) = results(report, warehouse).await?;
    report.check(&results, failed)?;
    let facts = facts(environment, warehouse).await?;
    step.done("finished");
    let step = progress.step("charts");
    if let Some(folder) = pictures {
        std::fs::create_dir_all(folder).map_err(not_written(folder))?;
    }
    let drawings = report.drawings(&results);
    let pictures = charts::draw(&drawings, pictures, |line| progress.say(line))?;
    Mistakes::none_in(report.undrawn(&pictures.failed))?;
    step.done("drawn");
    let html = report.html(&results, &pictures.drawn, &facts)?;
    crate::file::replace(file, html.as_bytes()).map_err(not_written(file))?;
    Ok(Written {
        queries: results.len(),
        charts: drawings.len(),
        bytes: html.len(),
    })
}

fn not_written(path: &Path) -> impl FnOnce(io::Error) -> ReportError {
    let path = path.to_owned();
    |source| ReportError::Write { path, source }
}

/// Runs all queries, and returns the mistakes of those that the warehouse refused.
async fn results(
    report: &Report,
    warehouse: &Warehouse,
) -> Result<(Results, Vec<Mistake>), WarehouseError> {
    let answers = stream::iter(report.queries())
        .map(async |query| (query, warehouse.query(&query.name, &query.sql).await))
        .buffered(CONCURRENT);
    let answers: Vec<_> = answers.collect().await;
    let (mut results, mut failed) = (Results::new(), Vec::new());
    for (query, answer) in answers {
        match answer {
            Ok(rows) => {
                results.insert(query.name.clone(), rows);
            }
            Err(WarehouseError::Failed { message, .. }) => failed.push(query.failed(&message)),
            Err(error) => return Err(error),
        }
    }
    Ok((results, failed))
}

async fn facts(environment: &str, warehouse: &Warehouse) -> Result<Facts, WarehouseError> {
    let as_of = warehouse.ask(&DataAsOf {}).await?;
    let columns = warehouse.view_columns().await?;
    let seconds = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    Ok(Facts {
        environment: environment.to_owned(),
        data_as_of: as_of.text(0, "data_as_of").map(str::to_owned),
        // Formatting fails only without a component that the time has.
        written_at: OffsetDateTime::now_utc()
            .format(&seconds)
            .unwrap_or_default(),
        definitions: definitions(&columns),
    })
}
