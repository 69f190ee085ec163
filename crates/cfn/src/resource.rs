//! The trait of all resource types.

use serde_json::Value;

use crate::justified::Wildcards;
use crate::removal::Removal;

/// A resource type of CloudFormation.
pub trait Resource {
    /// CloudFormation's name for the type, such as `AWS::SQS::Queue`.
    const TYPE: &'static str;

    /// Whether the type has a property `Tags`. Its form is a list of keys and values unless
    /// [`TAGS_ARE_A_MAP`](Self::TAGS_ARE_A_MAP).
    const TAGGABLE: bool;

    /// Whether `Tags` is a map, as in Glue's types.
    const TAGS_ARE_A_MAP: bool = false;

    /// Returns the properties with CloudFormation's names. `null` values are left out of the template.
    fn properties(&self) -> Value;

    /// What happens to the data of the resource. It has no default, so each type has to decide.
    fn removal(&self) -> Removal;

    /// Returns the wildcards in the policies of the resource, with their reasons.
    fn wildcards(&self) -> Wildcards {
        Wildcards::new()
    }
}
