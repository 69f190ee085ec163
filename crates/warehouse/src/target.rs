//! Address and identity of a warehouse connection.

/// A warehouse.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Target {
    /// A provisioned cluster.
    Cluster {
        /// The cluster identifier.
        identifier: String,
    },
    /// A serverless workgroup.
    Workgroup {
        /// The workgroup name, at least three characters.
        name: String,
    },
}

/// The identity with which statements run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Authority {
    /// The database user whose name and password are in the secret with this ARN.
    Secret(String),
    /// The database user `IAMR:<role>` of the caller's role.
    ///
    /// Created by `GetClusterCredentialsWithIAM` for a cluster, and by `GetCredentials` for a workgroup.
    Iam,
}
