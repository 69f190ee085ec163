//! Compares the lock with the current templates.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::Location;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::platform::Stack;

/// The content of a lock file: stack → logical id → resource.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub(super) struct Lock(BTreeMap<String, BTreeMap<String, Locked>>);

/// A stateful resource.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Locked {
    r#type: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    create_only: BTreeMap<String, Value>,
}

/// A resource that differs from its entry in the lock.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The last part of the stack's name.
    pub stack: String,
    pub id: String,
    pub change: Change,
    /// Where it is declared now; `None` if it was removed.
    pub source: Option<&'static Location<'static>>,
}

/// The difference.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// The resource is not in the lock. Nothing is lost.
    New { kind: String },
    /// The resource was removed from the template, so an update deletes it.
    Gone { kind: String },
    /// The resource type differs, so an update creates an empty resource instead.
    Type { before: String, after: String },
    /// A create-only property differs, so an update replaces the resource by an empty one.
    CreateOnly {
        /// The path of the property.
        property: String,
        /// The value in the lock; `null` if absent.
        before: Value,
        /// The current value; `null` if absent.
        after: Value,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of `{}` ", self.id, self.stack)?;
        match &self.change {
            Change::New { kind } => write!(f, "is new, type {kind}")?,
            Change::Gone { kind } => write!(f, "was removed, type {kind}")?,
            Change::Type { before, after } => {
                write!(f, "changes its type from {before} to {after}")?;
            }
            Change::CreateOnly {
                property,
                before,
                after,
            } => write!(
                f,
                "is replaced, because {property} changes from {before} to {after}"
            )?,
        }
        match self.source {
            Some(source) => write!(f, " ({}:{})", source.file(), source.line()),
            None => Ok(()),
        }
    }
}

impl Change {
    /// Returns whether data would be lost.
    pub(super) fn loses(&self) -> bool {
        !matches!(self, Self::New { .. })
    }
}

impl Lock {
    /// Returns the lock of the current templates.
    pub(super) fn of(stacks: &[Stack]) -> Self {
        let of_stack = |stack: &Stack| {
            let held = stack.template.stateful().map(|it| {
                let create_only = it.create_only.into_iter();
                let locked = Locked {
                    r#type: it.kind.to_owned(),
                    create_only: create_only
                        .map(|(path, value)| (path.to_owned(), value.clone()))
                        .collect(),
                };
                (it.id.to_owned(), locked)
            });
            (stack.kind.as_str().to_owned(), held.collect())
        };
        Self(stacks.iter().map(of_stack).collect())
    }

    /// Returns every resource that differs from the lock, by stack and id.
    pub(super) fn compare(&self, stacks: &[Stack]) -> Vec<Finding> {
        let now = Self::of(stacks);
        let ids: BTreeSet<_> = [self, &now].iter().flat_map(|lock| lock.ids()).collect();
        ids.into_iter()
            .flat_map(|(stack, id)| {
                let source = stacks
                    .iter()
                    .find(|it| it.kind.as_str() == stack)
                    .and_then(|it| it.template.source(id));
                changes(self.find(stack, id), now.find(stack, id))
                    .into_iter()
                    .map(move |change| Finding {
                        stack: stack.to_owned(),
                        id: id.to_owned(),
                        change,
                        source,
                    })
            })
            .collect()
    }

    fn ids(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .flat_map(|(stack, held)| held.keys().map(move |id| (stack.as_str(), id.as_str())))
    }

    fn find(&self, stack: &str, id: &str) -> Option<&Locked> {
        self.0.get(stack)?.get(id)
    }
}

fn changes(before: Option<&Locked>, after: Option<&Locked>) -> Vec<Change> {
    match (before, after) {
        (None, None) => Vec::new(),
        (None, Some(after)) => vec![Change::New {
            kind: after.r#type.clone(),
        }],
        (Some(before), None) => vec![Change::Gone {
            kind: before.r#type.clone(),
        }],
        (Some(before), Some(after)) if before.r#type != after.r#type => vec![Change::Type {
            before: before.r#type.clone(),
            after: after.r#type.clone(),
        }],
        (Some(before), Some(after)) => {
            let paths: BTreeSet<_> = before
                .create_only
                .keys()
                .chain(after.create_only.keys())
                .collect();
            let of =
                |locked: &Locked, path| locked.create_only.get(path).cloned().unwrap_or_default();
            paths
                .into_iter()
                .map(|path| (path, of(before, path), of(after, path)))
                .filter(|(_, before, after)| before != after)
                .map(|(path, before, after)| Change::CreateOnly {
                    property: path.clone(),
                    before,
                    after,
                })
                .collect()
        }
    }
}
