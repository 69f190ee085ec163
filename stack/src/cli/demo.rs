//! `stack demo`: deploys locally, streams events, and prints the analysts' answers.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use producer::Columns;

use super::environment::EnvironmentOption;
use super::json::JsonOption;
use super::stream::Stream;
use crate::progress::Progress;
use crate::session::Session;

/// Number of synthetic events when no file is given.
const EVENTS: u64 = 20_000;

/// Deploy locally, stream events, and print what analysts see
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// CSV or .xlsx file of the Online Retail data sets, or `-` for standard input [default: 20,000 synthetic events]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Map columns of the file to fields, as in Invoice=InvoiceNo,Price=UnitPrice
    #[arg(long, value_name = "NAME=FIELD,…", requires = "file")]
    columns: Option<Columns>,
    /// Serve the console at the end, until Ctrl-C; the environment stays
    #[arg(long)]
    console: bool,
}

impl Demo {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let progress = Progress::default();
        let deployed = super::deploy::deploy("local", &progress).await?;
        let session = Session::open("local").await?;
        writeln!(
            out,
            "streaming events to {}/events",
            deployed.outputs.api_url
        )?;
        let code = Stream {
            synthetic: self.file.is_none().then_some(EVENTS),
            file: self.file,
            columns: self.columns,
            seed: None,
            environment: EnvironmentOption::named("local"),
            limit: None,
            batch: 500,
            concurrency: 4,
            rate: None,
            wait: true,
            allow_rejects: 0,
            resume: false,
            json: JsonOption::default(),
        }
        .run_in(&session, out)
        .await?;
        if code != ExitCode::SUCCESS {
            return Ok(code);
        }
        for answer in session.warehouse().answers().await? {
            writeln!(out, "\n{}", answer.title)?;
            writeln!(out, "{}", super::query::table(&answer.rows))?;
        }
        writeln!(out)?;
        super::outputs::print(out, &deployed.outputs)?;
        writeln!(
            out,
            "\nstack report --open      # the charts\nstack console --open     # the stages, live\nstack status | stack query \"SQL\" | stack invoice NO | stack destroy"
        )?;
        if self.console {
            return Box::pin(super::console::serve("local", 0, false, out)).await;
        }
        Ok(ExitCode::SUCCESS)
    }
}
