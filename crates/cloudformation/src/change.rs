//! The change of one resource in a change set.

use std::fmt;

use aws_sdk_cloudformation::types::{
    ChangeAction, PolicyAction, Replacement, ResourceChange, ResourceTargetDefinition,
};
use serde::Serialize;

use crate::difference::Difference;

/// The change of one resource.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Change {
    /// The logical id.
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub action: Action,
    /// Whether the resource holds data.
    pub stateful: bool,
    /// The properties that differ.
    pub differences: Vec<Difference>,
}

/// The kind of a change.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The resource is deleted.
    Remove,
    /// The resource is deleted and another one created in its place.
    Replace,
    /// CloudFormation decides during the operation whether to replace the resource.
    Conditional,
    /// The resource is changed in place.
    Modify,
    /// The resource is created.
    Add,
}

impl Action {
    /// Returns whether the data of the resource may be lost.
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

/// Returns the kind of a change, from CloudFormation's description. An unclear description counts as the worse kind.
pub(crate) fn action(change: &ResourceChange) -> Action {
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

/// Returns the properties that CloudFormation names, with the values that it returns.
pub(crate) fn reported_differences(change: &ResourceChange) -> Vec<Difference> {
    let targets = change.details().iter().filter_map(|detail| detail.target());
    let mut found: Vec<Difference> = targets.filter_map(difference).collect();
    found.sort_by(|one, other| one.property.cmp(&other.property));
    found.dedup_by(|one, other| one.property == other.property);
    found
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
    fn a_change_that_is_not_clearly_in_place_counts_as_a_replacement() {
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
