//! Identifiers: strings with a length, never numbers, so that `0042`, `85123A` and `C536379` stay themselves.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest `EventId`, in characters, and the width of its column in the warehouse.
pub const MAX_EVENT_ID_CHARS: usize = 64;

/// Why a text is no identifier.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum IdentifierError {
    /// Nothing was left after trimming.
    #[error("{name} is empty")]
    Empty {
        /// Which identifier.
        name: &'static str,
    },
    /// It would not fit its column.
    #[error("{name} has {bytes} bytes, at most {max} are allowed")]
    TooLong {
        /// Which identifier.
        name: &'static str,
        /// Its length in bytes of UTF-8, as Redshift counts.
        bytes: usize,
        /// The most its column holds.
        max: usize,
    },
    /// A character that no producer means, and that breaks logs, keys or CSV.
    #[error("{name} holds a control character")]
    Control {
        /// Which identifier.
        name: &'static str,
    },
    /// An envelope's id is a hash in lower-case hexadecimal.
    #[error("{name} `{value}` is not 32 lower-case hexadecimal digits")]
    NotAHash {
        /// Which identifier.
        name: &'static str,
        /// What came instead.
        value: String,
    },
}

fn checked(name: &'static str, max: usize, text: &str) -> Result<String, IdentifierError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(IdentifierError::Empty { name });
    }
    if text.len() > max {
        return Err(IdentifierError::TooLong {
            name,
            bytes: text.len(),
            max,
        });
    }
    if text.chars().any(char::is_control) {
        return Err(IdentifierError::Control { name });
    }
    Ok(text.to_owned())
}

macro_rules! identifier {
    ($(#[$doc:meta])* $type:ident, $name:literal, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// The most bytes of UTF-8 that one may have.
            pub const MAX_BYTES: usize = $max;
        }

        impl FromStr for $type {
            type Err = IdentifierError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::check(text).map(Self)
            }
        }

        impl TryFrom<String> for $type {
            type Error = IdentifierError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(id: $type) -> Self {
                id.0
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

macro_rules! plain {
    ($type:ident, $name:literal) => {
        impl $type {
            fn check(text: &str) -> Result<String, IdentifierError> {
                checked($name, Self::MAX_BYTES, text)
            }
        }
    };
}

identifier!(
    /// The identity of one order line: the producer's, or one made from the API's request.
    ///
    /// Two events with one id are one event, however often and in whatever company they arrive.
    EventId, "EventId", MAX_EVENT_ID_CHARS
);
plain!(EventId, "EventId");

identifier!(
    /// The number of an invoice, such as `536365`, `C536379` or `A563185`.
    InvoiceNo, "InvoiceNo", 32
);
plain!(InvoiceNo, "InvoiceNo");

identifier!(
    /// The code of an item. Its case is kept: `85123A` and `85123a` are what producers sent.
    StockCode, "StockCode", 32
);
plain!(StockCode, "StockCode");

identifier!(
    /// A known customer. A guest has none.
    CustomerId, "CustomerID", 32
);

impl CustomerId {
    /// Spreadsheets and data frames turn a column of integers with gaps into floats: `17850.0` is `17850`.
    fn check(text: &str) -> Result<String, IdentifierError> {
        let text = text.trim();
        let whole = text
            .split_once('.')
            .filter(|(digits, zeros)| {
                !digits.is_empty()
                    && digits.bytes().all(|b| b.is_ascii_digit())
                    && zeros.bytes().all(|b| b == b'0')
            })
            .map_or(text, |(digits, _)| digits);
        checked("CustomerID", Self::MAX_BYTES, whole)
    }
}

identifier!(
    /// The identity of an envelope: a hash of the ids and the content of its events, so that a request
    /// sent again gives the same envelopes.
    EnvelopeId, "EnvelopeId", 32
);

impl EnvelopeId {
    fn check(text: &str) -> Result<String, IdentifierError> {
        let is_hash = text.len() == Self::MAX_BYTES
            && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if is_hash {
            Ok(text.to_owned())
        } else {
            Err(IdentifierError::NotAHash {
                name: "EnvelopeId",
                value: text.to_owned(),
            })
        }
    }

    /// The first 128 bits of a SHA-256 digest.
    pub(crate) fn from_digest(digest: &[u8]) -> Self {
        use fmt::Write as _;
        let mut hex = String::with_capacity(Self::MAX_BYTES);
        for byte in digest.iter().take(Self::MAX_BYTES / 2) {
            // Writing to a `String` cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        Self(hex)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn identifiers_are_trimmed_and_keep_their_case_and_zeros() {
        assert_eq!(" 85123a ".parse::<StockCode>().unwrap().as_ref(), "85123a");
        assert_eq!("0042".parse::<InvoiceNo>().unwrap().as_ref(), "0042");
        assert_eq!(
            "BANK CHARGES".parse::<StockCode>().unwrap().as_ref(),
            "BANK CHARGES"
        );
    }

    #[test]
    fn a_customer_number_that_became_a_float_is_the_number_again() {
        for (text, id) in [
            ("17850", "17850"),
            ("17850.0", "17850"),
            ("17850.", "17850"),
            ("17850.50", "17850.50"),
            ("C.0", "C.0"),
        ] {
            assert_eq!(text.parse::<CustomerId>().unwrap().as_ref(), id);
        }
    }

    #[test]
    fn what_is_empty_too_long_or_unprintable_is_no_identifier() {
        assert_eq!(
            "  ".parse::<InvoiceNo>(),
            Err(IdentifierError::Empty { name: "InvoiceNo" })
        );
        assert!(matches!(
            "x".repeat(65).parse::<EventId>(),
            Err(IdentifierError::TooLong {
                bytes: 65,
                max: 64,
                ..
            })
        ));
        assert_eq!(
            "a\u{0}b".parse::<StockCode>(),
            Err(IdentifierError::Control { name: "StockCode" })
        );
    }

    #[test]
    fn an_envelope_id_is_32_lower_case_hexadecimal_digits() {
        assert!("0123456789abcdef".repeat(2).parse::<EnvelopeId>().is_ok());
        for text in [
            "0".repeat(31),
            "0".repeat(33),
            "A".repeat(32),
            "g".repeat(32),
        ] {
            assert!(text.parse::<EnvelopeId>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_identifier_may_have_as_many_bytes_as_its_column_and_no_more() {
        assert!("x".repeat(64).parse::<EventId>().is_ok());
        for text in ["x".repeat(32), "£".repeat(16)] {
            assert!(text.parse::<InvoiceNo>().is_ok());
            assert!(text.parse::<StockCode>().is_ok());
            assert!(text.parse::<CustomerId>().is_ok());
            let longer = format!("{text}x");
            assert!(longer.parse::<InvoiceNo>().is_err());
            assert!(longer.parse::<StockCode>().is_err());
            assert!(longer.parse::<CustomerId>().is_err());
        }
    }

    proptest! {
        #[test]
        fn an_identifier_survives_json(text in "[!-~]{1,32}") {
            let id: StockCode = text.parse().unwrap();
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<StockCode>(&json).unwrap(), id);
        }

        #[test]
        fn a_digest_makes_a_readable_envelope_id(digest in prop::array::uniform32(any::<u8>())) {
            let id = EnvelopeId::from_digest(&digest);
            prop_assert_eq!(id.as_ref().parse::<EnvelopeId>().unwrap(), id);
        }
    }
}
