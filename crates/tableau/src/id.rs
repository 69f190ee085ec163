//! Identifiers that are the same in every run.

use sha2::{Digest, Sha256};

/// Returns a UUID in braces that is derived from the texts, as Tableau identifies sheets and windows.
pub(crate) fn uuid(kind: &str, name: &str) -> String {
    let hash = Sha256::new()
        .chain_update(kind)
        .chain_update([0])
        .chain_update(name)
        .finalize();
    let text = hex::encode_upper(&hash[..16]);
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32].map(|digits| &text[digits]);
    format!("{{{}}}", groups.join("-"))
}
