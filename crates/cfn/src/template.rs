//! Templates: parameters, resources and outputs.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::Location;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::create_only::create_only;
use crate::handle::Handle;
use crate::removal::Removal;
use crate::resource::Resource;
use crate::suppression::{self, Suppression};
use crate::val::Val;

/// A CloudFormation template. All its parts are sorted, so the order of the calls does not change the
/// rendered bytes.
#[derive(Clone, Debug)]
pub struct Template {
    pub(crate) description: &'static str,
    pub(crate) parameters: BTreeMap<&'static str, &'static str>,
    pub(crate) resources: BTreeMap<Cow<'static, str>, Entry>,
    pub(crate) outputs: BTreeMap<&'static str, Output>,
    tags: BTreeMap<String, String>,
}

/// A resource and what the template records beside its properties.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) kind: &'static str,
    pub(crate) properties: Value,
    pub(crate) removal: Removal,
    pub(crate) depends_on: BTreeSet<String>,
    pub(crate) metadata: BTreeMap<&'static str, Value>,
    suppressions: Vec<Suppression>,
    /// Not written to the template, where every edit of the Rust file would look like a change of the stack.
    source: &'static Location<'static>,
}

impl Entry {
    fn create_only(&self) -> BTreeMap<&'static str, &Value> {
        let paths = create_only(self.kind).unwrap_or_default();
        paths
            .iter()
            .filter_map(|path| {
                let value = self.properties.pointer(&format!("/{path}"));
                value.map(|value| (*path, value))
            })
            .collect()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) description: &'static str,
    pub(crate) value: Val<String>,
}

/// A resource whose data is lost when it is replaced or deleted.
#[derive(Clone, Debug)]
pub struct Stateful<'a> {
    /// The logical id.
    pub id: &'a str,
    /// The CloudFormation type.
    pub kind: &'static str,
    /// The create-only properties, which no update can change, by their path.
    pub create_only: BTreeMap<&'static str, &'a Value>,
    /// Where in the Rust code the resource was declared.
    pub source: &'static Location<'static>,
}

impl Template {
    #[must_use]
    pub fn new(description: &'static str) -> Self {
        Self {
            description,
            parameters: BTreeMap::new(),
            resources: BTreeMap::new(),
            outputs: BTreeMap::new(),
            tags: BTreeMap::new(),
        }
    }

    /// Adds `tags` to every taggable resource that is added after this call.
    #[must_use]
    pub fn tagged(mut self, tags: BTreeMap<String, String>) -> Self {
        self.tags = tags;
        self
    }

    /// Adds `resource` under the logical id `id`. Logical ids are permanent: changing one replaces the
    /// resource.
    ///
    /// # Panics
    ///
    /// Panics if `id` is already used, or contains anything but ASCII letters and digits.
    #[track_caller]
    pub fn add<R: Resource>(&mut self, id: &'static str, resource: &R) -> Handle<R> {
        self.insert(id.into(), resource)
    }

