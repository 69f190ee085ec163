//! SHA-256 digests.

use sha2::{Digest, Sha256};

/// Returns the SHA-256 of `text` as 64 hexadecimal digits.
pub(crate) fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    /// Source: <https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values>
    #[test]
    fn the_digest_is_the_published_sha256() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(super::sha256("abc"), abc);
    }
}
