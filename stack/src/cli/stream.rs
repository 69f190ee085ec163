//! `stack stream`

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{ArgGroup, Args};
use time::OffsetDateTime;

use super::environment::EnvironmentOption;
use crate::session::Session;
use crate::stream::wait::{Progress as _, Run, Stages, WaitError, Waited, wait};
use crate::stream::{
    Batches, Columns, Ending, Limits, MAX_BYTES, MAX_EVENTS, Rate, Report, Sent, Source, Speed,
    Ticker, send,
};

/// What a shell makes of a command that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

const SAFE: &str = "interrupted: events that were accepted stay; streaming the same again is safe and adds none twice";

/// Send order lines from a file, or made ones, to the API
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("source").required(true))]
pub(super) struct Stream {
    /// CSV or .xlsx of the Online Retail data sets, plain or gzip; `-` is standard input
    #[arg(value_name = "FILE", group = "source")]
    pub(super) file: Option<PathBuf>,
    /// Which column of the file is which field: Invoice=InvoiceNo,Price=UnitPrice
    #[arg(long, value_name = "NAME=FIELD,…", conflicts_with = "synthetic")]
    pub(super) columns: Option<Columns>,
    /// Make N rows with the traps of the real data instead
    #[arg(long, value_name = "N", group = "source", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) synthetic: Option<u64>,
    /// Which rows to make: the same seed makes the same rows with the same ids [default: 1]
    #[arg(long, value_name = "S", conflicts_with = "file")]
    pub(super) seed: Option<u64>,
    #[command(flatten)]
    pub(super) environment: EnvironmentOption,
    /// Stop after the first N rows
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) limit: Option<u64>,
    /// Events of a request, at most 500
    #[arg(long, value_name = "N", default_value_t = MAX_EVENTS as u16, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub(super) batch: u16,
    /// Requests at once, at most 64
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(super) concurrency: u16,
    /// No faster than this, such as 1000/s
    #[arg(long, value_name = "N/s")]
    pub(super) rate: Option<Rate>,
    /// Wait until every event is in the warehouse
    #[arg(long)]
    pub(super) wait: bool,
    /// Accept up to N events or rows that are refused: exit code 0 all the same
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) allow_rejects: u64,
    /// Print the report as JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl Stream {
    /// Streams, and prints the report however it ends: 0 done, 1 failed, stood still or more was refused than
    /// allowed, 130 interrupted.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let session = Session::open(&self.environment).await?;
        self.run_in(&session, out).await
    }

    /// The same, in a session that is open already.
    pub(super) async fn run_in(
        self,
        session: &Session,
        out: &mut impl Write,
    ) -> anyhow::Result<ExitCode> {
        let source = self.source().await?;
        let prefix = source.prefix().clone();
        let since = OffsetDateTime::now_utc();
        let before = if self.wait {
            Some(session.stages().await)
        } else {
            None
        };
        let sent = self.send(session, source).await;
        let run = Run {
            prefix,
            last: sent.read.last,
            since,
        };
        let mut report = Report::new(
            &session.outputs.environment,
            run.prefix.as_ref(),
            sent.ending,
            sent.took,
            sent.read,
            sent.tally,
        );
        let waited = match before {
            Some(before) if sent.ending == Ending::Finished => {
                Some(wait_for(session, &run, report.accepted, before).await)
            }
            _ => None,
        };
        let waited = waited.transpose();
        report.wait = waited.as_ref().ok().cloned().flatten();
        self.print(&report, out)?;
        if let Some(error) = sent.error {
            return Err(error).context("the run ended early; streaming again is safe");
        }
        match waited {
            Err(error @ WaitError::Interrupted) => told_interrupted(&error.to_string()),
            Err(error) => Err(error.into()),
            Ok(_) if report.ending == Ending::Interrupted => told_interrupted(SAFE),
            Ok(_) => self.judge(&report),
        }
    }

    /// Fails when more was refused, skipped or rejected than is allowed.
    fn judge(&self, report: &Report) -> anyhow::Result<ExitCode> {
        let on_the_way = report.wait.as_ref().map_or(0, |wait| wait.rejected);
        let (rejected, skipped) = (report.rejected.count, report.skipped.count);
        let refused = rejected + skipped + on_the_way;
        if refused > self.allow_rejects {
            anyhow::bail!(
                "{refused} events were refused: {rejected} by the API, {skipped} rows could not be read, {on_the_way} \
                 on the way; `stack rejects` lists them, `--allow-rejects {refused}` accepts them"
            );
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn send(&self, session: &Session, source: Source) -> Sent {
        let mut ticker = Ticker::new(source.size());
        let batches = Batches::new(source, self.limits(), self.limit);
        let (api, speed) = (session.api(), self.speed());
        send(api, batches, speed, &mut ticker, interrupted()).await
    }

    /// Opening a file reads it once, off the threads that requests run on.
    async fn source(&self) -> anyhow::Result<Source> {
        let (file, rows, seed) = (self.file.clone(), self.synthetic, self.seed.unwrap_or(1));
        let columns = self.columns.clone().unwrap_or_default();
        if file.as_deref() == Some("-".as_ref()) {
            let folder = std::env::temp_dir();
            let told = "reading standard input into a temporary file in";
            writeln!(std::io::stderr(), "{told} {}", folder.display())?;
        }
        let open = move || match file {
            Some(path) => Source::open(&path, &columns),
            None => Ok(Source::made(rows.unwrap_or_default(), seed)),
        };
        Ok(tokio::task::spawn_blocking(open).await??)
    }

    /// A slow rate makes smaller requests, one a second, rather than a large one now and then.
    fn limits(&self) -> Limits {
        let most = self.rate.map_or(usize::MAX, Rate::most_events);
        Limits {
            events: usize::from(self.batch).min(most),
            bytes: MAX_BYTES,
        }
    }

    fn speed(&self) -> Speed {
        let concurrency = NonZeroUsize::new(self.concurrency.into()).unwrap_or(NonZeroUsize::MIN);
        Speed {
            concurrency,
            rate: self.rate,
        }
    }

    fn print(&self, report: &Report, out: &mut impl Write) -> anyhow::Result<()> {
        if self.json {
            serde_json::to_writer_pretty(&mut *out, report)?;
            writeln!(out)?;
        } else {
            write!(out, "{report}")?;
        }
        Ok(())
    }
}

async fn wait_for(
    session: &Session,
    run: &Run,
    accepted: u64,
    before: Stages,
) -> Result<Waited, WaitError> {
    let mut ticker = Ticker::new(accepted);
    wait(session, run, accepted, before, &mut ticker, interrupted()).await
}

fn told_interrupted(text: &str) -> anyhow::Result<ExitCode> {
    writeln!(std::io::stderr(), "{text}")?;
    Ok(ExitCode::from(INTERRUPTED))
}

/// Ends when Ctrl-C is pressed; never, where the system cannot tell.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        stream: Stream,
    }

    fn parsed(arguments: &str) -> Result<Stream, clap::Error> {
        let arguments = std::iter::once("stack").chain(arguments.split_whitespace());
        Command::try_parse_from(arguments).map(|command| command.stream)
    }

    #[test]
    fn a_file_or_a_number_of_rows_is_needed_and_not_both() {
        assert!(parsed("data.csv").is_ok());
        assert!(parsed("--synthetic 10 --seed 2").is_ok());
        assert!(parsed("- --columns Invoice=InvoiceNo,Price=UnitPrice").is_ok());
        for wrong in [
            "",
            "data.csv --synthetic 10",
            "data.csv --seed 2",
            "--synthetic 0",
            "--synthetic 10 --columns Price=UnitPrice",
        ] {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn requests_are_as_large_as_the_api_takes_and_smaller_at_a_slow_rate() {
        let events = |arguments| parsed(arguments).unwrap().limits().events;
        assert_eq!(events("data.csv"), MAX_EVENTS);
        assert_eq!(events("data.csv --batch 100"), 100);
        assert_eq!(events("data.csv --rate 20/s"), 20);
        assert_eq!(events("data.csv --rate 10000/s"), MAX_EVENTS);
        for wrong in [
            "--batch 501",
            "--batch 0",
            "--rate 0/s",
            "--concurrency 65",
            "--limit -1",
            "--limit 0",
            "--columns Price",
            "--columns Price=Unitprice",
        ] {
            assert!(parsed(&format!("data.csv {wrong}")).is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn made_rows_are_of_seed_1_unless_another_is_named() {
        let prefix = async |arguments| {
            parsed(arguments)
                .unwrap()
                .source()
                .await
                .unwrap()
                .prefix()
                .clone()
        };
        assert_eq!(
            prefix("--synthetic 10").await,
            prefix("--synthetic 10 --seed 1").await
        );
        assert_ne!(
            prefix("--synthetic 10").await,
            prefix("--synthetic 10 --seed 2").await
        );
    }
}
