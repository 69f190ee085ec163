//! Computes the changes of a change set from two templates.

use serde_json::Value;

use super::transcript::Making;
use super::xml;

/// One change of a change set.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) id: String,
    kind: String,
    pub(crate) action: &'static str,
    replacement: Option<String>,
    policy_action: Option<String>,
    /// The name of each different property, with its values before and after.
    properties: Vec<(String, Option<String>, Option<String>)>,
}

/// Compares the resources of two templates.
pub(crate) fn between(before: &Value, after: &Value, making: &Making) -> Vec<Change> {
    let ids = |template: &Value| -> Vec<String> {
        let resources = template["Resources"].as_object();
        resources.map_or_else(Vec::new, |it| it.keys().cloned().collect())
    };
    let mut all = ids(before);
    all.extend(ids(after));
    all.sort();
    all.dedup();
    all.into_iter()
        .filter_map(|id| {
            let (old, new) = (&before["Resources"][&id], &after["Resources"][&id]);
            let action = match (old.is_null(), new.is_null()) {
                (true, _) => "Add",
                (_, true) => "Remove",
                _ if old == new => return None,
                _ => "Modify",
            };
            let kind = if new.is_null() { old } else { new };
            let replacement = (action == "Modify").then(|| {
                let scripted = making.replaces.get(&id).cloned();
                scripted.unwrap_or_else(|| "False".to_owned())
            });
            Some(Change {
                kind: kind["Type"].as_str().unwrap_or_default().to_owned(),
                action,
                replacement,
                policy_action: making.policy_actions.get(&id).cloned(),
                properties: properties(old, new),
                id,
            })
        })
        .collect()
}

fn properties(old: &Value, new: &Value) -> Vec<(String, Option<String>, Option<String>)> {
    if old.is_null() || new.is_null() {
        return Vec::new();
    }
    let (old, new) = (&old["Properties"], &new["Properties"]);
    let mut names: Vec<_> = [old, new]
        .into_iter()
        .filter_map(Value::as_object)
        .flat_map(|it| it.keys().cloned())
        .collect();
    names.sort();
    names.dedup();
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    names
        .into_iter()
        .filter(|name| old[name] != new[name])
        .map(|name| {
            let (before, after) = (text(&old[&name]), text(&new[&name]));
            (name, before, after)
        })
        .collect()
}

impl Change {
    /// Returns the XML of `DescribeChangeSet`; with the property values if they were requested.
    pub(crate) fn xml(&self, values: bool) -> String {
        let details = xml::list(
            "Details",
            self.properties.iter().map(|(name, before, after)| {
                let mut target = xml::text("Attribute", "Properties")
                    + &xml::text("Name", name)
                    + &xml::text("RequiresRecreation", "Never");
                if values {
                    target += &xml::optional("BeforeValue", before.as_deref());
                    target += &xml::optional("AfterValue", after.as_deref());
                }
                xml::element("Target", &target)
                    + &xml::text("Evaluation", "Static")
                    + &xml::text("ChangeSource", "DirectModification")
            }),
        );
        let change = xml::text("Action", self.action)
            + &xml::text("LogicalResourceId", &self.id)
            + &xml::text("ResourceType", &self.kind)
            + &xml::optional("Replacement", self.replacement.as_deref())
            + &xml::optional("PolicyAction", self.policy_action.as_deref())
            + &details;
        xml::text("Type", "Resource") + &xml::element("ResourceChange", &change)
    }
}
