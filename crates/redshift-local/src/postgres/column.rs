//! Columns as the Data API describes them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Name of the type in Redshift.
    pub(crate) type_name: String,
    pub(crate) length: i32,
    pub(crate) precision: i32,
    pub(crate) scale: i32,
    /// 0: no, 1: yes, 2: unknown, as in JDBC.
    pub(crate) nullable: i32,
    pub(crate) schema_name: String,
    pub(crate) table_name: String,
}

/// Member of the service's `Field` union that holds a column's values. Decimals, dates and all
/// other types are strings, so nothing is rounded.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Kind {
    Boolean,
    Long,
    Double,
    Text,
}

impl Column {
    /// Converts a value from PostgreSQL's text to Redshift's: booleans as words, binary data as
    /// plain hexadecimal digits, SUPER without white space.
    pub(crate) fn format<'v>(&self, text: &'v str) -> Cow<'v, str> {
        match (self.type_name.as_str(), text) {
            ("bool", "t") => Cow::Borrowed("true"),
            ("bool", "f") => Cow::Borrowed("false"),
            ("varbyte", text) => Cow::Borrowed(text.strip_prefix("\\x").unwrap_or(text)),
            ("super", text) => Cow::Owned(compact(text)),
            (_, text) => Cow::Borrowed(text),
        }
    }
}

/// Removes the white space between the tokens of a JSON text. Numbers are not changed.
fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut in_text, mut is_escaped) = (false, false);
    for ch in json.chars() {
        if !in_text && ch.is_ascii_whitespace() {
            continue;
        }
        if ch == '"' && !is_escaped {
            in_text = !in_text;
        }
        is_escaped = ch == '\\' && !is_escaped;
        out.push(ch);
    }
    out
}

/// A PostgreSQL type and its modifier, as the Data API describes them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ColumnType<'a> {
    pub(crate) kind: Kind,
    /// Name of the type in Redshift.
    pub(crate) type_name: &'a str,
    /// Number of digits, or the length of a character type.
    pub(crate) precision: i32,
    pub(crate) scale: i32,
}

impl<'a> ColumnType<'a> {
    /// Returns the description of a type; `modifier` is -1 if the column has none.
    pub(crate) fn of(pg_type: &'a str, modifier: i32) -> Self {
        let packed = (modifier - 4).max(0);
        let (kind, type_name, precision, scale) = match pg_type {
            "bool" => (Kind::Boolean, "bool", 1, 0),
            "int2" => (Kind::Long, "int2", 5, 0),
            "int4" => (Kind::Long, "int4", 10, 0),
            "int8" => (Kind::Long, "int8", 19, 0),
            "oid" => (Kind::Long, "oid", 10, 0),
            "float4" => (Kind::Double, "float4", 8, 8),
            "float8" => (Kind::Double, "float8", 17, 17),
            "numeric" => (Kind::Text, "numeric", packed >> 16, packed & 0x7ff),
            "varchar" | "text" => (Kind::Text, "varchar", packed, 0),
            "bpchar" => (Kind::Text, "bpchar", packed, 0),
            "date" => (Kind::Text, "date", 13, 0),
            "time" => (Kind::Text, "time", 15, 6),
            "timetz" => (Kind::Text, "timetz", 21, 6),
            "timestamp" => (Kind::Text, "timestamp", 29, 6),
            "timestamptz" => (Kind::Text, "timestamptz", 35, 6),
            "jsonb" | "json" => (Kind::Text, "super", 0, 0),
            "bytea" => (Kind::Text, "varbyte", 0, 0),
            other => (Kind::Text, other, 0, 0),
        };
        Self {
            kind,
            type_name,
            precision,
            scale,
        }
    }
}

/// Returns whether the type is reported as case-sensitive; only character types are.
pub(crate) fn is_case_sensitive(type_name: &str) -> bool {
    ["varchar", "bpchar"].contains(&type_name)
}

/// Returns whether the values of the type have a sign.
pub(crate) fn is_signed(type_name: &str) -> bool {
    ["int2", "int4", "int8", "oid", "float4", "float8", "numeric"].contains(&type_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_between_json_tokens_is_removed() {
        assert_eq!(
            compact(r#"{"a b": [1.10, 12345678901234567890.5], "c\": ": "\\", "d": " "}"#),
            r#"{"a b":[1.10,12345678901234567890.5],"c\": ":"\\","d":" "}"#
        );
    }

    #[test]
    fn a_type_and_its_modifier_give_name_precision_and_scale() {
        let shape = |pg_type, modifier| {
            let shape = ColumnType::of(pg_type, modifier);
            (shape.type_name, shape.precision, shape.scale)
        };
        assert_eq!(shape("numeric", ((12 << 16) | 4) + 4), ("numeric", 12, 4));
        assert_eq!(shape("numeric", -1), ("numeric", 0, 0));
        assert_eq!(shape("text", -1), ("varchar", 0, 0));
        assert_eq!(shape("varchar", 20), ("varchar", 16, 0));
        assert_eq!(shape("date", -1), ("date", 13, 0));
        assert_eq!(shape("name", -1), ("name", 0, 0));
    }
}
