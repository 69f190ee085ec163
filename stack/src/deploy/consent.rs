//! Decides whether a plan may be executed.

use std::collections::BTreeSet;
use std::io::BufRead as _;

use cloudformation::{Action, Change, Plan, locate};

use super::DeployError;
use crate::progress::{Event, Progress};

/// How the user consents to a plan.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Consent {
    /// With an option on the command line; also used where no consent is needed.
    Given,
    /// By an answer on the terminal.
    Ask,
    /// Not possible, because there is no terminal.
    Nobody,
}

/// Refuses a plan that would lose data, except of resources in `allowed`.
///
/// # Errors
///
/// Fails with the first such resource, where it is declared, what differs, and how to allow it.
pub fn refuse_losses(
    plan: &Plan,
    template: &cfn::Template,
    allowed: &BTreeSet<String>,
) -> Result<(), DeployError> {
    let losses = plan.losses(allowed);
    let Some(first) = losses.first() else {
        return Ok(());
    };
    let mut lines = vec![first_line(
        plan,
        first,
        locate(template, &first.id).as_deref(),
    )];
    lines.extend(losses.iter().flat_map(|loss| differences(loss)));
    lines.extend(
        losses[1..]
            .iter()
            .map(|other| format!("also: {} {} ({})", other.action, other.id, other.kind)),
    );
    let allow = losses.iter().map(|it| format!("--allow-replace {}", it.id));
    lines.push(format!(
        "next: undo the change, or, if the data may be lost, add {}",
        allow.collect::<Vec<_>>().join(" ")
    ));
    Err(DeployError::Losses(lines.join("\n  ")))
}

/// Formats the properties that differ, one line each.
fn differences(loss: &Change) -> impl Iterator<Item = String> + '_ {
    let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
    loss.differences.iter().map(move |difference| {
        format!(
            "{}: {}: {} → {}",
            loss.id,
            difference.property,
            side(&difference.before),
            side(&difference.after)
        )
    })
}

fn first_line(plan: &Plan, loss: &Change, place: Option<&str>) -> String {
    let what = match loss.action {
        Action::Remove => "would be deleted with its data",
        Action::Conditional => "might be replaced and lose its data",
        _ => "would be replaced and lose its data",
    };
    let place = place.map_or_else(String::new, |place| format!(" ({place})"));
    format!(
        "`{}` ({}) of stack `{}` {what}{place}",
        loss.id, loss.kind, plan.stack
    )
}

/// Shows the plans and asks for consent if necessary. `agreed` is the earlier consent of this deploy: after
/// consent to the creation of an environment, its next stacks are created without asking again.
pub(super) fn agree(
    plans: &[&Plan],
    consent: Consent,
    agreed: bool,
    progress: &Progress,
) -> Result<bool, DeployError> {
    for plan in plans {
        progress.event(&Event::from(*plan));
        if consent != Consent::Given || !plan.creates {
            progress.say(&format!("{}: {}", plan.stack, plan.summary()));
            progress.say(plan.table().trim_end());
        }
    }
    let Some(first) = plans.first() else {
        return Ok(agreed);
    };
    let creates = plans.iter().all(|plan| plan.creates);
    match consent {
        Consent::Given => Ok(true),
        Consent::Ask if agreed && creates => Ok(true),
        Consent::Ask if progress.suspend(|| ask(plans)) => Ok(true),
        Consent::Ask => Err(DeployError::Declined(first.stack.clone())),
        Consent::Nobody => Err(DeployError::NotConfirmed(first.stack.clone())),
    }
}

#[expect(clippy::print_stderr, reason = "a question is not a result")]
fn ask(plans: &[&Plan]) -> bool {
    let names: Vec<_> = plans
        .iter()
        .map(|plan| format!("`{}`", plan.stack))
        .collect();
    eprint!("deploy {}? [y/N] ", names.join(" and "));
    let mut answer = String::new();
    // No answer means no.
    let _ = std::io::stdin().lock().read_line(&mut answer);
    matches!(answer.trim(), "y" | "Y" | "yes")
}
