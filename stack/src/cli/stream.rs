//! The `stack stream` command.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{ArgGroup, Args};
use producer::{
    Batches, Checkpoint, Checkpoints, Columns, Ending, Limits, MAX_BYTES, MAX_EVENTS, Prefix, Rate,
    Report, Sent, Source, Speed, Waited, read_checkpoint, send,
};
use time::OffsetDateTime;

use super::environment::EnvironmentOption;
use super::interrupt::{self, ctrl_c};
use super::json::{self, JsonOption};
use crate::progress::Ticker;
use crate::session::Session;
use crate::wait::{Progress as _, Run, Stages, WaitError, wait};

const INTERRUPTED: &str = "interrupted: accepted events are kept; next: the same command with --resume continues here; without --resume it sends all events again, and none counts twice";

/// Send order lines to the API, from a file or synthetic
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("source").required(true))]
pub(super) struct Stream {
    /// CSV or .xlsx file of the Online Retail data sets, plain or gzip, or `-` for standard input
    #[arg(value_name = "FILE", group = "source")]
    pub(super) file: Option<PathBuf>,
    /// Map columns of the file to fields, as in Invoice=InvoiceNo,Price=UnitPrice
    #[arg(long, value_name = "NAME=FIELD,…", conflicts_with = "synthetic")]
    pub(super) columns: Option<Columns>,
    /// Generate N synthetic rows, with the edge cases of the real data
    #[arg(long, value_name = "N", group = "source", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) synthetic: Option<u64>,
    /// Seed of the synthetic rows; the same seed gives the same rows and ids [default: 1]
    #[arg(long, value_name = "S", conflicts_with = "file")]
    pub(super) seed: Option<u64>,
    #[command(flatten)]
    pub(super) environment: EnvironmentOption,
    /// Stop after the first N rows
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) limit: Option<u64>,
    /// Events per request, at most 500
    #[arg(long, value_name = "N", default_value_t = MAX_EVENTS as u16, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub(super) batch: u16,
    /// Concurrent requests, at most 64
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(super) concurrency: u16,
    /// Limit the rate of events, as in 1000/s
    #[arg(long, value_name = "N/s")]
    pub(super) rate: Option<Rate>,
    /// Wait until every accepted event is in the warehouse or rejected
    #[arg(long)]
    pub(super) wait: bool,
    /// Tolerate up to N rejected events or rows; more of them give exit code 1
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) allow_rejects: u64,
    /// Resume an interrupted run of the same content
    #[arg(long)]
    pub(super) resume: bool,
    #[command(flatten)]
    pub(super) json: JsonOption,
}

