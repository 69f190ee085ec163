//! Ports on loopback, stored so that addresses stay the same after a restart.

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
    /// Chooses four free ports. An environment keeps them for its lifetime, because its data contains addresses,
    /// such as the URLs of queues.
    pub(crate) fn choose() -> Result<Self, LocalError> {
        // All sockets stay open until the end, so that no two ports are the same.
        let (emulator, postgres, data_api, tls) = (bind()?, bind()?, bind()?, bind()?);
        Ok(Self {
            emulator: port(&emulator)?,
            postgres: port(&postgres)?,
            data_api: port(&data_api)?,
            tls: port(&tls)?,
        })
    }
}

fn bind() -> Result<TcpListener, LocalError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(LocalError::file(
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
    fn no_two_ports_are_the_same() {
        let ports = Ports::choose().unwrap();
        let all = [ports.emulator, ports.postgres, ports.data_api, ports.tls];
        let different: std::collections::BTreeSet<_> = all.into_iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
