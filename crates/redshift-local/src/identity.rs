//! Who signs requests, and whose secrets they may read: the caller's side of IAM, asked of whoever
//! embeds the server.

use std::pin::Pin;

use thiserror::Error;

use crate::Secret;

/// What [`Identities::look_up`] returns.
pub type Lookup<'a> = Pin<Box<dyn Future<Output = Option<Identity>> + Send + 'a>>;

/// What [`Identities::login`] returns.
pub type LoginLookup<'a> = Pin<Box<dyn Future<Output = Result<Login, LoginError>> + Send + 'a>>;

/// Knows the access keys that may sign requests.
pub trait Identities: Send + Sync {
    /// The identity of `access_key_id`; `None` when there is no such key, which the client sees
    /// as `UnrecognizedClientException`. Asked once per request, so answer from memory.
    fn look_up<'a>(&'a self, access_key_id: &'a str) -> Lookup<'a>;

    /// The login in the secret of that ARN or name, read with the rights of `caller`. Asked once per
    /// request that has a `SecretArn`.
    fn login<'a>(&'a self, caller: &'a Principal, secret: &'a str) -> LoginLookup<'a>;
}

/// The content of a secret: a database user and the password that lets it in.
#[derive(Clone, Debug)]
pub struct Login {
    /// The database user.
    pub username: String,
    /// The password.
    pub password: Secret,
}

/// Why a secret gives no login. `Display` is what the client reads.
#[derive(Clone, Debug, Error)]
pub enum LoginError {
    /// There is none of that name, or the caller may not read it.
    #[error("the secret {secret} cannot be read: {reason}")]
    Refused {
        /// As the request names it.
        secret: String,
        /// In the words of Secrets Manager.
        reason: String,
    },
    /// It has no user name and password.
    #[error("the secret {secret} holds no username and password")]
    Content {
        /// As the request names it.
        secret: String,
    },
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
