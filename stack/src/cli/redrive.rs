//! The `stack redrive` command.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Map, Value};

use super::environment::EnvironmentArgument;
use crate::rejects::{OpenRejects, Reject, Stage, redrive};
use crate::session::Session;

/// Send rejected events, quarantined files and dead letters through the pipeline again
#[derive(Debug, Args)]
pub(super) struct Redrive {
    #[command(flatten)]
    environment: EnvironmentArgument,
    /// Redrive only the rejects with these ids [default: all open rejects]
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Redrive only rejects of this stage
    #[arg(long, value_enum, conflicts_with = "ids")]
    stage: Option<Stage>,
    /// Redrive the rejects in this file: lines of `stack rejects --json` with a repaired `record`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["ids", "stage"])]
    from: Option<PathBuf>,
}

impl Redrive {
    /// Returns exit code 1 when a reject stays open. Idempotent: an event that was accepted before keeps its
    /// identity.
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let repaired = self.repaired()?;
        let session = Session::open(&self.environment).await?;
        let mut open = OpenRejects::of(&session, self.stage).await?;
        let is_wanted = |reject: &Reject| match &repaired {
            Some(repaired) => repaired.contains_key(&reject.id),
            None => self.ids.is_empty() || self.ids.contains(&reject.id),
        };
        open.retain(&session, is_wanted).await;
        let done = redrive(&session, &open, &repaired.unwrap_or_default()).await?;
        writeln!(
            out,
            "{} redriven, {} still open",
            done.redriven.len(),
            done.left.len()
        )?;
        for (id, why) in &done.left {
            writeln!(out, "{id} stays open: {why}")?;
        }
        for id in &self.ids {
            if !done.redriven.contains(id) && !done.left.contains_key(id) {
                writeln!(out, "{id} is not open")?;
            }
        }
        Ok(ExitCode::from(u8::from(!done.left.is_empty())))
    }

    /// Reads the repaired records of `--from`, by reject id.
    fn repaired(&self) -> anyhow::Result<Option<BTreeMap<String, String>>> {
        let Some(path) = &self.from else {
            return Ok(None);
        };
        let shown = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
        let mut records = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() {
                continue;
            }
            let (id, record) = repaired(line).with_context(|| {
                format!("{shown}, line {number}: expected a JSON object with `id` and `record`, as `stack rejects --json` prints it")
            })?;
            records.insert(id, record);
        }
        Ok(Some(records))
    }
}

/// Returns the id and the record of a line. A record that is an object is converted to its JSON text.
fn repaired(line: &str) -> Option<(String, String)> {
    let line: Map<String, Value> = serde_json::from_str(line).ok()?;
    let id = line.get("id")?.as_str()?.to_owned();
    let record = match line.get("record")? {
        Value::String(text) => text.clone(),
        object @ Value::Object(_) => object.to_string(),
        _ => return None,
    };
    Some((id, record))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repaired_record_may_be_a_text_or_an_object() {
        let expected = Some(("a".to_owned(), r#"{"Quantity":6}"#.to_owned()));
        assert_eq!(repaired(r#"{"id":"a","record":{"Quantity":6}}"#), expected);
        let text = r#"{"id":"a","record":"{\"Quantity\":6}"}"#;
        assert_eq!(repaired(text), expected);
        for line in ["{}", "x", r#"{"id":"a"}"#, r#"{"id":"a","record":1}"#] {
            assert_eq!(repaired(line), None, "{line}");
        }
    }
}
