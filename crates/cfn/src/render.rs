//! Renders templates as YAML and JSON.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use crate::removal::Removal;
use crate::template::{Entry, Template};

/// The sections of a template, in the order in which they are written.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    #[serde(rename = "AWSTemplateFormatVersion")]
    version: &'static str,
    description: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    parameters: BTreeMap<&'static str, Value>,
    resources: BTreeMap<&'a Cow<'static, str>, Body<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    outputs: BTreeMap<&'static str, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    depends_on: &'a BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_policy: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_replace_policy: Option<&'static str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: &'a BTreeMap<&'static str, Value>,
    properties: &'a Value,
}

impl<'a> From<&'a Entry> for Body<'a> {
    fn from(entry: &'a Entry) -> Self {
        let removal: Removal = entry.removal;
        Self {
            r#type: entry.kind,
            depends_on: &entry.depends_on,
            deletion_policy: removal.deletion_policy(),
            update_replace_policy: removal.update_replace_policy(),
            metadata: &entry.metadata,
            properties: &entry.properties,
        }
    }
}

impl Template {
    /// Renders the template as YAML, for people and pull requests. The same template gives the same bytes.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        // Folded scalars would move their line breaks with every edit.
        let options = serde_yaml::ser_options! { prefer_block_scalars: false };
        infallible(serde_yaml::to_string_with_options(
            &self.document(),
            options,
        ))
    }

    /// Renders the template as JSON without white space. CloudFormation accepts 51,200 bytes in a request.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
    #[must_use]
    pub fn to_json(&self) -> String {
        infallible(serde_json::to_string(&self.document()))
    }

    /// Renders the template as indented JSON.
    #[must_use]
    pub fn to_json_pretty(&self) -> String {
        infallible(serde_json::to_string_pretty(&self.document()))
    }

    fn document(&self) -> Document<'_> {
        let parameter =
            |description: &'static str| json!({"Type": "String", "Description": description});
        Document {
            version: "2010-09-09",
            description: self.description,
            parameters: self
                .parameters
                .iter()
                .map(|(id, text)| (*id, parameter(text)))
                .collect(),
            resources: self
                .resources
                .iter()
                .map(|(id, entry)| (id, Body::from(entry)))
                .collect(),
            outputs: self
                .outputs
                .iter()
                .map(|(id, output)| {
                    (
                        *id,
                        json!({"Description": output.description, "Value": output.value}),
                    )
                })
                .collect(),
        }
    }
}

/// Cannot fail: a template contains only strings, numbers, and maps with string keys.
#[expect(clippy::expect_used, reason = "a failure would be a bug of this crate")]
fn infallible<E: std::fmt::Debug>(rendered: Result<String, E>) -> String {
    rendered.expect("a template is plain data")
}
