//! Ports on loopback, remembered so that addresses stay the same from start to start.

use std::net::{Ipv4Addr, TcpListener};

use serde::{Deserialize, Serialize};

use crate::LocalError;

/// The ports of an environment, all on 127.0.0.1.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Ports {
    pub(crate) emulator: u16,
    pub(crate) postgres: u16,
    pub(crate) data_api: u16,
    pub(crate) tls: u16,
}

impl Ports {
    /// Free ports: those of `before` where they are still free, else others.
    pub(crate) fn choose(before: Option<Self>) -> Result<Self, LocalError> {
        // All are held until the end, so that no two are the same.
        let emulator = bind(before.map(|ports| ports.emulator))?;
        let postgres = bind(before.map(|ports| ports.postgres))?;
        let data_api = bind(before.map(|ports| ports.data_api))?;
        let tls = bind(before.map(|ports| ports.tls))?;
        Ok(Self {
            emulator: port(&emulator)?,
            postgres: port(&postgres)?,
            data_api: port(&data_api)?,
            tls: port(&tls)?,
        })
    }
}

fn bind(preferred: Option<u16>) -> Result<TcpListener, LocalError> {
    preferred
        .and_then(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok())
        .map_or_else(|| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)), Ok)
        .map_err(LocalError::file(
            "listen on",
            std::path::Path::new("127.0.0.1"),
        ))
}

fn port(listener: &TcpListener) -> Result<u16, LocalError> {
    listener
        .local_addr()
        .map(|address| address.port())
        .map_err(LocalError::file(
            "listen on",
            std::path::Path::new("127.0.0.1"),
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_kept_while_free_and_changed_when_taken() {
        let first = Ports::choose(None).unwrap();
        assert_ne!(first.emulator, first.postgres);
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first.postgres)).unwrap();
        let second = Ports::choose(Some(first)).unwrap();
        assert_ne!(second.postgres, first.postgres);
        drop(taken);
    }
}
