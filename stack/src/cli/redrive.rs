//! The `stack redrive` command.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use producer::resend;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::environment::EnvironmentArgument;
use crate::load;
use crate::rejects::{
    OpenRejects, Reject, Resolution, Stage, acknowledge, events_of, put_back, send_again,
};
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

/// Result by reject id.
#[derive(Debug, Default)]
struct Done {
    redriven: BTreeSet<String>,
    left: BTreeMap<String, String>,
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
        let done = redrive(&session, &open, &repaired.unwrap_or_default()).await;
        put_back(&session, &open.letters).await;
        let done = done?;
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

async fn redrive(
    session: &Session,
    open: &OpenRejects,
    repaired: &BTreeMap<String, String>,
) -> anyhow::Result<Done> {
    let mut done = Done::default();
    let lines: Vec<_> = open
        .objects
        .iter()
        .flat_map(|object| &object.open)
        .collect();
    post(session, &lines, repaired, &mut done).await?;
    load_again(session, &lines, &mut done).await?;
    let s3 = session.s3();
    for object in &open.objects {
        let accepted: Vec<_> = object
            .open
            .iter()
            .filter(|it| done.redriven.contains(&it.id))
            .cloned()
            .collect();
        if !accepted.is_empty() {
            acknowledge(&s3, object, &accepted, Resolution::Redriven).await?;
        }
    }
    for letter in &open.letters {
        send_again(session, letter).await?;
        done.redriven.insert(letter.reject.id.clone());
    }
    Ok(done)
}

/// Posts the events of all rejects except quarantined files.
async fn post(
    session: &Session,
    rejects: &[&Reject],
    repaired: &BTreeMap<String, String>,
    done: &mut Done,
) -> anyhow::Result<()> {
    let (mut events, mut owners) = (Vec::new(), Vec::new());
    for reject in rejects.iter().filter(|reject| !reject.is_file()) {
        match readable(reject, repaired.get(&reject.id)) {
            Ok(of_reject) => {
                owners.extend(of_reject.iter().map(|_| reject.id.clone()));
                events.extend(of_reject);
                done.redriven.insert(reject.id.clone());
            }
            Err(why) => {
                done.left.insert(reject.id.clone(), why);
            }
        }
    }
    for (index, why) in resend(session.api(), &events).await? {
        if let Some(id) = owners.get(index) {
            done.redriven.remove(id);
            done.left.insert(id.clone(), why);
        }
    }
    Ok(())
}

/// Returns the events of the reject. Fails if an event is still invalid, because posting it would create another
/// reject.
fn readable(reject: &Reject, repaired: Option<&String>) -> Result<Vec<String>, String> {
    let mut reject = reject.clone();
    if let Some(record) = repaired {
        "utf8".clone_into(&mut reject.encoding);
        reject.record.clone_from(record);
    }
    let events = events_of(&reject)?;
    if events.is_empty() {
        return Err("the record has no event".to_owned());
    }
    for event in &events {
        events::read_received(event, OffsetDateTime::now_utc())
            .map_err(|error| format!("the event is still invalid: {}", error.detail))?;
    }
    Ok(events)
}

/// Retries the load of the rejects that are quarantined files.
async fn load_again(session: &Session, rejects: &[&Reject], done: &mut Done) -> anyhow::Result<()> {
    let files: Vec<_> = rejects.iter().filter(|reject| reject.is_file()).collect();
    if files.is_empty() {
        return Ok(());
    }
    load::load(session, true).await?;
    let keys = files.iter().map(|reject| reject.record.clone()).collect();
    let loaded = session.warehouse().loaded_files(&keys).await?;
    for reject in files {
        if loaded.contains(&reject.record) {
            done.redriven.insert(reject.id.clone());
        } else {
            let why = "the warehouse did not load the file".to_owned();
            done.left.insert(reject.id.clone(), why);
        }
    }
    Ok(())
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
