//! What a change set would do to one resource.

use std::fmt;

use aws_sdk_cloudformation::types::{
    ChangeAction, PolicyAction, Replacement, ResourceChange, ResourceTargetDefinition,
};
use serde::Serialize;

use super::difference::Difference;

/// One resource of a change set.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Change {
    /// Its logical id.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What would be done to it.
    pub action: Action,
    /// Whether it holds data.
    pub stateful: bool,
    /// Its properties that differ.
    pub differences: Vec<Difference>,
}

/// What is done to a resource.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is removed.
    Remove,
    /// Another is made in its place, and it is removed.
    Replace,
    /// CloudFormation knows only while it works whether it has to replace it.
    Conditional,
    /// It is changed in place.
    Modify,
    /// It is made.
    Add,
}

impl Action {
    /// Whether what the resource holds may be lost.
    #[must_use]
    pub const fn loses_data(self) -> bool {
        matches!(self, Self::Remove | Self::Replace | Self::Conditional)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Remove => "remove",
            Self::Replace => "replace",
            Self::Conditional => "conditional",
            Self::Modify => "modify",
            Self::Add => "add",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What CloudFormation says it would do. What it does not say clearly counts as the worse.
pub(super) fn action(change: &ResourceChange) -> Action {
    use PolicyAction as P;
    match change.action() {
        Some(ChangeAction::Add | ChangeAction::Import) => Action::Add,
        Some(ChangeAction::Remove) => Action::Remove,
        _ => match (change.replacement(), change.policy_action()) {
            (Some(Replacement::False), _) => Action::Modify,
            (Some(Replacement::True), _)
            | (None, Some(P::ReplaceAndDelete | P::ReplaceAndRetain | P::ReplaceAndSnapshot)) => {
                Action::Replace
            }
            _ => Action::Conditional,
        },
    }
}

/// The properties that CloudFormation names, with the values that it gives.
pub(super) fn told(change: &ResourceChange) -> Vec<Difference> {
    let targets = change.details().iter().filter_map(|detail| detail.target());
    let mut told: Vec<Difference> = targets.filter_map(difference).collect();
    told.sort_by(|one, other| one.property.cmp(&other.property));
    told.dedup_by(|one, other| one.property == other.property);
    told
}

fn difference(target: &ResourceTargetDefinition) -> Option<Difference> {
    let path = target
        .path()
        .map(|path| path.trim_start_matches("/Properties/").replace('/', "."));
    let property = path
        .or_else(|| target.name().map(str::to_owned))
        .or_else(|| {
            let attribute = target.attribute()?;
            Some(attribute.as_str().to_owned())
        })?;
    Some(Difference {
        property,
        before: target.before_value().map(str::to_owned),
        after: target.after_value().map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modified(replacement: Option<Replacement>, policy: Option<PolicyAction>) -> Action {
        let change = ResourceChange::builder().action(ChangeAction::Modify);
        action(
            &change
                .set_replacement(replacement)
                .set_policy_action(policy)
                .build(),
        )
    }

    #[test]
    fn what_is_not_clearly_a_change_in_place_counts_as_a_replacement() {
        assert_eq!(modified(Some(Replacement::False), None), Action::Modify);
        assert_eq!(modified(Some(Replacement::True), None), Action::Replace);
        assert_eq!(
            modified(None, Some(PolicyAction::ReplaceAndRetain)),
            Action::Replace
        );
        for unclear in [Some(Replacement::Conditional), Some("Later".into()), None] {
            let action = modified(unclear, None);
            assert_eq!(action, Action::Conditional);
            assert!(action.loses_data());
        }
    }
}
