//! Who hears of an environment's alarms.

use std::str::FromStr;

use thiserror::Error;

/// Who hears of an environment's alarms.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Alarms {
    /// There are none.
    None,
    /// Whoever subscribes to their topic by hand.
    Topic,
    /// Whoever reads this address, once the first message was confirmed.
    Email(Email),
}

/// An address for mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Email(String);

/// A text that is no address.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("an address is a name, `@` and a domain, as in `shop@example.org`")]
pub struct EmailError;

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, domain) = text.split_once('@').ok_or(EmailError)?;
        let plain = |text: &str| {
            !text.is_empty() && !text.contains(|it: char| it.is_whitespace() || it == '@')
        };
        let dotted = domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
        if plain(name) && plain(domain) && dotted {
            Ok(Self(text.to_owned()))
        } else {
            Err(EmailError)
        }
    }
}

impl AsRef<str> for Email {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_at_and_a_domain_with_a_dot_inside() {
        assert!("till-7+shop@example.co.uk".parse::<Email>().is_ok());
        for text in [
            "",
            "shop",
            "@example.org",
            "shop@",
            "shop@host",
            "a@b@c.d",
            "a b@c.d",
            "a@.c",
            "a@c.",
        ] {
            assert_eq!(text.parse::<Email>(), Err(EmailError), "{text}");
        }
    }
}
