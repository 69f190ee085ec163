//! Says what a file's author can do about a file that has the wrong shape.

use serde_yaml::Error;

/// What is wrong on `line`, and what may stand there.
pub(super) fn explain(error: &Error, line: &str) -> String {
    let (key, value) = line.split_once(':').unwrap_or((line, ""));
    let (key, value) = (key.trim(), value.trim());
    match error.without_snippet() {
        Error::SerdeUnknownField {
            field, expected, ..
        } => {
            format!("`{field}` is no key here: use {}", one_of(expected))
        }
        Error::SerdeMissingField { field, .. } => {
            format!("`{field}` is missing: add it")
        }
        Error::SerdeUnknownVariant {
            variant, expected, ..
        } if variant == key => {
            format!("`{variant}` is no choice here: use {}", one_of(expected))
        }
        Error::SerdeUnknownVariant {
            variant, expected, ..
        } => {
            format!("`{key}` is `{variant}`: use {}", one_of(expected))
        }
        Error::InvalidScalar { ty, .. } => format!("`{key}` is `{value}`: write {}", plain(ty)),
        Error::DuplicateMappingKey { .. } => format!("`{key}` is there twice: remove one"),
        Error::UnexpectedValueForUnitEnumVariant { .. } => {
            format!("`{key}` stands below a choice that takes nothing: remove it")
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

/// A type of Rust in the words of someone who writes YAML.
fn plain(kind: &str) -> &str {
    match kind {
        "bool" | "boolean" => "`true` or `false`",
        "u8" => "a whole number up to 255",
        "u16" => "a whole number up to 65535",
        "u32" => "a whole number",
        other => other,
    }
}

/// The place is said once, before the message.
fn without_place(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}
