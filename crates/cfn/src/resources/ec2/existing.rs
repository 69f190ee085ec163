//! Existing parts of a network, which the stack does not create.

use thiserror::Error;

use super::{SecurityGroup, Subnet, Vpc};
use crate::Name;

/// A part of a network whose id AWS assigns.
pub trait Existing: Sized {
    /// The prefix of all its ids, without the hyphen.
    const PREFIX: &'static str;

    /// Returns a reference to an existing part.
    ///
    /// # Errors
    ///
    /// Fails if `id` is not the prefix, a hyphen, and 8 or 17 hexadecimal digits.
    fn existing(id: &str) -> Result<Name<Self>, ExistingError> {
        let digits = id
            .strip_prefix(Self::PREFIX)
            .and_then(|rest| rest.strip_prefix('-'));
        let lower_hex = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
        let fits = digits
            .is_some_and(|digits| matches!(digits.len(), 8 | 17) && digits.bytes().all(lower_hex));
        if fits {
            Ok(Name::literal(id.to_owned()))
        } else {
            Err(ExistingError {
                prefix: Self::PREFIX,
            })
        }
    }
}

/// The text is not an id of this type.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("expected `{prefix}-` and 8 or 17 hexadecimal digits")]
pub struct ExistingError {
    prefix: &'static str,
}

impl Existing for Vpc {
    const PREFIX: &'static str = "vpc";
}

impl Existing for Subnet {
    const PREFIX: &'static str = "subnet";
}

impl Existing for SecurityGroup {
    const PREFIX: &'static str = "sg";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_its_prefix_and_hexadecimal_digits() {
        assert!(Vpc::existing("vpc-0a1b2c3d").is_ok());
        assert!(Subnet::existing("subnet-0123456789abcdef0").is_ok());
        for id in [
            "subnet-0a1b2c3d",
            "vpc-",
            "vpc-0a1b2c3",
            "vpc-0A1B2C3D",
            "vpc0a1b2c3d",
        ] {
            assert!(Vpc::existing(id).is_err(), "{id}");
        }
    }
}
