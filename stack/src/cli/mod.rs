//! The command line: one file per subcommand. Results go to standard output, progress and errors to standard error.
//!
//! Exit codes:
//! - 0: success, or healthy.
//! - 1: the command failed, and the error says what failed, why, and what to do; `status` found the environment
//!   unhealthy or unknown; `stream` or `load` rejected more than `--allow-rejects`; `check` found a broken rule.
//! - 2: the command line is invalid, or `diff` found changes.
//! - 3: `check` found only warnings.
//! - 130: Ctrl-C ended the command, after it printed what was done.

mod browser;
mod check;
mod console;
mod demo;
mod deploy;
mod destroy;
mod diff;
mod doctor;
mod environment;
mod help;
mod interrupt;
mod invoice;
mod invoices;
mod json;
mod list;
mod load;
mod logs;
mod migrate;
mod outputs;
mod permissions;
mod query;
mod redrive;
mod rejects;
mod replay;
mod report;
mod start;
mod status;
mod stop;
mod stream;
mod supervise;
mod synth;
mod tableau;
mod trace;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

/// An event-driven retail data platform, on AWS or on this machine
#[derive(Debug, Parser)]
#[command(
    name = "stack",
    version,
    propagate_version = true,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Groups of commands. Every visible command belongs to exactly one group.
const GROUPS: [(&str, &[&str]); 4] = [
    (
        "Build and deploy",
        &[
            "deploy",
            "diff",
            "destroy",
            "synth",
            "permissions",
            "doctor",
        ],
    ),
    (
        "Run and look",
        &[
            "demo", "console", "status", "trace", "logs", "outputs", "list", "stop", "start",
        ],
    ),
    (
        "Data",
        &[
            "stream", "rejects", "redrive", "replay", "load", "check", "migrate",
        ],
    ),
    (
        "Ask",
        &["report", "query", "invoice", "invoices", "tableau"],
    ),
];

#[derive(Debug, Subcommand)]
enum Command {
    /// Create or update an environment; does nothing when nothing changed
    Deploy(deploy::Deploy),
    /// Show what a deploy would change; exit code 0: no changes, 2: changes, 1: error
    Diff(diff::Diff),
    /// Delete an environment: stacks, processes, data, files
    Destroy(destroy::Destroy),
    /// Stop a local environment and keep its data
    Stop(stop::Stop),
    /// Start a stopped local environment on its data; deploys nothing
    Start(start::Start),
    /// Render the CloudFormation templates of an environment; needs no account
    Synth(synth::Synth),
    /// List the environments on this machine, or in an AWS region
    List(list::List),
    /// Show the logs of the functions and the API, merged by time
    Logs(logs::ShowLogs),
    /// Print the IAM policies that a deployer needs at least; needs no account
    Permissions(permissions::Permissions),
    /// Print addresses, names and logins of an environment
    Outputs(outputs::Outputs),
    /// Show the health of every stage; exit code 0: healthy, 1: not healthy or unknown
    Status(status::Status),
    /// Serve a page that shows the environment, on this machine only, until Ctrl-C
    Console(console::Console),
    /// Follow one event through every stage; exit code 0: in the warehouse, 1: not
    Trace(trace::Trace),
    /// Send order lines to the API, from a file or synthetic
    Stream(stream::Stream),
    /// List rejected events, quarantined files and dead letters; acknowledge them
    Rejects(rejects::Rejects),
    /// Send rejected events, quarantined files and dead letters through the pipeline again
    Redrive(redrive::Redrive),
    /// Rebuild staging, warehouse and tables from the raw lake
    Replay(replay::Replay),
    /// Load staged files that the warehouse does not have yet
    Load(load::Load),
    /// Check the data in the warehouse; exit code 0: good, 1: rule broken, 3: warning
    Check(check::Check),
    /// Apply pending migrations to the warehouse
    Migrate(migrate::Migrate),
    /// Write the analysts' report as one HTML file
    Report(report::Report),
    /// Run a SQL query on the warehouse
    Query(query::Query),
    /// Show the lines of an invoice
    Invoice(invoice::Invoice),
    /// Show the invoices of a customer
    Invoices(invoices::Invoices),
    /// Write data sources and a workbook with a dashboard for Tableau
    Tableau(tableau::Tableau),
    /// Deploy locally, stream synthetic events, and print what analysts see
    Demo(demo::Demo),
    /// Check this machine and the AWS account for what a deploy needs
    Doctor(doctor::Doctor),
    /// Keep a local environment running; `deploy` starts it
    #[command(hide = true)]
    Supervise(supervise::Supervise),
}

