//! What a type must say to stand in a template.

use serde_json::Value;

use crate::justified::Wildcards;
use crate::removal::Removal;

/// A resource as its service's file defines it.
pub trait Resource {
    /// CloudFormation's name for the type, such as `AWS::SQS::Queue`.
    const TYPE: &'static str;

    /// Whether its property `Tags` takes a list of keys and values.
    const TAGGABLE: bool;

    /// Whether that property is a map instead, as it is of Glue's types.
    const TAGS_ARE_A_MAP: bool = false;

    /// The properties as CloudFormation spells them. A `null` is left out of the template.
    fn properties(&self) -> Value;

    /// What becomes of its data. No default, so that a new type has to say.
    fn removal(&self) -> Removal;

    /// The wildcards in its policies, with their reasons.
    fn wildcards(&self) -> Wildcards {
        Wildcards::new()
    }
}
