//! Template values: literal text and CloudFormation's intrinsic functions.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::ser::{Serialize, SerializeMap, Serializer};

/// A string value in a template: literal, or an intrinsic (`Ref`, `Fn::GetAtt`, `Fn::Sub`).
///
/// `T` is the meaning of the string, so that a queue's URL cannot be used as a bucket's name; it is
/// [`String`] where any text is accepted. Numbers and booleans are never intrinsics here: they are decided in
/// Rust.
pub struct Val<T> {
    parts: Vec<Part>,
    of: PhantomData<fn() -> T>,
}

/// Type marker of [`Arn`].
pub struct ArnOf<R>(PhantomData<fn() -> R>);
/// Type marker of [`Name`].
pub struct NameOf<R>(PhantomData<fn() -> R>);
/// Type marker of [`Url`].
pub struct UrlOf<R>(PhantomData<fn() -> R>);

/// The Amazon Resource Name of an `R`.
pub type Arn<R> = Val<ArnOf<R>>;
/// The physical name or id of an `R`, as the API of its service uses it.
pub type Name<R> = Val<NameOf<R>>;
/// The URL of an `R`.
pub type Url<R> = Val<UrlOf<R>>;

/// A part of a string value.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Part {
    Text(Cow<'static, str>),
    Ref(Cow<'static, str>),
    Attribute(Cow<'static, str>, &'static str),
}

impl<T> Val<T> {
    /// Returns a literal value.
    #[must_use]
    pub fn literal(text: impl Into<Cow<'static, str>>) -> Self {
        Self::of_part(Part::Text(text.into()))
    }

    /// `Ref` of a logical id. What it returns depends on the resource type.
    pub(crate) fn reference(id: Cow<'static, str>) -> Self {
        Self::of_part(Part::Ref(id))
    }

    /// `Fn::GetAtt`.
    pub(crate) fn attribute(id: Cow<'static, str>, attribute: &'static str) -> Self {
        Self::of_part(Part::Attribute(id, attribute))
    }

    /// Gives a string a meaning. This is the only conversion that the compiler cannot check.
    #[must_use]
    pub fn from_text(text: Val<String>) -> Self {
        Self {
            parts: text.parts,
            of: PhantomData,
        }
    }

    /// Returns the value as a plain string, without its meaning.
    #[must_use]
    pub fn text(&self) -> Val<String> {
        Val {
            parts: self.parts.clone(),
            of: PhantomData,
        }
    }

    /// Returns the literal value; `None` if it contains an intrinsic.
    #[must_use]
    pub fn as_literal(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| {
                if let Part::Text(text) = part {
                    Some(text.as_ref())
                } else {
                    None
                }
            })
            .collect()
    }

    /// Returns whether the literal parts contain `character`.
    pub(crate) fn spells(&self, character: char) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Text(text) if text.contains(character)))
    }

    fn of_part(part: Part) -> Self {
        Self {
            parts: vec![part],
            of: PhantomData,
        }
    }
}

impl Val<String> {
    /// Concatenates values. The result is an `Fn::Sub` if it has several parts and one is an intrinsic. See
    /// [`text!`](crate::text).
    #[must_use]
    pub fn join(values: impl IntoIterator<Item = Self>) -> Self {
        let mut parts: Vec<Part> = Vec::new();
        for part in values.into_iter().flat_map(|value| value.parts) {
            match (parts.last_mut(), part) {
                (Some(Part::Text(before)), Part::Text(text)) => before.to_mut().push_str(&text),
                (_, part) => parts.push(part),
            }
        }
        Self {
            parts,
            of: PhantomData,
        }
    }
}

impl Val<String> {
    /// Replaces each `${name}` in `text` by its value.
    ///
    /// # Panics
    ///
    /// Panics if a name has no value.
    #[must_use]
    pub fn filled(text: &str, values: &BTreeMap<&str, Self>) -> Self {
        let mut pieces = text.split("${");
        let mut filled = vec![Self::from(pieces.next().unwrap_or_default().to_owned())];
        for piece in pieces {
            let (name, rest) = piece.split_once('}').unwrap_or((piece, ""));
            let value = values.get(name);
            let value = value.unwrap_or_else(|| panic!("`${{{name}}}` has no value"));
            filled.extend([value.clone(), Self::from(rest.to_owned())]);
        }
        Self::join(filled)
    }
}

/// Concatenates literals and values: `text!["arn:", partition(), ":s3:::", &name]`.
#[macro_export]
macro_rules! text {
    ($($part:expr),+ $(,)?) => {
        $crate::Val::join([$($crate::Val::<String>::from($part)),+])
    };
}

