//! Database logins.

use serde::Serialize;

use crate::render::Sql;

/// Sets the password of a database user that a migration created.
#[derive(Debug, Serialize)]
pub struct SetPassword<'a> {
    /// The database user.
    pub user: &'a str,
    /// The hash of the password, in a form that `ALTER USER` accepts.
    pub hash: &'a str,
}

impl Sql for SetPassword<'_> {
    const NAME: &'static str = "login/set_password";
    const TEMPLATE: &'static str = include_str!("../../sql/login/set_password.sql.hbs");
}

/// Looks up a database user.
#[derive(Debug, Serialize)]
pub struct FindUser<'a> {
    /// The database user.
    pub user: &'a str,
}

impl Sql for FindUser<'_> {
    const NAME: &'static str = "login/find_user";
    const TEMPLATE: &'static str = include_str!("../../sql/login/find_user.sql.hbs");
}

/// Creates a database user that signs in only with IAM.
#[derive(Debug, Serialize)]
pub struct CreateUser<'a> {
    /// The database user.
    pub user: &'a str,
}

impl Sql for CreateUser<'_> {
    const NAME: &'static str = "login/create_user";
    const TEMPLATE: &'static str = include_str!("../../sql/login/create_user.sql.hbs");
}
