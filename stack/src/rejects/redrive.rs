//! Sends open rejects and dead letters through the pipeline again.

use std::collections::{BTreeMap, BTreeSet};

use cloudformation::CallFailure;
use producer::{SendError, resend};
use time::OffsetDateTime;
use warehouse::WarehouseError;

use super::{OpenRejects, Reject, Resolution, acknowledge, events_of, put_back, send_again};
use crate::load::{self, LoadError};
use crate::session::Session;

/// Why a redrive ended early. Everything that was accepted until then is done; the same command continues.
#[derive(Debug, thiserror::Error)]
pub enum RedriveError {
    #[error(transparent)]
    Send(#[from] SendError),
    /// A bucket or a queue failed.
    #[error(transparent)]
    Call(#[from] CallFailure),
    /// The quarantined files could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The ledger could not be read.
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
}

/// Result by reject id.
#[derive(Clone, Debug, Default)]
pub struct Redriven {
    /// Ids of the rejects that are closed now.
    pub redriven: BTreeSet<String>,
    /// Rejects that stay open, each with the reason.
    pub left: BTreeMap<String, String>,
}

/// Redrives everything in `open`: posts the events of rejects to the API, loads quarantined files again, and returns
/// dead letters to their queues. `repaired` has corrected records by reject id. Idempotent: an event that was accepted
/// before keeps its identity.
///
/// # Errors
///
/// When a service fails. Dead letters that were not redriven are visible again.
pub async fn redrive(
    session: &Session,
    open: &OpenRejects,
    repaired: &BTreeMap<String, String>,
) -> Result<Redriven, RedriveError> {
    let done = close(session, open, repaired).await;
    put_back(session, &open.letters).await;
    done
}

async fn close(
    session: &Session,
    open: &OpenRejects,
    repaired: &BTreeMap<String, String>,
) -> Result<Redriven, RedriveError> {
    let mut done = Redriven::default();
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
    done: &mut Redriven,
) -> Result<(), RedriveError> {
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
async fn load_again(
    session: &Session,
    rejects: &[&Reject],
    done: &mut Redriven,
) -> Result<(), RedriveError> {
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
