//! Kind of an order line: a sale, a cancellation, or an adjustment by the accountants.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::InvoiceNo;

/// Kind of an order line. An invoice number of `C` or `A` and digits is a cancellation or an adjustment; `CARD-1` is a
/// sale.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Goods were sold. The quantity may still be negative: stock that was written off, at price zero.
    Sale,
    /// `C…`: goods were returned. The number is never the number of the cancelled sale.
    Cancellation,
    /// `A…`: a bad debt was adjusted. The price may be negative.
    Adjustment,
}

impl Kind {
    /// Returns the value of column `kind` in the warehouse.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Cancellation => "cancellation",
            Self::Adjustment => "adjustment",
        }
    }
}

impl From<&InvoiceNo> for Kind {
    fn from(invoice_no: &InvoiceNo) -> Self {
        match invoice_no.as_ref().as_bytes() {
            [letter, digits @ ..]
                if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) =>
            {
                match letter {
                    b'C' | b'c' => Self::Cancellation,
                    b'A' | b'a' => Self::Adjustment,
                    _ => Self::Sale,
                }
            }
            _ => Self::Sale,
        }
    }
}

impl AsRef<str> for Kind {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is not one of the three kinds.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not a kind of order line; expected sale, cancellation or adjustment")]
pub struct KindError(String);

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Sale, Self::Cancellation, Self::Adjustment]
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| KindError(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_letter_followed_by_digits_determines_the_kind() {
        for (invoice, kind) in [
            ("536365", Kind::Sale),
            ("C536379", Kind::Cancellation),
            ("c536379", Kind::Cancellation),
            ("A563185", Kind::Adjustment),
            ("B1", Kind::Sale),
            ("CARD-1", Kind::Sale),
            ("A-1", Kind::Sale),
            ("C", Kind::Sale),
        ] {
            assert_eq!(Kind::from(&invoice.parse().unwrap()), kind, "{invoice}");
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert!("refund".parse::<Kind>().is_err());
    }

    #[test]
    fn a_kind_is_one_word_wherever_it_is_written() {
        for (kind, word) in [
            (Kind::Sale, "sale"),
            (Kind::Cancellation, "cancellation"),
            (Kind::Adjustment, "adjustment"),
        ] {
            assert_eq!((kind.as_str(), kind.as_ref()), (word, word));
            assert_eq!(kind.to_string(), word);
            assert_eq!(serde_json::to_value(kind).unwrap(), word);
        }
    }
}
