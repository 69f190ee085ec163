//! Names of environments.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The name of an environment: 2 to 16 lower-case letters, digits and hyphens, starting with a letter.
///
/// It must fit into the names of all resources. The longest is that of a bucket,
/// `riverhouse-{name}-staging-{account}-{region}`, of at most 63 characters.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EnvironmentName(String);

/// Why a name is not valid.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum NameError {
    /// Too short or too long.
    #[error("a name has 2 to 16 characters, this one has {0}")]
    Length(usize),
    /// A character that is not allowed.
    #[error("a name has only lower-case letters, digits and single hyphens, this one has `{0}`")]
    Character(char),
    /// A wrong first or last character.
    #[error("a name starts with a letter and does not end with a hyphen")]
    Ends,
}

impl FromStr for EnvironmentName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let length = text.chars().count();
        if !(2..=16).contains(&length) {
            return Err(NameError::Length(length));
        }
        let strange = |it: &char| !(it.is_ascii_lowercase() || it.is_ascii_digit() || *it == '-');
        if let Some(character) = text.chars().find(strange) {
            return Err(NameError::Character(character));
        }
        if text.contains("--") {
            return Err(NameError::Character('-'));
        }
        if !text.starts_with(|it: char| it.is_ascii_lowercase()) || text.ends_with('-') {
            return Err(NameError::Ends);
        }
        Ok(Self(text.to_owned()))
    }
}

impl AsRef<str> for EnvironmentName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EnvironmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_are_not_valid_for_a_bucket_are_refused() {
        let refusal = |text: &str| text.parse::<EnvironmentName>().unwrap_err();
        assert_eq!(refusal("x"), NameError::Length(1));
        assert_eq!(
            refusal("a-name-of-seventeen".get(..17).unwrap()),
            NameError::Length(17)
        );
        assert_eq!(refusal("Prod"), NameError::Character('P'));
        assert_eq!(refusal("pr_1"), NameError::Character('_'));
        assert_eq!(refusal("a--b"), NameError::Character('-'));
        assert_eq!(refusal("1st"), NameError::Ends);
        assert_eq!(refusal("pr-"), NameError::Ends);
    }

    proptest! {
        #[test]
        fn a_printed_name_parses_again(text in "[a-z][a-z0-9]{1,7}(-[a-z0-9]{1,6})?") {
            prop_assert_eq!(text.parse::<EnvironmentName>().unwrap().to_string(), text);
        }
    }
}
