//! What a teardown would do, decided from what is there.

use std::collections::BTreeMap;

use super::sweep::Kind;
use crate::platform::{StackKind, StackName};

/// The type whose content blocks its deletion.
pub(super) const BUCKET: &str = "AWS::S3::Bucket";

/// What would become of an environment's stacks.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The environment.
    pub environment: String,
    /// Whether its file says so.
    pub production: bool,
    /// The stacks that are there.
    pub stacks: Vec<PlannedStack>,
    /// What has a name of the environment and belongs to none of them.
    pub loose: Vec<String>,
}

/// A stack that is there.
#[derive(Clone, Debug)]
pub struct PlannedStack {
    /// Which one.
    pub kind: StackKind,
    /// What it is called.
    pub name: StackName,
    /// Its ARN, under which it can be asked for after it is gone.
    pub id: String,
    /// As CloudFormation words it.
    pub status: String,
    /// Whether CloudFormation refuses to delete it.
    pub protected: bool,
    /// What is in it.
    pub resources: Vec<PlannedResource>,
}

/// A resource of a stack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlannedResource {
    /// In the template.
    pub id: String,
    /// In the account.
    pub name: String,
    /// Such as `AWS::S3::Bucket`.
    pub kind: String,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a resource.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Fate {
    /// It goes with its stack.
    Deleted,
    /// A bucket: all versions, delete markers and unfinished uploads go, then it goes with its stack.
    Emptied,
    /// Its stack lets go of it, and it is removed by its name afterwards, with its data.
    Removed,
    /// Redshift takes a last snapshot of it, which stays.
    Snapshot,
    /// It stays.
    Kept,
}

impl Fate {
    /// Decides from a resource's type and its `DeletionPolicy`.
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
    /// Whether nothing is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stacks.is_empty() && self.loose.is_empty()
    }

    /// The plan for a person to read, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        if self.is_empty() {
            return vec![format!("nothing of `{}` is there", self.environment)];
        }
        let mut lines = Vec::new();
        for stack in &self.stacks {
            let protected = if stack.protected {
                ", protected from deletion until now"
            } else {
                ""
            };
            lines.push(format!(
                "delete stack {} ({}{protected})",
                stack.name, stack.status
            ));
            for (fate, resources) in stack.by_fate() {
                lines.extend(told(fate, &resources));
            }
        }
        let loose = self.loose.iter();
        lines.extend(loose.map(|it| format!("remove, with its data, {it}, which no stack has")));
        lines
    }
}

/// What is said of resources with the same fate.
fn told(fate: Fate, resources: &[&PlannedResource]) -> Vec<String> {
    let each = |verb: &str| {
        resources
            .iter()
            .map(|it| format!("  {verb} {} {}", it.kind, it.name))
            .collect()
    };
    match fate {
        Fate::Deleted => vec![format!("  with {} resources", resources.len())],
        Fate::Emptied => each("empty, with all versions,"),
        Fate::Removed => each("remove, with its data,"),
        Fate::Snapshot => each("keep a last snapshot of"),
        Fate::Kept => each("keep"),
    }
}

impl PlannedStack {
    /// The buckets that must be empty before the stack can go.
    pub(super) fn buckets(&self) -> impl Iterator<Item = &str> {
        self.resources
            .iter()
            .filter(|it| it.fate == Fate::Emptied)
            .map(|it| it.name.as_str())
    }

    fn by_fate(&self) -> BTreeMap<Fate, Vec<&PlannedResource>> {
        let mut fates: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for resource in &self.resources {
            fates.entry(resource.fate).or_default().push(resource);
        }
        fates
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;
    use crate::platform::stacks;

    /// A plan of an environment as it would be right after its deployment.
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
                            fate: Fate::of(kind, resource["DeletionPolicy"].as_str()),
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

    fn fates(plan: &Plan, kind: &str) -> Vec<Fate> {
        let resources = plan.stacks.iter().flat_map(|stack| &stack.resources);
        let mut fates: Vec<_> = resources
            .filter(|it| it.kind == kind)
            .map(|it| it.fate)
            .collect();
        fates.dedup();
        fates
    }

    #[test]
    fn production_keeps_its_keys_and_an_ephemeral_environment_keeps_nothing() {
        let (prod, ci) = (plan("prod"), plan("ci"));
        let key = "AWS::KMS::Key";
        assert_eq!(fates(&prod, key), [Fate::Kept]);
        assert_eq!(fates(&prod, BUCKET), [Fate::Removed]);
        assert_eq!(fates(&ci, key), [Fate::Deleted]);
        assert_eq!(fates(&ci, BUCKET), [Fate::Emptied]);
        assert_eq!(fates(&prod, "AWS::Redshift::Cluster"), [Fate::Snapshot]);
        assert!(
            prod.stacks
                .iter()
                .all(|stack| stack.buckets().next().is_none())
        );
    }

    #[test]
    fn a_person_reads_what_is_emptied_removed_and_kept() {
        let lines = plan("prod").lines().join("\n");
        assert!(lines.contains("delete stack riverhouse-prod-lake (CREATE_COMPLETE, protected"));
        assert!(lines.contains("  keep AWS::KMS::Key the-datakey"));
        assert!(lines.contains("  remove, with its data, AWS::DynamoDB::Table the-loadtable"));
        let lines = plan("ci").lines().join("\n");
        assert!(lines.contains("  empty, with all versions, AWS::S3::Bucket the-rawbucket"));
        assert!(!lines.contains("keep"), "{lines}");
        assert_eq!(Plan::default().lines().len(), 1);
    }
}
