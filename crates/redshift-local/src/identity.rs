//! Callers of the API: their access keys, and the secrets that they may read. The program that
//! embeds the server provides both.

use std::pin::Pin;

use thiserror::Error;

use crate::Secret;

/// Future that [`Identities::look_up`] returns.
pub type Lookup<'a> = Pin<Box<dyn Future<Output = Option<Identity>> + Send + 'a>>;

/// Future that [`Identities::login`] returns.
pub type LoginLookup<'a> = Pin<Box<dyn Future<Output = Result<Login, LoginError>> + Send + 'a>>;

/// Access keys that may sign requests, and secrets that hold logins.
pub trait Identities: Send + Sync {
    /// Returns the identity of `access_key_id`, or `None` if the key is unknown; the client then
    /// receives `UnrecognizedClientException`. Called once per request, so answer from memory.
    fn look_up<'a>(&'a self, access_key_id: &'a str) -> Lookup<'a>;

    /// Returns the login in the secret with that ARN or name, read with the permissions of
    /// `caller`. Called once per request that has a `SecretArn`.
    ///
    /// # Errors
    ///
    /// Returns [`LoginError`] if the caller may not read the secret, or if it holds no login.
    fn login<'a>(&'a self, caller: &'a Principal, secret: &'a str) -> LoginLookup<'a>;
}

/// A database user and its password, as a secret holds them.
#[derive(Clone, Debug)]
pub struct Login {
    /// Name of the database user.
    pub username: String,
    /// Password of the database user.
    pub password: Secret,
}

/// Error in reading a login from a secret. `Display` is the message that the client reads.
#[derive(Clone, Debug, Error)]
pub enum LoginError {
    /// The secret does not exist, or the caller may not read it.
    #[error("the secret {secret} cannot be read: {reason}")]
    Refused {
        /// Name or ARN of the secret in the request.
        secret: String,
        /// Error message of Secrets Manager.
        reason: String,
    },
    /// The secret holds no user name and password.
    #[error("the secret {secret} holds no username and password; store both as JSON")]
    Content {
        /// Name or ARN of the secret in the request.
        secret: String,
    },
}

/// Credentials, and the principal to whom they belong.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Key that the signature is computed with.
    pub secret_access_key: Secret,
    /// Session token of temporary credentials; the request must carry the same one.
    pub session_token: Option<Secret>,
    /// Principal to whom the credentials belong.
    pub principal: Principal,
}

/// The caller, who decides the database user.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Principal {
    /// The account's root user, who connects as the administrator.
    Root,
    /// IAM role, by its name without path. It connects as `IAMR:<name>`.
    Role(String),
    /// IAM user, by its name without path. It connects as `IAM:<name>`.
    User(String),
}

impl Principal {
    /// Returns the database user that `GetClusterCredentialsWithIAM` gives this caller, or `None`
    /// for root.
    ///
    /// Source: <https://docs.aws.amazon.com/redshift/latest/APIReference/API_GetClusterCredentialsWithIAM.html>
    pub(crate) fn database_user(&self) -> Option<String> {
        match self {
            Self::Root => None,
            Self::Role(name) => Some(format!("IAMR:{name}")),
            Self::User(name) => Some(format!("IAM:{name}")),
        }
    }

    /// Returns the caller's key in the journal: client tokens and lists are per caller.
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
