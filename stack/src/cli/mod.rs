//! The command line: a file a subcommand. Results go to standard output, progress and errors to standard error.
//!
//! Exit codes: 0 done, or healthy; 1 it failed, and the error says what, why and what next, or `status` found the
//! environment not healthy or unknown, or `stream` or `load` refused more than `--allow-rejects`; 2 the command line
//! was wrong, or `diff` found a difference; 130 Ctrl-C ended it, after what was done was printed.

mod demo;
mod deploy;
mod destroy;
mod diff;
mod doctor;
mod invoice;
mod invoices;
mod list;
mod load;
mod logs;
mod migrate;
mod outputs;
mod permissions;
mod query;
mod redrive;
mod rejects;
mod start;
mod status;
mod stop;
mod stream;
mod supervise;
mod synth;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The exit code after Ctrl-C, as a shell gives it.
const INTERRUPTED: u8 = 130;

/// An event-driven retail data platform: on AWS, or on this machine.
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

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring an environment up, or find it as it should be
    Deploy(deploy::Deploy),
    /// Show what a deploy would change: exit code 0 nothing, 2 something, 1 it cannot be said
    Diff(diff::Diff),
    /// Take an environment down: stacks, processes, data, files
    Destroy(destroy::Destroy),
    /// Stop an environment on this machine and keep its data
    Stop(stop::Stop),
    /// Start an environment of this machine on the data that it has; nothing is deployed
    Start(start::Start),
    /// Render an environment's CloudFormation templates; needs no account
    Synth(synth::Synth),
    /// List the environments of this machine, and of an account's region
    List(list::List),
    /// Show what the functions and the API log, merged by time
    Logs(logs::ShowLogs),
    /// Print the least that whoever deploys an environment on AWS must be allowed; needs no account
    Permissions(permissions::Permissions),
    /// Print where everything of an environment is
    Outputs(outputs::Outputs),
    /// Show how every stage is, and what is wrong: exit code 0 healthy, 1 not healthy or unknown
    Status(status::Status),
    /// Send order lines from a file, or made ones, to the API
    Stream(stream::Stream),
    /// List what the stages refused and kept, and acknowledge it
    Rejects(rejects::Rejects),
    /// Send what was refused through the path again
    Redrive(redrive::Redrive),
    /// Load what is staged and not yet in the warehouse
    Load(load::Load),
    /// Apply the migrations that the warehouse lacks
    Migrate(migrate::Migrate),
    /// Ask the warehouse in SQL
    Query(query::Query),
    /// Show an invoice, line by line
    Invoice(invoice::Invoice),
    /// Show a customer's invoices
    Invoices(invoices::Invoices),
    /// Deploy on this machine, stream events, and print the analysts' answers
    Demo(demo::Demo),
    /// Say what this machine lacks, and an environment's account, and how to get it
    Doctor(doctor::Doctor),
    /// Keep a local environment running; `deploy` starts it
    #[command(hide = true)]
    Supervise(supervise::Supervise),
}

/// Parses the arguments, runs the command and reports how it went.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let run = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let done = match run {
        Ok(runtime) => runtime.block_on(run_command(cli.command)),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(code) => code,
        // The reader of a pipe went away: it has what it wanted.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            if error.is::<deploy::Interrupted>() {
                return ExitCode::from(INTERRUPTED);
            }
            ExitCode::FAILURE
        }
    }
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
        Command::Stream(command) => return command.run(&mut out).await,
        Command::Rejects(command) => return command.run(&mut out).await,
        Command::Redrive(command) => return command.run(&mut out).await,
        Command::Load(command) => return command.run(&mut out).await,
        Command::Migrate(command) => command.run(&mut out).await?,
        Command::Query(command) => return command.run(&mut out).await,
        Command::Invoice(command) => command.run(&mut out).await?,
        Command::Invoices(command) => command.run(&mut out).await?,
        Command::Demo(command) => return command.run(&mut out).await,
        Command::Doctor(command) => return command.run(&mut out).await,
        Command::Supervise(command) => command.run().await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Standard output, locked a write at a time: a held lock cannot cross an await.
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
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