    /// Adds `resource` under `id` followed by a hash of the definitions of `parts`, so that it is replaced
    /// when one of them changes. Meant for resources that are a snapshot of others, such as an API's
    /// deployment.
    ///
    /// # Panics
    ///
    /// Panics as [`Template::add`] does, and if one of `parts` is not in this template.
    #[track_caller]
    pub fn add_snapshot<R: Resource>(
        &mut self,
        id: &'static str,
        resource: &R,
        parts: &BTreeSet<String>,
    ) -> Handle<R> {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.as_bytes());
            hash.update(self.entry(part).properties.to_string());
        }
        let digest = hash
            .finalize()
            .iter()
            .take(5)
            .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        let handle = self.insert(format!("{id}{digest:010X}").into(), resource);
        let entry = self.entry_mut(handle.id());
        // References already imply the order, and cfn-lint reports a redundant `DependsOn`.
        let properties = entry.properties.to_string();
        let named = |part: &String| properties.contains(&format!(r#"{{"Ref":"{part}"}}"#));
        let others = parts.iter().filter(|part| !named(part));
        entry.depends_on.extend(others.cloned());
        handle
    }

    /// Creates `later` after `first` by `DependsOn`, for a dependency that no property of `later` expresses.
    ///
    /// # Panics
    ///
    /// Panics if `later` is not in this template.
    pub fn depend<A, B>(&mut self, later: &Handle<A>, first: &Handle<B>) {
        self.entry_mut(later.id())
            .depends_on
            .insert(first.id().to_owned());
    }

    /// Suppresses a tool's finding on `resource`.
    ///
    /// # Panics
    ///
    /// Panics if `resource` is not in this template.
    pub fn suppress<R>(&mut self, resource: &Handle<R>, suppression: Suppression) {
        let entry = self.entry_mut(resource.id());
        entry.suppressions.push(suppression);
        entry
            .metadata
            .extend(suppression::metadata(&entry.suppressions));
    }

    /// Adds a parameter. `T` is not checked: the caller must pass an output of the same type at deployment.
    ///
    /// # Panics
    ///
    /// Panics if `id` is already used.
    #[track_caller]
    pub fn parameter<T>(&mut self, id: &'static str, description: &'static str) -> Val<T> {
        let before = self.parameters.insert(id, description);
        assert!(
            before.is_none(),
            "parameter `{id}` is already in the template"
        );
        Val::reference(id.into())
    }

    /// Adds an output.
    ///
    /// # Panics
    ///
    /// Panics if `id` is already used.
    #[track_caller]
    pub fn output<T>(&mut self, id: &'static str, description: &'static str, value: &Val<T>) {
        let before = self.outputs.insert(
            id,
            Output {
                description,
                value: value.text(),
            },
        );
        assert!(before.is_none(), "output `{id}` is already in the template");
    }

    /// Returns the names of the parameters.
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.parameters.keys().copied()
    }

    /// Returns the names of the outputs.
    pub fn outputs(&self) -> impl Iterator<Item = &'static str> {
        self.outputs.keys().copied()
    }

    /// Returns the logical id and type of every resource.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.resources
            .iter()
            .map(|(id, entry)| (id.as_ref(), entry.kind))
    }

    /// Returns whether `id` holds data that is lost when the resource is replaced or deleted.
    #[must_use]
    pub fn is_stateful(&self, id: &str) -> bool {
        self.resources
            .get(id)
            .is_some_and(|entry| entry.removal != Removal::Stateless)
    }

    /// Returns every resource that holds data.
    pub fn stateful(&self) -> impl Iterator<Item = Stateful<'_>> {
        let held = |entry: &Entry| entry.removal != Removal::Stateless;
        let entries = self.resources.iter().filter(move |(_, entry)| held(entry));
        entries.map(|(id, entry)| Stateful {
            id,
            kind: entry.kind,
            create_only: entry.create_only(),
            source: entry.source,
        })
    }

    /// Where in the Rust code `id` was declared; `None` if it is not in the template.
    #[must_use]
    pub fn source(&self, id: &str) -> Option<&'static Location<'static>> {
        self.resources.get(id).map(|entry| entry.source)
    }

    #[track_caller]
    fn insert<R: Resource>(&mut self, id: Cow<'static, str>, resource: &R) -> Handle<R> {
        assert!(
            !id.is_empty() && id.chars().all(|it| it.is_ascii_alphanumeric()),
            "logical id `{id}` must be ASCII letters and digits"
        );
        assert!(
            !self.resources.contains_key(&id),
            "`{id}` is already in the template"
        );
        let mut properties = without_nulls(resource.properties());
        if R::TAGGABLE && !self.tags.is_empty() {
            properties["Tags"] = if R::TAGS_ARE_A_MAP {
                json!(self.tags)
            } else {
                let pairs = self.tags.iter();
                pairs
                    .map(|(key, value)| json!({"Key": key, "Value": value}))
                    .collect()
            };
        }
        properties.sort_all_objects();
        let wildcards = resource.wildcards();
        let metadata = (!wildcards.is_empty()).then(|| ("Wildcards", json!(wildcards)));
        let entry = Entry {
            kind: R::TYPE,
            properties,
            removal: resource.removal(),
            depends_on: BTreeSet::new(),
            metadata: metadata.into_iter().collect(),
            suppressions: Vec::new(),
            source: Location::caller(),
        };
        self.resources.insert(id.clone(), entry);
        Handle::new(id)
    }

    fn entry(&self, id: &str) -> &Entry {
        self.resources
            .get(id)
            .unwrap_or_else(|| panic!("`{id}` is not in this template"))
    }

    fn entry_mut(&mut self, id: &str) -> &mut Entry {
        self.resources
            .get_mut(id)
            .unwrap_or_else(|| panic!("`{id}` is not in this template"))
    }
}

/// Removes `null` values, which stand for options that are not set.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
