//! CIDR blocks.

use std::str::FromStr;

use ipnet::Ipv4Net;
use serde::Serialize;
use thiserror::Error;

/// Why a text is not a CIDR block.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum CidrError {
    /// Not an address, a slash and a prefix length.
    #[error("a network is an IPv4 address, a slash and 0 to 32, as in `10.83.0.0/20`")]
    Shape,
    /// The address is not the first one of the block.
    #[error("the network of this address begins at {0}: write that address")]
    Within(Ipv4Net),
}

/// Parses a block such as `10.83.0.0/20`, whose address is its first.
fn block(text: &str) -> Result<Ipv4Net, CidrError> {
    let block: Ipv4Net = text.parse().map_err(|_| CidrError::Shape)?;
    let whole = block.trunc();
    if block == whole {
        Ok(block)
    } else {
        Err(CidrError::Within(whole))
    }
}

/// The addresses of a VPC of our own, `/16` to `/24`. Each quarter of a `/24` has 59 usable addresses.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct VpcCidr(Ipv4Net);

/// Why a text is not a valid block for a VPC.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum VpcCidrError {
    /// Not a CIDR block.
    #[error(transparent)]
    Cidr(#[from] CidrError),
    /// AWS allows no larger block, and a smaller one has no room for a warehouse.
    #[error("use a prefix length of /16 to /24")]
    Size,
}

impl VpcCidr {
    /// Returns the first three quarters, for three subnets. The last quarter is kept for future use.
    pub fn subnets(self) -> impl Iterator<Item = Ipv4Net> {
        let quarter = self.0.prefix_len() + 2;
        // No prefix that `from_str` accepts is too long to be cut.
        self.0.subnets(quarter).into_iter().flatten().take(3)
    }
}

impl FromStr for VpcCidr {
    type Err = VpcCidrError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let cidr = block(text)?;
        if !(16..=24).contains(&cidr.prefix_len()) {
            return Err(VpcCidrError::Size);
        }
        Ok(Self(cidr))
    }
}

/// A network of clients that may connect. Prefixes below `/8` are refused, so no rule can admit the whole
/// internet.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct ClientNetwork(Ipv4Net);

/// Why a text is not a valid client network.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum ClientNetworkError {
    /// Not a CIDR block.
    #[error(transparent)]
    Cidr(#[from] CidrError),
    /// The network is too large.
    #[error(
        "this network is a large part of the internet: use a prefix length of /8 to /32, as in `203.0.113.0/24`"
    )]
    Wide,
}

impl FromStr for ClientNetwork {
    type Err = ClientNetworkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let cidr = block(text)?;
        if cidr.prefix_len() < 8 {
            return Err(ClientNetworkError::Wide);
        }
        Ok(Self(cidr))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_quarters_of_a_network_are_subnets() {
        let network: VpcCidr = "10.83.0.0/20".parse().unwrap();
        let parts: Vec<_> = network.subnets().map(|part| part.to_string()).collect();
        assert_eq!(parts, ["10.83.0.0/22", "10.83.4.0/22", "10.83.8.0/22"]);
        for text in ["10.0.0.0/15", "10.0.0.0/25"] {
            assert_eq!(text.parse::<VpcCidr>(), Err(VpcCidrError::Size), "{text}");
        }
    }

    #[test]
    fn invalid_networks_are_refused() {
        for text in [
            "",
            "10.0.0.0",
            "10.0.0/8",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "::/0",
            "10.0.0.0/",
        ] {
            assert_eq!(block(text), Err(CidrError::Shape), "{text}");
        }
        assert_eq!(
            block("10.83.0.1/20"),
            Err(CidrError::Within(block("10.83.0.0/20").unwrap()))
        );
    }

    #[test]
    fn a_client_network_must_not_be_a_large_part_of_the_internet() {
        for text in ["0.0.0.0/0", "128.0.0.0/1", "10.0.0.0/7"] {
            assert_eq!(
                text.parse::<ClientNetwork>(),
                Err(ClientNetworkError::Wide),
                "{text}"
            );
        }
        assert!("10.0.0.0/8".parse::<ClientNetwork>().is_ok());
    }
}