impl From<&'static str> for Val<String> {
    fn from(text: &'static str) -> Self {
        Self::literal(text)
    }
}

impl From<String> for Val<String> {
    fn from(text: String) -> Self {
        Self::literal(text)
    }
}

impl<T> From<&Val<T>> for Val<String> {
    fn from(value: &Val<T>) -> Self {
        value.text()
    }
}

/// Writes the value in the syntax of `Fn::Sub`; a purely literal value is written without escapes.
impl<T> fmt::Display for Val<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alone = self.as_literal().is_some();
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) if alone => f.write_str(text),
            Part::Text(text) => f.write_str(&text.replace("${", "${!")),
            Part::Ref(id) => write!(f, "${{{id}}}"),
            Part::Attribute(id, attribute) => write!(f, "${{{id}.{attribute}}}"),
        })
    }
}

impl<T> Serialize for Val<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let intrinsic = |serializer: S, name, value: serde_json::Value| {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry(name, &value)?;
            map.end()
        };
        match self.parts.as_slice() {
            [Part::Ref(id)] => intrinsic(serializer, "Ref", id.as_ref().into()),
            [Part::Attribute(id, attribute)] => intrinsic(
                serializer,
                "Fn::GetAtt",
                serde_json::json!([id.as_ref(), attribute]),
            ),
            _ if self.as_literal().is_some() => serializer.collect_str(self),
            _ => intrinsic(serializer, "Fn::Sub", self.to_string().into()),
        }
    }
}

// Implemented by hand, because `derive` would require the traits of `T`, which is only a marker.
impl<T> Clone for Val<T> {
    fn clone(&self) -> Self {
        Self {
            parts: self.parts.clone(),
            of: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Val<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl<T> PartialEq for Val<T> {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

impl<T> Eq for Val<T> {}

impl<T> PartialOrd for Val<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Val<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.parts.cmp(&other.parts)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::pseudo::{partition, region};

    fn rendered<T>(value: &Val<T>) -> serde_json::Value {
        serde_json::to_value(value).unwrap()
    }

    #[test]
    fn a_lone_reference_is_a_ref_and_not_a_sub() {
        assert_eq!(rendered(&region()), json!({"Ref": "AWS::Region"}));
        assert_eq!(rendered(&text![region()]), json!({"Ref": "AWS::Region"}));
    }

    #[test]
    fn an_attribute_is_a_get_att() {
        let arn = Val::<String>::attribute("Queue".into(), "Arn");
        assert_eq!(rendered(&arn), json!({"Fn::GetAtt": ["Queue", "Arn"]}));
        assert_eq!(
            rendered(&text![&arn, "/x"]),
            json!({"Fn::Sub": "${Queue.Arn}/x"})
        );
    }

    #[test]
    fn texts_around_a_reference_become_one_sub() {
        let arn = text!["arn:", partition(), ":s3", ":::", "raw"];
        assert_eq!(
            rendered(&arn),
            json!({"Fn::Sub": "arn:${AWS::Partition}:s3:::raw"})
        );
    }

    #[test]
    fn a_policy_variable_is_escaped_only_where_sub_would_read_it() {
        let variable = "${aws:userid}";
        assert_eq!(rendered(&text![variable]), json!(variable));
        assert_eq!(
            rendered(&text![variable, region()]),
            json!({"Fn::Sub": "${!aws:userid}${AWS::Region}"})
        );
    }

    #[test]
    fn names_in_a_text_are_replaced_by_their_values() {
        let values = BTreeMap::from([("where", region()), ("what", text!["queue"])]);
        assert_eq!(
            rendered(&Val::filled("the ${what} in ${where}", &values)),
            json!({"Fn::Sub": "the queue in ${AWS::Region}"})
        );
        assert_eq!(
            rendered(&Val::filled("nothing", &BTreeMap::new())),
            json!("nothing")
        );
    }

    #[test]
    #[should_panic(expected = "`${who}` has no value")]
    fn a_name_without_a_value_is_refused() {
        let _ = Val::filled("for ${who}", &BTreeMap::new());
    }

    proptest! {
        #[test]
        fn a_literal_is_rendered_as_it_was_written(text in ".*") {
            let value = Val::<String>::literal(text.clone());
            prop_assert_eq!(rendered(&value), json!(text));
        }

        #[test]
        fn literals_join_to_a_literal(one in ".*", two in ".*") {
            let joined = text![one.clone(), two.clone()];
            prop_assert_eq!(joined.as_literal(), Some(one + &two));
        }
    }
}
