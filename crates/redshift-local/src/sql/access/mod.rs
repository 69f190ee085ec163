//! Users, roles and privileges.

pub(crate) mod assume_role;
pub(crate) mod grant;
pub(crate) mod user;
