//! What the server needs to know.

use std::path::PathBuf;
use std::sync::Arc;

use crate::{Identities, Secret};

/// Everything [`serve`](crate::serve) needs besides a socket.
#[derive(Clone)]
pub struct Settings {
    /// The warehouse.
    pub postgres: PostgresSettings,
    /// Where `COPY` reads and `UNLOAD` writes.
    pub s3: S3Settings,
    /// The region requests must be signed for.
    pub region: String,
    /// The account, twelve digits.
    pub account: String,
    /// The `ClusterIdentifier` (or `WorkgroupName`) that clients name; any other is refused.
    pub cluster_identifier: String,
    /// Where statements, client tokens and results are kept, so that they survive a restart.
    /// Created when missing; one server at a time.
    pub state_dir: PathBuf,
    /// Who may sign requests, and the secrets that these name.
    pub identities: Arc<dyn Identities>,
}

/// A running PostgreSQL, version 15 or later, and its superuser.
#[derive(Clone, Debug)]
pub struct PostgresSettings {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The database that gets the compatibility functions; it must exist.
    pub database: String,
    /// A superuser: what root connects as.
    pub admin_user: String,
    /// Its password.
    pub admin_password: Secret,
}

/// An S3 endpoint. Requests are path-style, which every stand-in understands.
#[derive(Clone, Debug)]
pub struct S3Settings {
    /// Such as `http://127.0.0.1:4566`; `None` means AWS.
    pub endpoint_url: Option<String>,
    /// The key that reads and writes, whatever `IAM_ROLE` a statement names.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: Secret,
}
