//! Database logins.

use serde::Serialize;

use crate::render::Sql;

/// Sets the password of a login that a migration made.
#[derive(Debug, Serialize)]
pub struct SetPassword<'a> {
    /// The database user.
    pub user: &'a str,
    /// The password's hash, in a form that `ALTER USER` takes.
    pub hash: &'a str,
}

impl Sql for SetPassword<'_> {
    const NAME: &'static str = "login/set_password";
    const TEMPLATE: &'static str = include_str!("../../sql/login/set_password.sql.hbs");
}

/// Whether a database user is there.
#[derive(Debug, Serialize)]
pub struct FindUser<'a> {
    /// The database user.
    pub user: &'a str,
}

impl Sql for FindUser<'_> {
    const NAME: &'static str = "login/find_user";
    const TEMPLATE: &'static str = include_str!("../../sql/login/find_user.sql.hbs");
}

/// Makes a database user that signs in by IAM alone.
#[derive(Debug, Serialize)]
pub struct CreateUser<'a> {
    /// The database user.
    pub user: &'a str,
}

impl Sql for CreateUser<'_> {
    const NAME: &'static str = "login/create_user";
    const TEMPLATE: &'static str = include_str!("../../sql/login/create_user.sql.hbs");
}
