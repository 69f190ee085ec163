//! Ports of a warehouse.

use serde::Serialize;
use thiserror::Error;

/// A port for RA3 clusters and serverless workgroups: 5431 to 5455 or 8191 to 8215.
///
/// The default port 5439 is not allowed, because scanners try it first.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateCluster.html>
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Port(u16);

/// The number is not an allowed port.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("use 5431 to 5455 or 8191 to 8215, but not 5439, the port that scanners try first")]
pub struct PortError;

impl TryFrom<u16> for Port {
    type Error = PortError;

    fn try_from(number: u16) -> Result<Self, Self::Error> {
        match number {
            5439 => Err(PortError),
            5431..=5455 | 8191..=8215 => Ok(Self(number)),
            _ => Err(PortError),
        }
    }
}

impl Port {
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_redshift_ports_but_the_default_are_allowed() {
        for number in [5431, 5440, 5455, 8191, 8215] {
            assert_eq!(Port::try_from(number).map(Port::number), Ok(number));
        }
        for number in [0, 5430, 5439, 5456, 8190, 8216] {
            assert_eq!(Port::try_from(number), Err(PortError), "{number}");
        }
    }
}
