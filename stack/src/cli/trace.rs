//! The `stack trace` command.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use events::{EventId, InvoiceNo};

use super::environment::EnvironmentOption;
use super::json::{self, JsonOption};
use crate::session::Session;
use crate::trace::{self, Fact, Outcome, Step, Wanted};

/// Follow one event through every stage; exit code 0: in the warehouse, 1: not
#[derive(Debug, Args)]
pub(super) struct Trace {
    /// Id of the event
    #[arg(value_name = "EVENT-ID")]
    event_id: EventId,
    /// Invoice of the event; needed if several invoices have the id, or if the event is older than two hours and not
    /// in the warehouse
    #[arg(long, value_name = "NO")]
    invoice: Option<InvoiceNo>,
    #[command(flatten)]
    environment: EnvironmentOption,
    #[command(flatten)]
    json: JsonOption,
}

impl Trace {
    /// Returns exit code 0 if the event is in the warehouse, otherwise 1.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let session = Session::open(&self.environment).await?;
        let wanted = Wanted {
            event_id: self.event_id,
            invoice_no: self.invoice,
        };
        let trace = trace::find(&session, &wanted).await;
        if self.json.is_set() {
            json::print(out, &trace)?;
        } else {
            print(&trace, out)?;
        }
        Ok(match trace.outcome {
            Outcome::InWarehouse => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        })
    }
}

fn print(trace: &trace::Trace, out: &mut impl Write) -> anyhow::Result<()> {
    let invoice = trace.invoice_no.as_ref();
    let invoice = invoice.map_or_else(String::new, |no| format!(" of invoice {no}"));
    writeln!(
        out,
        "event {}{invoice}: {}",
        trace.event_id, trace.explanation
    )?;
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["stage", "place", "state", "time (UTC)", "where"]);
    for step in &trace.steps {
        table.add_row(row(step));
    }
    writeln!(out, "{table}")?;
    if let Some(next) = &trace.next {
        writeln!(out, "next: {next}")?;
    }
    Ok(())
}

fn row(step: &Step) -> [String; 5] {
    let at = step
        .at
        .map_or_else(|| "–".to_owned(), events::format_instant);
    let fact = |fact: &Fact| format!("{} {}", fact.name, fact.value);
    let facts = step.facts.iter().map(fact);
    let texts: Vec<_> = step.reason.iter().cloned().chain(facts).collect();
    [
        step.stage.to_owned(),
        step.place.title().to_owned(),
        step.state.word().to_owned(),
        at,
        texts.join("\n"),
    ]
}
