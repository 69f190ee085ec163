//! Vega-Lite specifications.
//!
//! Source: <https://vega.github.io/vega-lite/docs/spec.html>

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::mistake::Mistake;
use crate::place::Place;

/// Keys that the report sets itself, so that all charts look alike and fit every screen.
const SET_BY_REPORT: [&str; 5] = ["width", "autosize", "config", "datasets", "background"];

/// Returns what a specification must not have.
pub(crate) fn forbidden(place: &Place, spec: &Map<String, Value>) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for key in SET_BY_REPORT {
        if spec.contains_key(key) {
            mistakes.push(Mistake {
                line: place.line_of(key),
                ..place.mistake(format!("the report sets `{key}` itself"), "remove it")
            });
        }
    }
    if !spec.contains_key("mark") && !spec.contains_key("layer") {
        mistakes.push(place.mistake(
            "the chart has neither `mark` nor `layer`",
            "use a single view or layers; other compositions do not fit a phone",
        ));
    }
    let views = spec.iter().filter(|(key, _)| *key != "data");
    let mut requests = false;
    for (_, value) in views {
        visit(value, &mut |key, value| {
            requests |= ["url", "href", "data"].contains(&key) || is_image(key, value);
        });
    }
    requests |= spec.iter().any(|(key, value)| is_image(key, value));
    if requests {
        mistakes.push(place.mistake(
            "the chart has an image, a link or data of its own",
            "remove it: the report makes no request, and all data come from the query of the chart",
        ));
    }
    mistakes
}

fn is_image(key: &str, value: &Value) -> bool {
    let name = value.get("type").unwrap_or(value);
    key == "mark" && name.as_str() == Some("image")
}

/// Calls `see` for each key with its value, at any depth.
fn visit(value: &Value, see: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                see(key, value);
                visit(value, see);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| visit(value, see)),
        _ => {}
    }
}

/// Returns the fields that a specification uses and that no transform of it makes.
pub(crate) fn fields(spec: &Map<String, Value>) -> BTreeSet<String> {
    let (mut used, mut made) = (BTreeSet::new(), BTreeSet::new());
    for (key, value) in spec {
        let mut see = |key: &str, value: &Value| match key {
            "field" | "fold" | "groupby" => used.extend(texts(value)),
            "filter" | "calculate" => used.extend(value.as_str().into_iter().flat_map(references)),
            "as" => made.extend(texts(value)),
            _ => {}
        };
        see(key, value);
        visit(value, &mut see);
    }
    // The names of a fold without `as`.
    made.extend(
        ["key", "value"]
            .map(str::to_owned)
            .into_iter()
            .filter(|_| folds(spec)),
    );
    used.difference(&made).cloned().collect()
}

fn folds(spec: &Map<String, Value>) -> bool {
    let transforms = spec.get("transform").and_then(Value::as_array);
    transforms.is_some_and(|transforms| transforms.iter().any(|one| one.get("fold").is_some()))
}

/// A text, or the texts of an array.
fn texts(value: &Value) -> Vec<String> {
    let one = value.as_str().map(str::to_owned);
    let many = value.as_array().into_iter().flatten();
    one.into_iter()
        .chain(many.filter_map(Value::as_str).map(str::to_owned))
        .collect()
}

/// The names after `datum.` in an expression.
fn references(expression: &str) -> impl Iterator<Item = String> {
    expression.split("datum.").skip(1).map(|rest| {
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
        rest[..end.unwrap_or(rest.len())].to_owned()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields_of(spec: &Value) -> Vec<String> {
        fields(spec.as_object().unwrap()).into_iter().collect()
    }

    #[test]
    fn fields_of_encodings_layers_conditions_and_transforms_are_found() {
        let spec = json!({
            "transform": [
                { "fold": ["new", "back"], "as": ["kind", "customers"] },
                { "calculate": "datum.a + datum.b", "as": "total" },
            ],
            "layer": [{ "mark": "bar", "encoding": {
                "x": { "field": "month", "sort": { "field": "rank" } },
                "y": { "field": "customers" },
                "color": { "condition": { "field": "whole", "test": "datum.value > 0" } },
                "text": { "field": "total" },
            } }],
        });
        assert_eq!(
            fields_of(&spec),
            ["a", "b", "back", "month", "new", "rank", "whole"]
        );
    }

    #[test]
    fn a_fold_without_names_makes_key_and_value() {
        let spec = json!({ "transform": [{ "fold": ["a"] }], "mark": "bar", "encoding": { "y": { "field": "value" } } });
        assert_eq!(fields_of(&spec), ["a"]);
        let spec = json!({ "mark": "bar", "encoding": { "y": { "field": "value" } } });
        assert_eq!(fields_of(&spec), ["value"]);
    }
}
