//! Explains errors in the form of an environment file to its author.

use serde_yaml::Error;

/// Explains what is wrong on `line` and what is allowed.
pub(super) fn explain(error: &Error, line: &str) -> String {
    let (key, value) = line.split_once(':').unwrap_or((line, ""));
    let (key, value) = (key.trim(), value.trim());
    match error.without_snippet() {
        Error::SerdeUnknownField {
            field, expected, ..
        } => {
            format!(
                "unknown key `{field}`; expected one of: {}",
                one_of(expected)
            )
        }
        Error::SerdeMissingField { field, .. } => {
            format!("`{field}` is missing: add it")
        }
        Error::SerdeUnknownVariant {
            variant, expected, ..
        } if variant == key => {
            format!(
                "unknown choice `{variant}`; expected one of: {}",
                one_of(expected)
            )
        }
        Error::SerdeUnknownVariant {
            variant, expected, ..
        } => {
            format!(
                "`{key}` is `{variant}`; expected one of: {}",
                one_of(expected)
            )
        }
        Error::InvalidScalar { ty, .. } => format!("`{key}` is `{value}`: write {}", plain(ty)),
        Error::DuplicateMappingKey { .. } => format!("`{key}` occurs twice: remove one"),
        Error::UnexpectedValueForUnitEnumVariant { .. } => {
            format!(
                "`{key}` is not allowed here, because the choice above it takes no settings: remove it"
            )
        }
        other => format!(
            "`{key}` cannot be read: {}",
            without_place(&other.to_string())
        ),
    }
}

fn one_of(choices: &[&str]) -> String {
    choices
        .iter()
        .map(|choice| format!("`{choice}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Translates a Rust type for authors of YAML.
fn plain(kind: &str) -> &str {
    match kind {
        "bool" | "boolean" => "`true` or `false`",
        "u8" => "a whole number up to 255",
        "u16" => "a whole number up to 65535",
        "u32" => "a whole number",
        other => other,
    }
}

/// Removes the position, which is already in front of the message.
fn without_place(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}
