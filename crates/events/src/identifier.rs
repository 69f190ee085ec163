//! Identifiers. They are strings of limited length, never numbers, so that `0042`, `85123A` and `C536379` are kept
//! unchanged.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest `EventId`, and the width of its column in the warehouse: 64 bytes of UTF-8, which are 64 ASCII
/// characters.
pub const MAX_EVENT_ID_CHARS: usize = 64;

/// A text that is not a valid identifier.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum IdentifierError {
    /// The text is empty after trimming.
    #[error("{name} is empty")]
    Empty {
        /// Name of the identifier.
        name: &'static str,
    },
    /// The text is longer than its column.
    #[error("{name} has {bytes} bytes, at most {max} are allowed")]
    TooLong {
        /// Name of the identifier.
        name: &'static str,
        /// Its length in bytes of UTF-8; Redshift counts bytes too.
        bytes: usize,
        /// The width of the column, in bytes.
        max: usize,
    },
    /// The text contains a control character, which would break logs, keys or CSV.
    #[error("{name} holds a control character")]
    Control {
        /// Name of the identifier.
        name: &'static str,
    },
    /// The text is not an envelope id, which is a hash in lower-case hexadecimal.
    #[error("{name} `{value}` is not 32 lower-case hexadecimal digits")]
    NotAHash {
        /// Name of the identifier.
        name: &'static str,
        /// The rejected text.
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
            /// The longest identifier, in bytes of UTF-8.
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
    /// The id of one order line: the producer's, or one generated from the API's request.
    ///
    /// Together with the invoice number it identifies an event: two events with the same invoice and id are the same
    /// event, no matter how often and in which requests they arrive.
    EventId, "EventId", MAX_EVENT_ID_CHARS
);
plain!(EventId, "EventId");

identifier!(
    /// An invoice number, such as `536365`, `C536379` or `A563185`.
    InvoiceNo, "InvoiceNo", 32
);
plain!(InvoiceNo, "InvoiceNo");

identifier!(
    /// A stock code. Its case is kept: `85123A` and `85123a` are different codes.
    StockCode, "StockCode", 32
);
plain!(StockCode, "StockCode");

identifier!(
    /// The number of a known customer. A guest has none.
    CustomerId, "CustomerID", 32
);

impl CustomerId {
    /// Validates the number. Spreadsheets and data frames turn an integer column with gaps into floats, so `17850.0`
    /// becomes `17850`.
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
    /// The id of an envelope: a hash of the ids and contents of its events. The same request sent again therefore
    /// gives the same envelopes.
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

    /// Takes the first 128 bits of a SHA-256 digest.
    pub(crate) fn from_digest(digest: &[u8]) -> Self {
        Self(hex::encode(&digest[..Self::MAX_BYTES / 2]))
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
    fn a_customer_number_with_a_zero_fraction_becomes_an_integer() {
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
    fn empty_too_long_and_control_characters_are_rejected() {
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
