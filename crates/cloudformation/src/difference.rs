//! Compares two definitions of a resource, property by property.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

/// A property that differs.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Difference {
    /// The path, for example `StreamModeDetails.StreamMode`.
    pub property: String,
    /// `None` if it was not set.
    pub before: Option<String>,
    /// `None` if it is no longer set, or only known after the deploy.
    pub after: Option<String>,
}

/// A template with the values of its parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filled<'a> {
    pub(crate) template: &'a Value,
    pub(crate) parameters: &'a BTreeMap<String, String>,
}

impl Filled<'_> {
    /// Returns the definition of a resource with parameters replaced by their values; `Null` if it is not in the
    /// template.
    fn resource(&self, id: &str) -> Value {
        self.fill(&self.template["Resources"][id])
    }

    fn fill(&self, value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let reference = map.get("Ref").filter(|_| map.len() == 1);
                let known = reference
                    .and_then(Value::as_str)
                    .and_then(|name| self.parameters.get(name));
                known.map_or_else(
                    || {
                        let filled = map
                            .iter()
                            .map(|(key, value)| (key.clone(), self.fill(value)));
                        Value::Object(filled.collect())
                    },
                    |value| Value::String(value.clone()),
                )
            }
            Value::Array(items) => items.iter().map(|item| self.fill(item)).collect(),
            other => other.clone(),
        }
    }
}

/// Returns the differences of one resource, sorted by property.
pub(crate) fn of_resource(id: &str, before: Filled<'_>, after: Filled<'_>) -> Vec<Difference> {
    let (before, after) = (before.resource(id), after.resource(id));
    let mut found = Vec::new();
    if before.is_null() || after.is_null() {
        return found;
    }
    for part in ["DeletionPolicy", "UpdateReplacePolicy", "DependsOn"] {
        compare(part, &before[part], &after[part], &mut found);
    }
    compare("", &before["Properties"], &after["Properties"], &mut found);
    found.sort_by(|one, other| one.property.cmp(&other.property));
    found
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    if before == after {
        return;
    }
    let empty = Map::new();
    match (before, after) {
        (Value::Object(one), Value::Object(other)) if is_plain(one) && is_plain(other) => {
            compare_maps(path, one, other, found);
        }
        (Value::Null, Value::Object(other)) if path.is_empty() => {
            compare_maps(path, &empty, other, found);
        }
        (Value::Object(one), Value::Null) if path.is_empty() => {
            compare_maps(path, one, &empty, found);
        }
        _ => found.push(Difference {
            property: path.to_owned(),
            before: text(before),
            after: text(after),
        }),
    }
}

fn compare_maps(
    path: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    found: &mut Vec<Difference>,
) {
    let added = after.keys().filter(|key| !before.contains_key(*key));
    for key in before.keys().chain(added) {
        let inner = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        let value = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or_default();
        compare(&inner, &value(before), &value(after), found);
    }
}

/// Returns whether the map is an object of properties, not a function of CloudFormation.
fn is_plain(map: &Map<String, Value>) -> bool {
    !map.keys()
        .any(|key| key == "Ref" || key.starts_with("Fn::"))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differences(before: &Value, after: &Value, key: &str) -> Vec<String> {
        let parameters = |value: &str| BTreeMap::from([("CodeKey".to_owned(), value.to_owned())]);
        let template =
            |properties: &Value| json!({"Resources": {"It": {"Properties": properties}}});
        let (one, other) = (template(before), template(after));
        let (old, new) = (parameters("old.zip"), parameters(key));
        let filled = |template, parameters| Filled {
            template,
            parameters,
        };
        of_resource("It", filled(&one, &old), filled(&other, &new))
            .into_iter()
            .map(|it| {
                let value = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
                format!(
                    "{}: {} → {}",
                    it.property,
                    value(it.before),
                    value(it.after)
                )
            })
            .collect()
    }

    #[test]
    fn properties_are_named_by_their_path_and_lists_are_compared_whole() {
        let before = json!({"A": {"B": 1, "C": 2}, "D": [1], "Gone": "x"});
        let after = json!({"A": {"B": 1, "C": 3}, "D": [1, 2], "New": true});
        assert_eq!(
            differences(&before, &after, "old.zip"),
            [
                "A.C: 2 → 3",
                "D: [1] → [1,2]",
                "Gone: x → -",
                "New: - → true"
            ]
        );
    }

    #[test]
    fn a_parameter_with_another_value_is_a_difference_where_it_is_used() {
        let code = json!({"Code": {"S3Key": {"Ref": "CodeKey"}, "S3Bucket": {"Ref": "Bucket"}}});
        assert_eq!(
            differences(&code, &code, "new.zip"),
            ["Code.S3Key: old.zip → new.zip"]
        );
        assert!(differences(&code, &code, "old.zip").is_empty());
    }

    #[test]
    fn a_function_of_cloudformation_is_one_value() {
        let after = json!({"Arn": {"Fn::GetAtt": ["Key", "Arn"]}});
        assert_eq!(
            differences(&json!({"Arn": "x"}), &after, ""),
            [r#"Arn: x → {"Fn::GetAtt":["Key","Arn"]}"#]
        );
    }
}