impl Stream {
    /// Streams the events and always prints the report. The exit code is 0 for success; 1 when the run failed or
    /// stalled, or more was rejected than allowed; and 130 after Ctrl-C.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let session = Session::open(&self.environment).await?;
        self.run_in(&session, out).await
    }

    /// Does the same in an open session.
    pub(super) async fn run_in(
        self,
        session: &Session,
        out: &mut impl Write,
    ) -> anyhow::Result<ExitCode> {
        let source = self.source().await?;
        let prefix = source.prefix().clone();
        let mut checkpoints = self.checkpoints(session, &prefix)?;
        let earlier = checkpoints.at().accepted;
        let since = run_start(earlier);
        let before = if self.wait {
            Some(session.stages().await)
        } else {
            None
        };
        let sent = self.send(session, source, &mut checkpoints).await;
        if sent.ending == Ending::Finished {
            checkpoints.remove();
        }
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
                wait_for(session, &run, earlier + report.accepted, before)
                    .await
                    .map(Some)
            }
            _ => Ok(None),
        };
        report.wait = waited.as_ref().ok().cloned().flatten();
        self.print(&report, out)?;
        if let Some(error) = sent.error {
            return Err(error).context(
                "the run stopped early; next: the same command with --resume continues there",
            );
        }
        self.exit_code(&report, waited)
    }

    /// Returns the exit code of a run whose events were all sent, by how its wait ended.
    fn exit_code(
        &self,
        report: &Report,
        waited: Result<Option<Waited>, WaitError>,
    ) -> anyhow::Result<ExitCode> {
        match waited {
            Err(error @ WaitError::Interrupted) => print_interrupted(&error.to_string()),
            Err(error) => Err(error.into()),
            Ok(_) if report.ending == Ending::Interrupted => print_interrupted(INTERRUPTED),
            Ok(_) => self.judge(report),
        }
    }

    /// Fails when more events or rows were rejected than `--allow-rejects` permits.
    fn judge(&self, report: &Report) -> anyhow::Result<ExitCode> {
        let later = report.wait.as_ref().map_or(0, |wait| wait.rejected);
        let (rejected, skipped) = (report.rejected.count, report.skipped.count);
        let refused = rejected + skipped + later;
        if refused > self.allow_rejects {
            anyhow::bail!(
                "{refused} events were rejected: {rejected} by the API, {skipped} unreadable rows, {later} by later \
                 stages; `stack rejects` lists them, `--allow-rejects {refused}` accepts them"
            );
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn send(&self, session: &Session, source: Source, checkpoints: &mut Checkpoints) -> Sent {
        let mut ticker = Ticker::new(source.size());
        let batches = Batches::new(source, self.limits(), self.limit).after(checkpoints.at().line);
        let (api, speed) = (session.api(), self.speed());
        send(api, batches, speed, &mut ticker, checkpoints, ctrl_c()).await
    }

    /// Returns the checkpoint where the run begins: the start or, with `--resume`, where the interrupted run stopped.
    fn checkpoints(&self, session: &Session, prefix: &Prefix) -> anyhow::Result<Checkpoints> {
        let path = session.streams_folder()?;
        let path = path.join(format!("{}.json", prefix.as_ref()));
        let columns = self.columns.as_ref().map(|columns| format!("{columns:?}"));
        let start = Checkpoint {
            api_url: session.outputs.api_url.clone(),
            columns: columns.unwrap_or_default(),
            ..Checkpoint::default()
        };
        if !self.resume {
            return Ok(Checkpoints::new(path, start));
        }
        let found = read_checkpoint(&path, &start.api_url, &start.columns);
        let note = match &found {
            Some(found) => format!(
                "resuming after line {}: {} events before it were accepted earlier",
                found.line, found.accepted
            ),
            None => "no interrupted run of this content was found on this machine: starting at the beginning"
                .to_owned(),
        };
        writeln!(std::io::stderr(), "{note}")?;
        Ok(Checkpoints::new(path, found.unwrap_or(start)))
    }

    /// Opens the source on a blocking thread, because opening a file reads it once completely.
    async fn source(&self) -> anyhow::Result<Source> {
        let (file, rows, seed) = (self.file.clone(), self.synthetic, self.seed.unwrap_or(1));
        let columns = self.columns.clone().unwrap_or_default();
        if file.as_deref() == Some("-".as_ref()) {
            writeln!(
                std::io::stderr(),
                "copying standard input to a temporary file in {}",
                std::env::temp_dir().display()
            )?;
        }
        let open = move || match file {
            Some(path) => Source::open(&path, &columns),
            None => Ok(Source::synthetic(rows.unwrap_or_default(), seed)),
        };
        Ok(tokio::task::spawn_blocking(open).await??)
    }

    /// Returns the limits of a request. A slow rate gives small requests, one a second, instead of rare large ones.
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
        if self.json.is_set() {
            json::print(out, report)?;
        } else {
            write!(out, "{report}")?;
        }
        Ok(())
    }
}

/// Returns the time from which rejects belong to a run that had accepted `earlier` events before it was resumed. The
/// rejects of the interrupted run belong to it too.
fn run_start(earlier: u64) -> OffsetDateTime {
    if earlier == 0 {
        OffsetDateTime::now_utc()
    } else {
        OffsetDateTime::UNIX_EPOCH
    }
}

async fn wait_for(
    session: &Session,
    run: &Run,
    accepted: u64,
    before: Stages,
) -> Result<Waited, WaitError> {
    let mut ticker = Ticker::new(accepted);
    wait(session, run, accepted, before, &mut ticker, ctrl_c()).await
}

fn print_interrupted(text: &str) -> anyhow::Result<ExitCode> {
    writeln!(std::io::stderr(), "{text}")?;
    Ok(interrupt::exit_code())
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
    async fn synthetic_rows_have_seed_1_unless_another_is_given() {
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
