//! Ranges of addresses.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

/// A range of IPv4 addresses, such as `10.83.0.0/20`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Cidr {
    first: Ipv4Addr,
    prefix: u8,
}

/// What a text lacks to be a range.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum CidrError {
    /// It is written otherwise.
    #[error("a network is an IPv4 address, a slash and 0 to 32, as in `10.83.0.0/20`")]
    Shape,
    /// The address lies within the range.
    #[error("the network of this address begins at {0}")]
    Within(Cidr),
}

impl Cidr {
    /// The range of `prefix` in which `address` lies.
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

/// The addresses of a network of one's own, `/16` to `/24`. Each quarter of a `/24` has 59 addresses that can be used.
///
/// Source: <https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html>
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct VpcCidr(Cidr);

/// What a text lacks to be the addresses of a network of one's own.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum VpcCidrError {
    /// It is no network at all.
    #[error(transparent)]
    Cidr(#[from] CidrError),
    /// AWS allows no larger one, and a smaller one has no room for a warehouse.
    #[error("a network of one's own is /16 to /24")]
    Size,
}

impl VpcCidr {
    /// The first three quarters, for as many subnets. The last one is for what comes.
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

/// A network whose machines may connect. It is never half of the internet: a rule that lets everyone in cannot be
/// written down.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct ClientNetwork(Cidr);

/// What a text lacks to be a network of clients.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum ClientNetworkError {
    /// It is no network at all.
    #[error(transparent)]
    Cidr(#[from] CidrError),
    /// It holds far too many machines.
    #[error(
        "this lets in a large part of the internet: name networks of /8 to /32, as in `203.0.113.0/24`"
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
    fn what_is_no_network_is_refused() {
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
    fn a_large_part_of_the_internet_is_no_network_of_clients() {
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
