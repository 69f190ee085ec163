//! The `stack report` command.

use std::io::Write;
use std::path::PathBuf;

use ::report::Report as Pages;
use clap::Args;

use super::browser;
use super::environment::EnvironmentArgument;
use crate::progress::Progress;
use crate::report;
use crate::session::Session;

/// Write the analysts' report as one HTML file
#[derive(Debug, Args)]
pub(super) struct Report {
    #[command(flatten)]
    environment: EnvironmentArgument,
    /// File to write; replaced if it exists
    #[arg(long, value_name = "FILE", default_value = "report.html")]
    out: PathBuf,
    /// Open the report in the browser
    #[arg(long)]
    open: bool,
    /// Also write each chart as a PNG file into this folder
    #[arg(long, value_name = "DIR")]
    png: Option<PathBuf>,
    /// Read the pages of this folder, such as `dashboards/report`, instead of those in this program
    #[arg(long, value_name = "DIR")]
    pages: Option<PathBuf>,
}

impl Report {
    /// Reads the pages before it opens the environment, so that mistakes are found without one.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let (pages, columns) = match &self.pages {
            Some(folder) => report::in_folder(folder).map_err(|(path, error)| {
                anyhow::Error::new(error)
                    .context(format!("cannot read pages from {}", path.display()))
            })?,
            None => report::built_in(),
        };
        let pages = Pages::read(&pages, &columns)?;
        let session = Session::open(&self.environment).await?;
        let written = report::write(
            &pages,
            session.environment.name.as_ref(),
            &session.warehouse(),
            &self.out,
            self.png.as_deref(),
            &Progress::default(),
        )
        .await?;
        writeln!(
            out,
            "{}: {} queries, {} charts, {} KB",
            self.out.display(),
            written.queries,
            written.charts,
            written.bytes.div_ceil(1024)
        )?;
        if self.open {
            browser::open(self.out.as_os_str())?;
        }
        Ok(())
    }
}
