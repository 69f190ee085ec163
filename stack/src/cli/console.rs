//! The `stack console` command.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use super::browser;
use super::environment::EnvironmentArgument;
use super::interrupt;
use crate::console::Console as Server;
use crate::status::Inspection;

/// Serve a page that shows the environment, on this machine only, until Ctrl-C
#[derive(Debug, Args)]
pub(super) struct Console {
    #[command(flatten)]
    environment: EnvironmentArgument,
    /// Port of 127.0.0.1 to listen on; 0 is a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
}

impl Console {
    /// Returns exit code 130 when Ctrl-C ends it.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        serve(&self.environment, self.port, self.open, out).await
    }
}

/// Serves the console of an environment until Ctrl-C, and prints its address first.
pub(super) async fn serve(
    name: &str,
    port: u16,
    open: bool,
    out: &mut impl Write,
) -> anyhow::Result<ExitCode> {
    let inspection = Inspection::open(name).await?;
    let console = Server::listen(name, &inspection, port).await?;
    drop(inspection);
    let url = console.url();
    writeln!(out, "console of {name}: {url}")?;
    writeln!(
        out,
        "the address works once, in one browser; Ctrl-C ends the console"
    )?;
    out.flush()?;
    // Without a browser the address can still be opened by hand, so the console is served.
    if open && let Err(error) = browser::open(url.as_ref()) {
        writeln!(out, "{error:#}")?;
        out.flush()?;
    }
    tokio::select! {
        served = console.serve() => served.map(|()| ExitCode::SUCCESS).map_err(Into::into),
        () = interrupt::ctrl_c() => Ok(interrupt::exit_code()),
    }
}
