//! Suppressions: accepted findings of policy tools, with their reasons.

use serde_json::{Value, json};

/// A tool whose findings can be suppressed in a resource's metadata.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Tool {
    /// <https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html>
    Checkov,
    /// <https://github.com/aws-cloudformation/cfn-lint#metadata>
    CfnLint,
    /// The rules of <https://github.com/aws-cloudformation/aws-guard-rules-registry>.
    Guard,
}

/// An accepted finding of a tool on one resource.
#[derive(Clone, Copy, Debug)]
pub struct Suppression {
    pub tool: Tool,
    /// The id of the rule, such as `CKV_AWS_120`.
    pub rule: &'static str,
    /// Why the finding is acceptable on this resource.
    pub reason: &'static str,
}

/// Returns the metadata that each tool reads. Only checkov's has a field for the reason, so the reasons of the others
/// are written to `Suppressions`.
pub(crate) fn metadata(suppressions: &[Suppression]) -> Vec<(&'static str, Value)> {
    let of = |tool| {
        suppressions
            .iter()
            .filter(move |suppression| suppression.tool == tool)
    };
    let rules = |tool| {
        of(tool)
            .map(|suppression| suppression.rule)
            .collect::<Vec<_>>()
    };
    let others: Vec<_> = suppressions
        .iter()
        .filter(|it| it.tool != Tool::Checkov)
        .map(|it| json!({"Rule": it.rule, "Reason": it.reason}))
        .collect();
    let checkov: Vec<_> = of(Tool::Checkov)
        .map(|it| json!({"id": it.rule, "comment": it.reason}))
        .collect();
    let mut found = Vec::new();
    if !others.is_empty() {
        found.push(("Suppressions", json!(others)));
    }
    if !checkov.is_empty() {
        found.push(("checkov", json!({"skip": checkov})));
    }
    if of(Tool::CfnLint).next().is_some() {
        found.push((
            "cfn-lint",
            json!({"config": {"ignore_checks": rules(Tool::CfnLint)}}),
        ));
    }
    if of(Tool::Guard).next().is_some() {
        found.push(("guard", json!({"SuppressedRules": rules(Tool::Guard)})));
    }
    found
}
