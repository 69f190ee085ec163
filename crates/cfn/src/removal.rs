//! What becomes of a resource's data when its stack lets go of it.

/// How much an environment's data is worth. Every stateful resource must be given one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Profile {
    /// Data outlives its stack, and what can be protected from deletion is.
    Production,
    /// Everything goes with the stack.
    Ephemeral,
}

/// The removal policies of a resource.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Removal {
    /// It holds no data, and has no policies: CloudFormation deletes it.
    Stateless,
    /// It holds data that goes with the stack.
    Delete,
    /// It holds data that stays, but for a stack whose creation fails: a leftover would block the next attempt.
    Retain,
    /// It goes, and a snapshot of its data stays. Only a few types know it.
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

    /// `UpdateReplacePolicy`, which does not know `RetainExceptOnCreate`.
    pub(crate) fn update_replace_policy(self) -> Option<&'static str> {
        match self {
            Self::Stateless => None,
            Self::Delete => Some("Delete"),
            Self::Retain => Some("Retain"),
            Self::Snapshot => Some("Snapshot"),
        }
    }
}
