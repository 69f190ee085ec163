//! The time to live of an environment.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// The time to live of an ephemeral environment: `never`, or a number of minutes (`m`), hours (`h`) or days
/// (`d`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ttl {
    /// The environment is destroyed only by hand.
    Never,
    /// Anybody may destroy the environment after this time.
    After(Duration),
}

/// The text is not a time to live.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("write `never`, or a number above 0 with a unit, as in `30m`, `4h` or `7d`")]
pub struct TtlError;

impl FromStr for Ttl {
    type Err = TtlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "never" {
            return Ok(Self::Never);
        }
        let seconds = match text.as_bytes().last() {
            Some(b'm') => 60,
            Some(b'h') => 60 * 60,
            Some(b'd') => 24 * 60 * 60,
            _ => return Err(TtlError),
        };
        let number: u32 = text[..text.len() - 1].parse().map_err(|_| TtlError)?;
        if number == 0 {
            return Err(TtlError);
        }
        Ok(Self::After(Duration::from_secs(
            u64::from(number) * seconds,
        )))
    }
}

/// Formats the time in the largest unit that is exact.
impl fmt::Display for Ttl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::After(time) = self else {
            return f.write_str("never");
        };
        match time.as_secs() / 60 {
            minutes if minutes % (24 * 60) == 0 => write!(f, "{}d", minutes / (24 * 60)),
            minutes if minutes % 60 == 0 => write!(f, "{}h", minutes / 60),
            minutes => write!(f, "{minutes}m"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_time_without_a_unit_or_of_zero_is_refused() {
        for text in ["", "4", "h", "0h", "-1h", "4 h", "4w", "soon"] {
            assert!(text.parse::<Ttl>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_is_twenty_four_hours() {
        assert_eq!("24h".parse::<Ttl>(), "1d".parse::<Ttl>());
        assert_eq!("24h".parse::<Ttl>().unwrap().to_string(), "1d");
    }

    proptest! {
        #[test]
        fn a_printed_time_parses_again(minutes in 1_u32..10_000_000) {
            let ttl: Ttl = format!("{minutes}m").parse().unwrap();
            prop_assert_eq!(ttl.to_string().parse(), Ok(ttl));
        }
    }
}
