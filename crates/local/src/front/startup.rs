//! The first packets of PostgreSQL's protocol.
//!
//! Source: <https://www.postgresql.org/docs/18/protocol-message-formats.html>

/// The maximum size of a first packet that PostgreSQL accepts.
pub(super) const MAX_BYTES: usize = 10_000;

const VERSION_3: u32 = 3 << 16;
const CANCEL: u32 = 80_877_102;
const TLS: u32 = 80_877_103;
const GSSAPI: u32 = 80_877_104;

/// The start-up parameters that PostgreSQL accepts. Redshift's drivers send others, which it would refuse.
const KNOWN: [&str; 12] = [
    "application_name",
    "client_encoding",
    "database",
    "datestyle",
    "extra_float_digits",
    "intervalstyle",
    "options",
    "replication",
    "search_path",
    "statement_timeout",
    "timezone",
    "user",
];

/// A client's first request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum First {
    /// Requests TLS.
    Tls,
    /// Requests GSSAPI encryption, which is not supported.
    Gssapi,
    /// Cancels a query of another connection. Passed on unchanged.
    Cancel,
    /// Starts a session. Contains the packet for PostgreSQL.
    Session(Vec<u8>),
}

/// Parses a packet, including its length; `None` if it is not a valid packet.
pub(super) fn read(packet: &[u8]) -> Option<First> {
    let code = u32::from_be_bytes(packet.get(4..8)?.try_into().ok()?);
    match code {
        TLS => Some(First::Tls),
        GSSAPI => Some(First::Gssapi),
        CANCEL => Some(First::Cancel),
        version if version >> 16 == VERSION_3 >> 16 => session(version, packet.get(8..)?),
        _ => None,
    }
}

/// Removes the parameters that PostgreSQL does not know.
fn session(version: u32, parameters: &[u8]) -> Option<First> {
    let mut texts = parameters.split(|byte| *byte == 0);
    let mut kept = version.to_be_bytes().to_vec();
    loop {
        let name = texts.next()?;
        if name.is_empty() {
            break;
        }
        let value = texts.next()?;
        let lower = name.to_ascii_lowercase();
        if KNOWN.iter().any(|known| known.as_bytes() == lower) {
            kept.extend([name, &[0], value, &[0]].concat());
        }
    }
    kept.push(0);
    let length = u32::try_from(kept.len() + 4).ok()?;
    Some(First::Session(
        [&length.to_be_bytes(), kept.as_slice()].concat(),
    ))
}

/// Returns an error message that ends the connection, in PostgreSQL's format.
pub(super) fn fatal(code: &str, message: &str) -> Vec<u8> {
    let fields = format!("SFATAL\0VFATAL\0C{code}\0M{message}\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap_or_default();
    [b"E".as_slice(), &length.to_be_bytes(), fields.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet(code: u32, rest: &[u8]) -> Vec<u8> {
        let length = u32::try_from(rest.len() + 8).unwrap();
        [&length.to_be_bytes()[..], &code.to_be_bytes(), rest].concat()
    }

    #[test]
    fn what_amazons_driver_adds_is_left_out_and_the_rest_is_kept() {
        let sent = b"user\0tableau\0database\0riverhouse\0client_protocol_version\x002\0\
                     driver_version\0Redshift Python Driver 2\0os_version\0Linux\0DateStyle\0ISO\0\0";
        let expected = packet(
            VERSION_3,
            b"user\0tableau\0database\0riverhouse\0DateStyle\0ISO\0\0",
        );
        assert_eq!(
            read(&packet(VERSION_3, sent)),
            Some(First::Session(expected))
        );
    }

    #[test]
    fn requests_are_told_from_sessions() {
        assert_eq!(read(&packet(TLS, b"")), Some(First::Tls));
        assert_eq!(read(&packet(GSSAPI, b"")), Some(First::Gssapi));
        assert_eq!(read(&packet(CANCEL, &[0; 8])), Some(First::Cancel));
        assert_eq!(read(&packet(2 << 16, b"\0")), None);
        assert_eq!(read(&packet(VERSION_3, b"user\0tab")), None);
    }

    proptest! {
        #[test]
        fn no_packet_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            read(&bytes);
            read(&packet(VERSION_3, &bytes));
        }
    }
}
