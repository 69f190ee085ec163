//! Where a warehouse listens.

use serde::Serialize;
use thiserror::Error;

/// A port that a warehouse on RA3 nodes or without servers can have: 5431 to 5455 or 8191 to 8215.
///
/// Not 5439, Redshift's own, which is the first that a scanner tries.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateCluster.html>
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Port(u16);

/// A number that is no such port.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error(
    "allowed are 5431 to 5455 and 8191 to 8215, and not 5439, the port that scanners try first"
)]
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
    /// The number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ports_of_redshift_but_its_own_are_allowed() {
        for number in [5431, 5440, 5455, 8191, 8215] {
            assert_eq!(Port::try_from(number).map(Port::number), Ok(number));
        }
        for number in [0, 5430, 5439, 5456, 8190, 8216] {
            assert_eq!(Port::try_from(number), Err(PortError), "{number}");
        }
    }
}
