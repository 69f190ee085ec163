//! Says in a sentence where an event is, and what to do next. Pure.

use time::Duration;

use super::evidence::Evidence;
use super::path::{Outcome, Subject};
use super::step::{Place, State, Step};
use crate::rejects::Reject;

/// Explanation when no place has the event.
const NOT_FOUND: &str = "the API never accepted it, or rejected it and the reject was closed, or it is in the raw lake \
    for more than two hours and was never loaded";

/// Returns the outcome in a sentence.
pub(super) fn sentence(
    outcome: Outcome,
    evidence: &Evidence,
    reject: Option<&Reject>,
    steps: &[Step],
) -> String {
    let detail = reject.map_or("", |reject| reject.detail.as_str());
    let stage = reject.map_or("", |reject| reject.stage.word());
    match outcome {
        Outcome::InWarehouse => in_warehouse(evidence, steps),
        Outcome::OnItsWay => {
            let waits = steps.iter().find(|step| step.state == State::Waiting);
            let waits = waits.map_or("warehouse", |step| step.place.title());
            format!("accepted; not in the {waits} yet")
        }
        Outcome::Rejected => format!("rejected by {stage}: {detail}"),
        Outcome::Quarantined => format!("its staged file is in quarantine: {detail}"),
        Outcome::DeadLetter => {
            format!("the message for {stage} is in the dead-letter queue: {detail}")
        }
        Outcome::Unknown => "not found, but not every place could be searched".to_owned(),
        Outcome::NotFound => NOT_FOUND.to_owned(),
    }
}

fn in_warehouse(evidence: &Evidence, steps: &[Step]) -> String {
    let row = steps.iter().find(|step| step.place == Place::Warehouse);
    let visible = row.and_then(|step| step.at);
    let Some((received, visible)) = evidence.received_at().zip(visible) else {
        return "in the warehouse".to_owned();
    };
    // The ledger's times have whole seconds, without the fraction.
    let seconds = (visible + Duration::SECOND - received).as_seconds_f64();
    format!(
        "in the warehouse at most {:.0} s after the API received it",
        seconds.ceil().max(1.0)
    )
}

/// Returns the next command or step; `None` if the event arrived.
pub(super) fn next(
    outcome: Outcome,
    subject: Subject<'_>,
    reject: Option<&Reject>,
) -> Option<String> {
    let environment = subject.environment;
    let stage = reject.map_or("", |reject| reject.stage.word());
    let id = reject.map_or("", |reject| reject.id.as_str());
    Some(match outcome {
        Outcome::InWarehouse => return None,
        Outcome::OnItsWay => format!(
            "run the command again; if it stays, `stack status {environment}` names the stage that does not work"
        ),
        Outcome::Rejected => format!(
            "correct the record and `stack redrive {environment} --from FILE`, or `stack rejects {environment} --acknowledge {id}`"
        ),
        Outcome::Quarantined => format!("`stack load {environment} --again`"),
        Outcome::DeadLetter => format!("`stack redrive {environment} --stage {stage}`"),
        Outcome::Unknown => format!("`stack status {environment}` shows what does not answer"),
        Outcome::NotFound => match subject.invoice_no {
            Some(_) => "look at the response that the producer got; it is safe to send the event again with the same EventId".to_owned(),
            None => "repeat with --invoice NO, which searches the shop's table too".to_owned(),
        },
    })
}
