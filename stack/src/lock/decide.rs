//! Compares what was locked with what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::Location;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::platform::Stack;

/// The file's content: stack → logical id → resource.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub(super) struct Lock(BTreeMap<String, BTreeMap<String, Locked>>);

/// A resource that holds data.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Locked {
    r#type: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    create_only: BTreeMap<String, Value>,
}

/// A resource that is not as it was locked.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The last part of its stack's name.
    pub stack: String,
    /// Its logical id.
    pub id: String,
    /// What is other.
    pub change: Change,
    /// Where it is declared now. `None` when it is gone.
    pub source: Option<&'static Location<'static>>,
}

/// What is other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// It is not in the lock: new, and nothing is lost.
    New {
        /// Its type.
        kind: String,
    },
    /// It is in the lock only: an update removes it.
    Gone {
        /// Its type.
        kind: String,
    },
    /// It is of another type: an update puts an empty one in its place.
    Type {
        /// As it was locked.
        before: String,
        /// As it is.
        after: String,
    },
    /// A property differs that no update can change: an empty one comes in its place.
    CreateOnly {
        /// Its path.
        property: String,
        /// As it was locked; `null` when it was not there.
        before: Value,
        /// As it is; `null` when it is not there.
        after: Value,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of `{}` ", self.id, self.stack)?;
        match &self.change {
            Change::New { kind } => write!(f, "is new, {kind}")?,
            Change::Gone { kind } => write!(f, "is gone, it was {kind}")?,
            Change::Type { before, after } => write!(f, "becomes {after}, it was {before}")?,
            Change::CreateOnly {
                property,
                before,
                after,
            } => write!(
                f,
                "is replaced: its {property} becomes {after}, it was {before}"
            )?,
        }
        match self.source {
            Some(source) => write!(f, " ({}:{})", source.file(), source.line()),
            None => Ok(()),
        }
    }
}

impl Change {
    /// Whether data would be lost.
    pub(super) fn loses(&self) -> bool {
        !matches!(self, Self::New { .. })
    }
}

impl Lock {
    /// What there is to lock in `stacks`.
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

    /// Every resource that is not as it was locked, by stack and id.
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
