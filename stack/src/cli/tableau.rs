//! The `stack tableau` command.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::environment::EnvironmentArgument;
use crate::session::Session;
use crate::workbook::{self, Extracted};

/// Write a data source for each of the analysts' views, and a workbook with a dashboard, for Tableau
#[derive(Debug, Args)]
pub(super) struct Tableau {
    #[command(flatten)]
    environment: EnvironmentArgument,
    /// Folder for the files; existing ones are replaced
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Also write an extract with the rows of all views, which the packaged workbook then uses
    #[arg(long)]
    extract: bool,
    /// Python that has the package `tableauhyperapi`, for `--extract`
    #[arg(
        long,
        value_name = "PROGRAM",
        default_value = "python3",
        requires = "extract"
    )]
    python: PathBuf,
}

impl Tableau {
    /// Prints the path of each file.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let session = Session::open(&self.environment).await?;
        let python = self.extract.then_some(self.python.as_path());
        let written = workbook::write(&session, &self.out, python).await?;
        for path in &written.paths {
            writeln!(out, "{}", path.display())?;
        }
        if let Some(extract) = written.extract {
            let Extracted {
                views,
                rows,
                totals,
            } = extract;
            writeln!(
                io::stderr(),
                "extract: {views} views, {rows} rows; all {totals} totals equal those of the warehouse"
            )?;
        }
        Ok(())
    }
}
