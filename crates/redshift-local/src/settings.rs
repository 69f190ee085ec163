//! Settings of the server.

use std::path::PathBuf;
use std::sync::Arc;

use crate::{Identities, Secret};

/// Everything that [`serve`](crate::serve) needs besides a socket.
#[derive(Clone)]
pub struct Settings {
    /// PostgreSQL server that stores the data.
    pub postgres: PostgresSettings,
    /// S3 endpoint that `COPY` reads and `UNLOAD` writes.
    pub s3: S3Settings,
    /// Region that requests must be signed for.
    pub region: String,
    /// AWS account, twelve digits.
    pub account: String,
    /// `ClusterIdentifier` or `WorkgroupName` of the warehouse; requests for any other are refused.
    pub cluster_identifier: String,
    /// Folder of statements, client tokens and results, which survive a restart. Created if
    /// missing. Only one server may use it at a time.
    pub state_dir: PathBuf,
    /// Access keys that may sign requests, and the secrets that requests may name.
    pub identities: Arc<dyn Identities>,
}

/// A running PostgreSQL, version 16 or later.
#[derive(Clone, Debug)]
pub struct PostgresSettings {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Database that gets the compatibility functions. It must exist.
    pub database: String,
    /// Superuser, as whom root connects.
    pub admin_user: String,
    /// Password of the superuser.
    pub admin_password: Secret,
}

/// An S3 endpoint. Requests are path-style.
#[derive(Clone, Debug)]
pub struct S3Settings {
    /// URL of the endpoint, such as `http://127.0.0.1:4566`; `None` means AWS.
    pub endpoint_url: Option<String>,
    /// Access key for all reads and writes, whichever `IAM_ROLE` a statement names.
    pub access_key_id: String,
    /// Secret of the access key.
    pub secret_access_key: Secret,
}
