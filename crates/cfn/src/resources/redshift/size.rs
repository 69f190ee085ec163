//! Node types and sizes of a cluster.

use std::ops::RangeInclusive;
use std::str::FromStr;

use thiserror::Error;

/// A node type of which new clusters can be created.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-clusters.html>
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NodeType {
    /// 2 CPUs, 16 GB.
    Ra3Large,
    /// 4 CPUs, 32 GB.
    Ra3Xlplus,
    /// 12 CPUs, 96 GB.
    Ra3Large4,
    /// 48 CPUs, 384 GB.
    Ra3Large16,
}

impl NodeType {
    /// All types, the smallest first.
    pub const ALL: [Self; 4] = [
        Self::Ra3Large,
        Self::Ra3Xlplus,
        Self::Ra3Large4,
        Self::Ra3Large16,
    ];

    /// AWS's name, such as `ra3.large`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ra3Large => "ra3.large",
            Self::Ra3Xlplus => "ra3.xlplus",
            Self::Ra3Large4 => "ra3.4xlarge",
            Self::Ra3Large16 => "ra3.16xlarge",
        }
    }

    /// Returns the allowed number of nodes of a new cluster. The maximum is CloudFormation's.
    #[must_use]
    pub const fn counts(self) -> RangeInclusive<u8> {
        match self {
            Self::Ra3Large | Self::Ra3Xlplus => 1..=16,
            Self::Ra3Large4 => 2..=32,
            Self::Ra3Large16 => 2..=100,
        }
    }
}

impl FromStr for NodeType {
    type Err = NodesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|it| it.as_str() == text)
            .ok_or(NodesError::Type)
    }
}

/// A number of nodes of one type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Nodes {
    kind: NodeType,
    count: u8,
}

/// A size that AWS does not offer.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum NodesError {
    /// Unknown node type.
    #[error("use one of {}", NodeType::ALL.map(NodeType::as_str).join(", "))]
    Type,
    /// Too few or too many nodes.
    #[error("a cluster of {} has {} to {} nodes", kind.as_str(), kind.counts().start(), kind.counts().end())]
    Count { kind: NodeType },
}

impl Nodes {
    /// Returns `count` nodes of `kind`.
    ///
    /// # Errors
    ///
    /// Fails if AWS does not offer this number of nodes of this type.
    pub fn new(kind: NodeType, count: u8) -> Result<Self, NodesError> {
        if kind.counts().contains(&count) {
            Ok(Self { kind, count })
        } else {
            Err(NodesError::Count { kind })
        }
    }

    #[must_use]
    pub const fn kind(self) -> NodeType {
        self.kind
    }

    /// Returns the number of nodes if there are several: a single-node cluster is a different cluster type.
    pub(super) const fn several(self) -> Option<u8> {
        match self.count {
            1 => None,
            count => Some(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_its_own_numbers() {
        assert!(Nodes::new(NodeType::Ra3Large, 1).is_ok());
        let large = NodeType::Ra3Large4;
        assert_eq!(Nodes::new(large, 1), Err(NodesError::Count { kind: large }));
        insta::assert_snapshot!(NodesError::Count { kind: large }, @"a cluster of ra3.4xlarge has 2 to 32 nodes");
    }

    #[test]
    fn a_type_that_is_no_longer_created_is_refused() {
        insta::assert_snapshot!("dc2.large".parse::<NodeType>().unwrap_err(), @"use one of ra3.large, ra3.xlplus, ra3.4xlarge, ra3.16xlarge");
    }
}
