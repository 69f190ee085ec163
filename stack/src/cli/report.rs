//! The `stack report` command.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ::report::Report as Pages;
use anyhow::Context as _;
use clap::Args;

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
            open(&self.out)?;
        }
        Ok(())
    }
}

/// Opens a file with the desktop's program for it.
fn open(file: &Path) -> anyhow::Result<()> {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let status = Command::new(program)
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| {
            format!(
                "cannot start `{program}`; open {} in a browser",
                file.display()
            )
        })?;
    anyhow::ensure!(
        status.success(),
        "`{program}` failed; open {} in a browser",
        file.display()
    );
    Ok(())
}
