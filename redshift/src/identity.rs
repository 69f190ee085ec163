//! Who signs requests: the caller's side of IAM, asked of whoever embeds the server.

use std::pin::Pin;

use crate::Secret;

/// What [`Identities::look_up`] returns.
pub type Lookup<'a> = Pin<Box<dyn Future<Output = Option<Identity>> + Send + 'a>>;

/// Knows the access keys that may sign requests.
pub trait Identities: Send + Sync {
    /// The identity of `access_key_id`; `None` when there is no such key, which the client sees
    /// as `UnrecognizedClientException`. Asked once per request, so answer from memory.
    fn look_up<'a>(&'a self, access_key_id: &'a str) -> Lookup<'a>;
}

/// A pair of keys and whose they are.
#[derive(Clone, Debug)]
pub struct Identity {
    /// What the signature is computed with.
    pub secret_access_key: Secret,
    /// Set for temporary credentials; the request must then carry the same token.
    pub session_token: Option<Secret>,
    /// Whose they are.
    pub principal: Principal,
}

/// Who calls, which decides the database user.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Principal {
    /// The account itself: connects as the administrator.
    Root,
    /// A role, by its name without path: connects as `IAMR:<name>`.
    Role(String),
    /// An IAM user, by its name without path: connects as `IAM:<name>`.
    User(String),
}

impl Principal {
    /// The database user that `GetClusterCredentialsWithIAM` gives this caller; `None` for root.
    ///
    /// Source: <https://docs.aws.amazon.com/redshift/latest/APIReference/API_GetClusterCredentialsWithIAM.html>
    pub(crate) fn database_user(&self) -> Option<String> {
        match self {
            Self::Root => None,
            Self::Role(name) => Some(format!("IAMR:{name}")),
            Self::User(name) => Some(format!("IAM:{name}")),
        }
    }

    /// Tells callers apart in the journal: client tokens and lists are per caller.
    pub(crate) fn key(&self) -> String {
        self.database_user().unwrap_or_else(|| "root".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_and_a_user_of_one_name_are_two_database_users() {
        assert_eq!(
            Principal::Role("a".into()).database_user().unwrap(),
            "IAMR:a"
        );
        assert_eq!(
            Principal::User("a".into()).database_user().unwrap(),
            "IAM:a"
        );
        assert_eq!(Principal::Root.database_user(), None);
    }
}
