//! The plan of a teardown.

use std::collections::BTreeMap;

use super::sweep::Kind;
use crate::platform::{StackKind, StackName};

/// The resource type that can only be deleted when empty.
pub(super) const BUCKET: &str = "AWS::S3::Bucket";

/// What a teardown does with an environment.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub environment: String,
    /// Whether the environment's profile is production.
    pub production: bool,
    /// The existing stacks.
    pub stacks: Vec<PlannedStack>,
    /// Resources with a name of the environment that belong to no stack.
    pub loose: Vec<String>,
}

/// An existing stack.
#[derive(Clone, Debug)]
pub struct PlannedStack {
    pub kind: StackKind,
    pub name: StackName,
    /// The ARN, with which the stack can be described after its deletion.
    pub id: String,
    /// CloudFormation's stack status.
    pub status: String,
    /// Whether the stack has termination protection.
    pub protected: bool,
    pub resources: Vec<PlannedResource>,
}

/// A resource of a stack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlannedResource {
    /// The logical id.
    pub id: String,
    /// The physical id.
    pub name: String,
    /// The type, for example `AWS::S3::Bucket`.
    pub kind: String,
    pub disposal: Disposal,
}

/// What a teardown does with a resource.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Disposal {
    /// Deleted with its stack.
    Deleted,
    /// A bucket: emptied, with all versions, delete markers and unfinished uploads, then deleted with its
    /// stack.
    Emptied,
    /// Released by its stack, then removed by name, with its data.
    Removed,
    /// Deleted after a final snapshot, which is kept.
    Snapshot,
    Kept,
}

impl Disposal {
    /// Decides by the resource type and its `DeletionPolicy`.
    #[must_use]
    pub fn of(kind: &str, deletion_policy: Option<&str>) -> Self {
        match (deletion_policy, kind) {
            (Some("Retain" | "RetainExceptOnCreate"), kind) => match Kind::of(kind) {
                Some(_) => Self::Removed,
                None => Self::Kept,
            },
            (Some("Snapshot"), _) => Self::Snapshot,
            (_, BUCKET) => Self::Emptied,
            _ => Self::Deleted,
        }
    }
}

impl Plan {
    /// Returns whether nothing exists.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stacks.is_empty() && self.loose.is_empty()
    }

    /// Formats the plan for people.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        if self.is_empty() {
            return vec![format!("nothing of `{}` exists", self.environment)];
        }
        let mut lines = Vec::new();
        for stack in &self.stacks {
            let protected = if stack.protected {
                ", with termination protection"
            } else {
                ""
            };
            lines.push(format!(
                "delete stack {} ({}{protected})",
                stack.name, stack.status
            ));
            for (disposal, resources) in stack.by_disposal() {
                lines.extend(describe(disposal, &resources));
            }
        }
        let loose = self.loose.iter();
        lines.extend(
            loose.map(|it| format!("remove, with its data, {it}, which belongs to no stack")),
        );
        lines
    }
}

/// Formats the resources with the same action.
fn describe(disposal: Disposal, resources: &[&PlannedResource]) -> Vec<String> {
    let each = |verb: &str| {
        resources
            .iter()
            .map(|it| format!("  {verb} {} {}", it.kind, it.name))
            .collect()
    };
    match disposal {
        Disposal::Deleted => vec![format!("  with {} resources", resources.len())],
        Disposal::Emptied => each("empty, with all versions,"),
        Disposal::Removed => each("remove, with its data,"),
        Disposal::Snapshot => each("keep a final snapshot of"),
        Disposal::Kept => each("keep"),
    }
}

impl PlannedStack {
    /// Returns the buckets that must be empty before the stack can be deleted.
    pub(super) fn buckets(&self) -> impl Iterator<Item = &str> {
        self.resources
            .iter()
            .filter(|it| it.disposal == Disposal::Emptied)
            .map(|it| it.name.as_str())
    }

    fn by_disposal(&self) -> BTreeMap<Disposal, Vec<&PlannedResource>> {
        let mut disposals: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for resource in &self.resources {
            disposals
                .entry(resource.disposal)
                .or_default()
                .push(resource);
        }
        disposals
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;
    use crate::platform::stacks;

    /// Returns the plan of an environment right after its deployment.
    fn plan(name: &str) -> Plan {
        let environment = Environment::load(name).unwrap();
        let stacks = stacks(&environment).into_iter().map(|stack| {
            let template: serde_json::Value =
                serde_json::from_str(&stack.template.to_json()).unwrap();
            let resources = template["Resources"].as_object().unwrap();
            PlannedStack {
                kind: stack.kind,
                id: stack.name.to_string(),
                name: stack.name,
                status: "CREATE_COMPLETE".to_owned(),
                protected: name == "prod",
                resources: resources
                    .iter()
                    .map(|(id, resource)| {
                        let kind = resource["Type"].as_str().unwrap();
                        PlannedResource {
                            id: id.clone(),
                            name: format!("the-{}", id.to_lowercase()),
                            kind: kind.to_owned(),
                            disposal: Disposal::of(kind, resource["DeletionPolicy"].as_str()),
                        }
                    })
                    .collect(),
            }
        });
        Plan {
            environment: name.to_owned(),
            production: name == "prod",
            stacks: stacks.collect(),
            loose: Vec::new(),
        }
    }

    fn disposals(plan: &Plan, kind: &str) -> Vec<Disposal> {
        let resources = plan.stacks.iter().flat_map(|stack| &stack.resources);
        let mut disposals: Vec<_> = resources
            .filter(|it| it.kind == kind)
            .map(|it| it.disposal)
            .collect();
        disposals.dedup();
        disposals
    }

    #[test]
    fn production_keeps_its_keys_and_an_ephemeral_environment_keeps_nothing() {
        let (prod, ci) = (plan("prod"), plan("ci"));
        let key = "AWS::KMS::Key";
        assert_eq!(disposals(&prod, key), [Disposal::Kept]);
        assert_eq!(disposals(&prod, BUCKET), [Disposal::Removed]);
        assert_eq!(disposals(&ci, key), [Disposal::Deleted]);
        assert_eq!(disposals(&ci, BUCKET), [Disposal::Emptied]);
        assert_eq!(
            disposals(&prod, "AWS::Redshift::Cluster"),
            [Disposal::Snapshot]
        );
        assert!(
            prod.stacks
                .iter()
                .all(|stack| stack.buckets().next().is_none())
        );
    }

    #[test]
    fn the_plan_says_what_is_emptied_removed_and_kept() {
        let lines = plan("prod").lines().join("\n");
        assert!(lines.contains(
            "delete stack riverhouse-prod-lake (CREATE_COMPLETE, with termination protection)"
        ));
        assert!(lines.contains("  keep AWS::KMS::Key the-datakey"));
        assert!(lines.contains("  remove, with its data, AWS::DynamoDB::Table the-loadtable"));
        let lines = plan("ci").lines().join("\n");
        assert!(lines.contains("  empty, with all versions, AWS::S3::Bucket the-rawbucket"));
        assert!(!lines.contains("keep"), "{lines}");
        assert_eq!(Plan::default().lines().len(), 1);
    }
}
