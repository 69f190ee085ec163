//! The recipients of an environment's alarms.

use std::str::FromStr;

use thiserror::Error;

/// The recipients of an environment's alarms.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Alarms {
    /// No alarms.
    None,
    /// The subscribers of the alarms' topic, who subscribe by hand.
    Topic,
    /// An e-mail address, which must confirm the subscription.
    Email(Email),
}

/// An e-mail address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Email(String);

/// The text is not an e-mail address.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("write a name, `@` and a domain, as in `shop@example.org`")]
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
    fn an_address_has_one_at_sign_and_a_domain_with_a_dot_inside() {
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