/// Parses the arguments, runs the command and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = parse();
    let run = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let done = match run {
        Ok(runtime) => runtime.block_on(run_command(cli.command)),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(code) => code,
        // The reader of the pipe closed it, so no more output is needed.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            if error.is::<deploy::Interrupted>() {
                return interrupt::exit_code();
            }
            ExitCode::FAILURE
        }
    }
}

fn parse() -> Cli {
    let mut command = help::grouped(Cli::command());
    let matches = command.get_matches_mut();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit())
}

async fn run_command(command: Command) -> anyhow::Result<ExitCode> {
    let mut out = Output(io::stdout());
    match command {
        Command::Deploy(command) => command.run(&mut out).await?,
        Command::Diff(command) => return command.run(&mut out).await,
        Command::Destroy(command) => return command.run(&mut out).await,
        Command::Stop(command) => command.run(&mut out).await?,
        Command::Start(command) => command.run(&mut out).await?,
        Command::Synth(command) => command.run(&mut out)?,
        Command::List(command) => command.run(&mut out).await?,
        Command::Logs(command) => command.run(&mut out).await?,
        Command::Permissions(command) => command.run(&mut out)?,
        Command::Outputs(command) => command.run(&mut out).await?,
        Command::Status(command) => return command.run(&mut out).await,
        Command::Console(command) => return command.run(&mut out).await,
        Command::Trace(command) => return command.run(&mut out).await,
        Command::Stream(command) => return command.run(&mut out).await,
        Command::Rejects(command) => return command.run(&mut out).await,
        Command::Redrive(command) => return command.run(&mut out).await,
        Command::Replay(command) => return command.run(&mut out).await,
        Command::Load(command) => return command.run(&mut out).await,
        Command::Check(command) => return command.run(&mut out).await,
        Command::Migrate(command) => command.run(&mut out).await?,
        Command::Report(command) => command.run(&mut out).await?,
        Command::Query(command) => return command.run(&mut out).await,
        Command::Invoice(command) => command.run(&mut out).await?,
        Command::Invoices(command) => command.run(&mut out).await?,
        Command::Tableau(command) => command.run(&mut out).await?,
        Command::Demo(command) => return command.run(&mut out).await,
        Command::Doctor(command) => return command.run(&mut out).await,
        Command::Supervise(command) => command.run().await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Standard output, locked for each write, because a lock cannot be held across an await.
struct Output(io::Stdout);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().flush()
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

#[expect(
    clippy::print_stderr,
    reason = "the one place where errors are printed"
)]
fn print_error(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// Splits a command line of the runbook into words. Only `"` quotes.
    fn words(line: &str) -> Vec<String> {
        let quoted = |(index, part): (usize, &str)| match index % 2 {
            1 => vec![part.to_owned()],
            _ => part.split_whitespace().map(ToOwned::to_owned).collect(),
        };
        line.split('"').enumerate().flat_map(quoted).collect()
    }

    #[test]
    fn every_command_of_the_runbook_is_valid() {
        let text = include_str!("../../../dashboards/RUNBOOK.md");
        let commands: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with("stack "))
            .collect();
        assert!(commands.len() > 40, "{commands:?}");
        for command in commands {
            Cli::try_parse_from(words(command))
                .unwrap_or_else(|error| panic!("{command}: {error}"));
        }
        assert!(Cli::try_parse_from(words("stack reload prod")).is_err());
    }
}
