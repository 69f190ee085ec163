//! Parts of a network that are there already.

use thiserror::Error;

use super::{SecurityGroup, Subnet, Vpc};
use crate::Name;

/// A part of a network that AWS names itself.
pub trait Existing: Sized {
    /// How all its ids begin, the hyphen not included.
    const PREFIX: &'static str;

    /// The name of one that is there already.
    ///
    /// # Errors
    ///
    /// When `id` is not the prefix, a hyphen and 8 or 17 hexadecimal digits.
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

/// A text that is no id of AWS.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("such an id is `{prefix}-` and 8 or 17 hexadecimal digits")]
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
    fn an_id_has_its_own_prefix_and_digits_of_aws() {
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
