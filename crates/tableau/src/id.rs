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
    let (a, b, c, d, e) = (
        &text[..8],
        &text[8..12],
        &text[12..16],
        &text[16..20],
        &text[20..],
    );
    format!("{{{a}-{b}-{c}-{d}-{e}}}")
}
