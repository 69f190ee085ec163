//! The `stack outputs` command.

use std::io::Write;

use clap::Args;
use comfy_table::{Table, presets};

use super::environment::EnvironmentArgument;
use super::json::{self, JsonOption};
use crate::outputs;
use crate::session::Session;

/// Print addresses, names and logins of an environment
#[derive(Debug, Args)]
pub(super) struct Outputs {
    #[command(flatten)]
    environment: EnvironmentArgument,
    #[command(flatten)]
    json: JsonOption,
    /// Print shell exports: `eval "$(stack outputs --env)"` configures aws, curl and psql
    #[arg(long, conflicts_with = "json")]
    env: bool,
}

impl Outputs {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let session = Session::open(&self.environment).await?;
        if self.json.is_set() {
            json::print(out, &session.outputs)?;
        } else if self.env {
            let pgpass = session.machine().map(local::Machine::pgpass);
            write!(out, "{}", session.outputs.shell(pgpass.as_deref()))?;
        } else {
            print(out, &session.outputs)?;
        }
        Ok(())
    }
}

/// Percent-encodes a path for a connection string, where a space would end the value.
fn encoded(path: &str) -> impl std::fmt::Display + '_ {
    percent_encoding::utf8_percent_encode(path, percent_encoding::NON_ALPHANUMERIC)
}

/// Prints the outputs as a table.
pub(super) fn print(out: &mut impl Write, outputs: &outputs::Outputs) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let mut row = |what: &str, value: &str| {
        table.add_row([what, value]);
    };
    row("api", &outputs.api_url);
    if let Some(url) = &outputs.endpoint_url {
        row("aws endpoint", url);
    }
    if let Some(url) = &outputs.redshift_data_endpoint_url {
        row("redshift-data endpoint", url);
    }
    row("stream", &outputs.stream);
    row("raw bucket", &outputs.buckets.raw);
    row("staging bucket", &outputs.buckets.staging);
    row(
        "tables",
        &format!("{}, {}", outputs.tables.customer, outputs.tables.invoice),
    );
    row("warehouse", &outputs.warehouse.dsn);
    if let Some(door) = &outputs.warehouse.analysts {
        row(
            "analysts",
            &format!(
                "postgresql://{}@{}:{}/{}?sslmode=verify-full&sslrootcert={}&passfile={}",
                door.user,
                door.host,
                door.port,
                outputs.warehouse.database,
                encoded(&door.sslrootcert),
                encoded(&door.pgpass)
            ),
        );
    }
    writeln!(out, "{}", table.trim_fmt())?;
    Ok(())
}
