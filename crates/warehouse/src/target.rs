//! Which warehouse, and as whom.

/// The kind of warehouse and its name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Target {
    /// A provisioned cluster.
    Cluster {
        /// Its identifier.
        identifier: String,
    },
    /// A serverless workgroup.
    Workgroup {
        /// Its name, at least three characters.
        name: String,
    },
}

/// Whose rights the statements have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Authority {
    /// The database user whose name and password this secret holds, given by its ARN.
    Secret(String),
    /// The database user `IAMR:<role>` of the caller's role.
    ///
    /// A cluster makes it by `GetClusterCredentialsWithIAM`, a workgroup by `GetCredentials`.
    Iam,
}
