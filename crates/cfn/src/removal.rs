//! Removal policies: what happens to a resource's data when the resource is removed from its stack.

/// How valuable an environment's data is. Every stateful resource requires a profile.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Profile {
    /// Data is kept when the stack is deleted, and deletion protection is enabled where the service has it.
    Production,
    /// All data is deleted with the stack.
    Ephemeral,
}

/// The removal policies of a resource.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Removal {
    /// The resource holds no data; it has no policies, so CloudFormation deletes it.
    Stateless,
    /// The resource holds data, which is deleted with the stack.
    Delete,
    /// The resource and its data are kept, except when the creation of the stack fails: a leftover would
    /// block the next attempt.
    Retain,
    /// The resource is deleted after a snapshot of its data. Only a few types support this.
    Snapshot,
}

impl From<Profile> for Removal {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Production => Self::Retain,
            Profile::Ephemeral => Self::Delete,
        }
    }
}

impl Removal {
    /// `DeletionPolicy`. Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html>
    pub(crate) fn deletion_policy(self) -> Option<&'static str> {
        match self {
            Self::Stateless => None,
            Self::Delete => Some("Delete"),
            Self::Retain => Some("RetainExceptOnCreate"),
            Self::Snapshot => Some("Snapshot"),
        }
    }

    /// `UpdateReplacePolicy`, which does not support `RetainExceptOnCreate`.
    pub(crate) fn update_replace_policy(self) -> Option<&'static str> {
        match self {
            Self::Stateless => None,
            Self::Delete => Some("Delete"),
            Self::Retain => Some("Retain"),
            Self::Snapshot => Some("Snapshot"),
        }
    }
}
