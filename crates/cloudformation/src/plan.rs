//! The plan of a stack: a change set that was not executed yet, and its losses of data.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use aws_sdk_cloudformation::types::{ResourceChange, Stack};
use cfn::Template;
use comfy_table::{Table, presets};
use serde_json::{Value, json};

use crate::change::{Action, Change, action, reported_differences};
use crate::difference::{Difference, Filled, of_resource};

/// The plan of a stack.
#[derive(Clone, Debug)]
pub struct Plan {
    pub stack: String,
    /// Whether the stack will be created.
    pub creates: bool,
    /// The changes of its resources; empty if only outputs, parameters or tags differ.
    pub changes: Vec<Change>,
    /// The name of the change set; `None` if none was created.
    pub change_set: Option<String>,
}

/// The types that hold data, for resources that are no longer in our template.
const STATEFUL: [&str; 9] = [
    "AWS::S3::Bucket",
    "AWS::DynamoDB::Table",
    "AWS::Kinesis::Stream",
    "AWS::KMS::Key",
    "AWS::Redshift::Cluster",
    "AWS::RedshiftServerless::Namespace",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
    "AWS::Logs::LogGroup",
];

/// The deployed and the desired state of a stack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comparison<'a> {
    /// The deployed template.
    pub(crate) before: Filled<'a>,
    /// The desired template.
    pub(crate) after: &'a Template,
    /// The desired parameter values.
    pub(crate) parameters: &'a BTreeMap<String, String>,
}

impl Comparison<'_> {
    /// Returns whether a resource holds data, in the deployed or the desired template.
    fn is_stateful(&self, id: &str) -> bool {
        let deployed = &self.before.template["Resources"][id];
        let policy = deployed["DeletionPolicy"].as_str();
        let kind = deployed["Type"].as_str().unwrap_or_default();
        self.after.is_stateful(id) || policy.is_some() || STATEFUL.contains(&kind)
    }
}

/// Returns the changes of a change set, the worst first.
pub(crate) fn changes(set: &[ResourceChange], comparison: Comparison<'_>) -> Vec<Change> {
    let wanted: Value = serde_json::from_str(&comparison.after.to_json()).unwrap_or_default();
    let after = Filled {
        template: &wanted,
        parameters: comparison.parameters,
    };
    let mut changes: Vec<_> = set
        .iter()
        .map(|change| {
            let id = change.logical_resource_id().unwrap_or_default();
            let mut differences = of_resource(id, comparison.before, after);
            for reported in reported_differences(change) {
                let top = |name: &str| name.split('.').next().map(str::to_owned);
                let known = |it: &Difference| top(&it.property) == top(&reported.property);
                if !differences.iter().any(known) {
                    differences.push(reported);
                }
            }
            Change {
                id: id.to_owned(),
                kind: change.resource_type().unwrap_or_default().to_owned(),
                action: action(change),
                stateful: comparison.is_stateful(id),
                differences,
            }
        })
        .collect();
    changes.sort_by(|one, other| (one.action, &one.id).cmp(&(other.action, &other.id)));
    changes
}

/// Returns the plan of a new stack: all resources are added, and no consent for losses is needed.
pub(crate) fn creation(stack: &str, template: &Template) -> Plan {
    let add = |(id, kind): (&str, &str)| Change {
        id: id.to_owned(),
        kind: kind.to_owned(),
        action: Action::Add,
        stateful: template.is_stateful(id),
        differences: Vec::new(),
    };
    Plan {
        stack: stack.to_owned(),
        creates: true,
        changes: template.resources().map(add).collect(),
        change_set: None,
    }
}

/// Returns the parameters of a deployed stack.
pub(crate) fn parameters_of(stack: &Stack) -> BTreeMap<String, String> {
    let pairs = stack.parameters().iter().filter_map(|it| {
        Some((
            it.parameter_key()?.to_owned(),
            it.parameter_value()?.to_owned(),
        ))
    });
    pairs.collect()
}

/// Returns a template without resources, for a stack that does not exist.
pub(crate) fn empty_template() -> Value {
    json!({"Resources": {}})
}

