//! Amazon Redshift: clusters, and access to them through the Data API.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_Redshift.html>

mod access;
mod cluster;
mod endpoint;
mod groups;
mod port;
mod size;

pub use access::Database;
pub(crate) use access::{RUN, grant_follow};
pub use cluster::{AuditLog, Cluster, Reach};
pub use endpoint::EndpointAccess;
pub use groups::{ClusterParameterGroup, ClusterSubnetGroup};
pub use port::{Port, PortError};
pub use size::{NodeType, Nodes, NodesError};
