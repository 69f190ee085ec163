//! CIDR blocks.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

/// An IPv4 CIDR block, such as `10.83.0.0/20`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Cidr {
    first: Ipv4Addr,
    prefix: u8,
}

/// Why a text is not a CIDR block.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum CidrError {
    /// Not an address, a slash and a prefix length.
    #[error("a network is an IPv4 address, a slash and 0 to 32, as in `10.83.0.0/20`")]
    Shape,
    /// The address is not the first one of the block.
    #[error("the network of this address begins at {0}: write that address")]
    Within(Cidr),
}

impl Cidr {
    /// The block with prefix length `prefix` that contains `address`.
    fn around(address: Ipv4Addr, prefix: u8) -> Self {
        let mask = u32::MAX.checked_shl(u32::from(32 - prefix)).unwrap_or(0);
        Self {
            first: Ipv4Addr::from_bits(address.to_bits() & mask),
            prefix,
        }
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, prefix) = text.split_once('/').ok_or(CidrError::Shape)?;
        let address: Ipv4Addr = address.parse().map_err(|_| CidrError::Shape)?;
        let plain = prefix.bytes().all(|it| it.is_ascii_digit());
        let prefix: u8 = prefix.parse().map_err(|_| CidrError::Shape)?;
        if !plain || prefix > 32 {
            return Err(CidrError::Shape);
        }
        let range = Self::around(address, prefix);
        if range.first == address {
            Ok(range)
        } else {
            Err(CidrError::Within(range))
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

impl Serialize for Cidr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The addresses of a VPC of our own, `/16` to `/24`. Each quarter of a `/24` has 59 usable addresses.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct VpcCidr(Cidr);

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
    /// The first three quarters, for three subnets. The last quarter is kept for future use.
    #[must_use]
    pub fn subnets(self) -> [Cidr; 3] {
        let prefix = self.0.prefix + 2;
        let size = 1_u32 << (32 - prefix);
        [0, 1, 2].map(|quarter| {
            let first = Ipv4Addr::from_bits(self.0.first.to_bits() + quarter * size);
            Cidr { first, prefix }
        })
    }
}

impl FromStr for VpcCidr {
    type Err = VpcCidrError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let cidr: Cidr = text.parse()?;
        if !(16..=24).contains(&cidr.prefix) {
            return Err(VpcCidrError::Size);
        }
        Ok(Self(cidr))
    }
}

/// A network of clients that may connect. Prefixes below `/8` are refused, so no rule can admit the whole
/// internet.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct ClientNetwork(Cidr);

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
        let cidr: Cidr = text.parse()?;
        if cidr.prefix < 8 {
            return Err(ClientNetworkError::Wide);
        }
        Ok(Self(cidr))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cidr(text: &str) -> Cidr {
        text.parse().unwrap()
    }

    #[test]
    fn three_quarters_of_a_network_are_subnets() {
        let network: VpcCidr = "10.83.0.0/20".parse().unwrap();
        let parts = network.subnets().map(|part| part.to_string());
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
            assert_eq!(text.parse::<Cidr>(), Err(CidrError::Shape), "{text}");
        }
        assert_eq!(
            "10.83.0.1/20".parse::<Cidr>(),
            Err(CidrError::Within(cidr("10.83.0.0/20")))
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

    proptest! {
        #[test]
        fn what_parses_prints_back(bits in any::<u32>(), prefix in 0_u8..=32) {
            let range = Cidr::around(Ipv4Addr::from_bits(bits), prefix);
            prop_assert_eq!(range.to_string().parse::<Cidr>(), Ok(range));
        }
    }
}
