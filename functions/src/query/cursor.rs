//! Cursors: the position where a page ended, as an opaque string.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Length of the checksum in bytes. It detects damaged and mixed-up cursors. It is not a signature: a cursor gives
/// access to nothing that the client may not read anyway.
const CHECK: usize = 8;

/// Encodes the cursor after `position` in the list of `subject`.
pub(super) fn write(subject: &str, position: &str) -> String {
    let mut bytes = check(subject, position).to_vec();
    bytes.extend_from_slice(position.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes a cursor of the list of `subject`; `None` if it is damaged or belongs to another list.
pub(super) fn read(subject: &str, cursor: &str) -> Option<String> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (sum, position) = bytes.split_at_checked(CHECK)?;
    let position = str::from_utf8(position).ok()?;
    (sum == check(subject, position)).then(|| position.to_owned())
}

fn check(subject: &str, position: &str) -> [u8; CHECK] {
    let digest = Sha256::digest(format!("{subject}\0{position}"));
    let mut sum = [0; CHECK];
    sum.copy_from_slice(&digest[..CHECK]);
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cursor_of_another_list_or_none_at_all_is_refused() {
        let cursor = write("customer 17850", "536365");
        assert_eq!(read("customer 17851", &cursor), None);
        assert_eq!(read("customer 17850", "536365"), None);
        assert_eq!(read("customer 17850", ""), None);
        assert_eq!(
            read("customer 17850", &BASE64_URL_SAFE_NO_PAD.encode("536365")),
            None
        );
    }

    proptest! {
        #[test]
        fn a_cursor_is_read_back_and_any_other_byte_is_noticed(
            position in ".{1,32}", at in any::<prop::sample::Index>(), bit in 0..8_u32
        ) {
            let cursor = write("customer 17850", &position);
            prop_assert_eq!(read("customer 17850", &cursor), Some(position));
            let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let damaged = BASE64_URL_SAFE_NO_PAD.encode(bytes);
            prop_assert_eq!(read("customer 17850", &damaged), None);
        }
    }
}