impl Plan {
    /// Returns the changes that would lose data and are not in `allowed`.
    #[must_use]
    pub fn losses(&self, allowed: &BTreeSet<String>) -> Vec<&Change> {
        let loses = |change: &&Change| {
            change.stateful && change.action.loses_data() && !allowed.contains(&change.id)
        };
        self.changes.iter().filter(loses).collect()
    }

    /// Formats the plan as a table: one line a resource, and the differences below it.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        for change in &self.changes {
            let keeps = if change.stateful { "data" } else { "" };
            table.add_row([
                change.action.to_string().as_str(),
                &change.id,
                &change.kind,
                keeps,
            ]);
        }
        let mut lines = table.lines().map(|line| line.trim_end().to_owned());
        let mut text = String::new();
        for change in &self.changes {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}", lines.next().unwrap_or_default());
            for difference in &change.differences {
                let side = |value: &Option<String>| shortened(value.as_deref().unwrap_or("(none)"));
                let (before, after) = (side(&difference.before), side(&difference.after));
                let _ = writeln!(text, "     {}: {before} → {after}", difference.property);
            }
        }
        if self.changes.is_empty() {
            text.push_str(" only outputs, parameters or tags differ\n");
        }
        text
    }

    /// Returns the number of resources for each kind of change.
    #[must_use]
    pub fn summary(&self) -> String {
        let all = [
            (Action::Add, "add"),
            (Action::Modify, "modify"),
            (Action::Conditional, "maybe replace"),
            (Action::Replace, "replace"),
            (Action::Remove, "remove"),
        ];
        let count = |action| self.changes.iter().filter(|it| it.action == action).count();
        let words: Vec<_> = all
            .into_iter()
            .map(|(action, word)| (count(action), word))
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} to {word}"))
            .collect();
        if words.is_empty() {
            return "no resource changes".to_owned();
        }
        words.join(", ")
    }
}

/// Cuts long values in the middle, because both ends help to recognise them.
fn shortened(value: &str) -> String {
    const LONGEST: usize = 60;
    let characters: Vec<char> = value.chars().collect();
    if characters.len() <= LONGEST {
        return value.to_owned();
    }
    let half = LONGEST / 2;
    let end = characters.len() - half;
    characters[..half]
        .iter()
        .chain(['…'].iter())
        .chain(&characters[end..])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(id: &str, action: Action, stateful: bool) -> Change {
        Change {
            id: id.to_owned(),
            kind: "AWS::Kinesis::Stream".to_owned(),
            action,
            stateful,
            differences: vec![Difference {
                property: "Name".to_owned(),
                before: Some("events".to_owned()),
                after: Some("x".repeat(100)),
            }],
        }
    }

    fn plan() -> Plan {
        Plan {
            stack: "shop".to_owned(),
            creates: false,
            changes: vec![
                change("Gone", Action::Remove, true),
                change("EventStream", Action::Replace, true),
                change("Maybe", Action::Conditional, true),
                change("Role", Action::Replace, false),
                change("Table", Action::Modify, true),
            ],
            change_set: None,
        }
    }

    #[test]
    fn data_is_lost_by_removal_and_by_any_replacement_unless_allowed_by_name() {
        let losses = |allowed: &[&str]| -> Vec<String> {
            let allowed = allowed.iter().map(|id| (*id).to_owned()).collect();
            plan()
                .losses(&allowed)
                .into_iter()
                .map(|it| it.id.clone())
                .collect()
        };
        assert_eq!(losses(&[]), ["Gone", "EventStream", "Maybe"]);
        assert_eq!(losses(&["EventStream", "Maybe"]), ["Gone"]);
        assert!(losses(&["Gone", "EventStream", "Maybe"]).is_empty());
    }

    #[test]
    fn a_plan_is_a_table_with_the_differences() {
        insta::assert_snapshot!(plan().table());
        assert_eq!(
            plan().summary(),
            "1 to modify, 1 to maybe replace, 2 to replace, 1 to remove"
        );
    }
}
