//! Database users: the analysts' login, whose password is in a secret, and the users of IAM roles.

use std::fmt;

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use templates::sql::login::{CreateUser, FindUser, SetPassword};
use templates::{RenderError, render};

use crate::Warehouse;
use crate::api::DataApi;
use crate::error::WarehouseError;
use crate::statement::Submission;

/// The database user of Tableau, which migration `0009_tableau` creates.
pub const TABLEAU: &str = "tableau";

/// A database user with a password: the content of a secret, `{"username": …, "password": …}`.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct Login {
    pub username: String,
    /// The password in clear text. Redshift requires 8 to 64 characters for a clear-text password, but
    /// accepts any hash.
    pub password: String,
}

/// Never prints the password.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl Login {
    /// Returns the statement that sets the password. It contains a hash instead of the password.
    ///
    /// The hash is MD5 of password and user name: of the two forms that [`ALTER USER`] documents, the one
    /// that PostgreSQL supports as well. It is only as strong as the password, which is long and random.
    ///
    /// [`ALTER USER`]: https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_USER.html
    ///
    /// # Errors
    ///
    /// Fails if the user name is not allowed in SQL.
    pub fn statement(&self) -> Result<String, RenderError> {
        let digest = Md5::digest(format!("{}{}", self.password, self.username));
        render(&SetPassword {
            user: &self.username,
            hash: &format!("md5{}", hex::encode(digest)),
        })
    }
}

/// Sets the password of `login`. Must run as the warehouse's administrator, after the migrations, which
/// create the user.
///
/// Idempotent. Open sessions continue.
///
/// # Errors
///
/// Fails if the statement cannot be rendered or the warehouse refuses it.
pub async fn set_login<A: DataApi>(
    warehouse: &Warehouse<A>,
    login: &Login,
) -> Result<(), WarehouseError> {
    let submission = Submission {
        name: format!("login/{}", login.username),
        statements: vec![login.statement()?],
        token: None,
    };
    warehouse.run(&submission).await.map(|_| ())
}

/// Creates the database user of an IAM role if it does not exist. Must run as the warehouse's administrator.
/// AWS creates the user only when the role first requests credentials, which may be after the migrations that
/// grant it permissions.
///
/// Idempotent, also for concurrent callers.
pub(crate) async fn make_user<A: DataApi>(
    warehouse: &Warehouse<A>,
    user: &str,
) -> Result<(), WarehouseError> {
    let is_there = async || {
        let found = warehouse.ask(&FindUser { user }).await?;
        Ok::<_, WarehouseError>(!found.rows.is_empty())
    };
    if is_there().await? {
        return Ok(());
    }
    match warehouse.ask(&CreateUser { user }).await {
        Err(_) if is_there().await? => Ok(()),
        made => made.map(|_| ()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(username: &str) -> Login {
        Login {
            username: username.to_owned(),
            password: "Correct-Horse-1".to_owned(),
        }
    }

    /// The expected hash was computed by PostgreSQL:
    /// `SELECT 'md5' || md5('Correct-Horse-1' || 'tableau')`.
    #[test]
    fn the_statement_holds_the_hash_and_not_the_password() {
        let statement = login(TABLEAU).statement().unwrap();
        let last = statement.lines().last().unwrap();
        let expected = "ALTER USER \"tableau\" PASSWORD 'md5e8e5c68224899e868c986cfdca72e771';";
        assert_eq!(last, expected);
        assert!(!statement.contains("Correct-Horse-1"));
    }

    #[test]
    fn a_user_name_that_is_not_an_identifier_is_refused() {
        assert!(login("tab\"leau").statement().is_err());
    }

    #[test]
    fn a_login_prints_without_its_password_and_is_read_from_its_secret() {
        assert_eq!(
            format!("{:?}", login(TABLEAU)),
            r#"Login { username: "tableau", .. }"#
        );
        let secret = r#"{"username":"tableau","password":"Correct-Horse-1"}"#;
        assert_eq!(
            serde_json::from_str::<Login>(secret).unwrap(),
            login(TABLEAU)
        );
    }
}
