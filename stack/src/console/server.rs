//! Serves the console on the loopback interface.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;

use super::feed::Feed;
use super::guard::Guard;
use super::routes;
use super::sessions::Sessions;
use super::shared::Shared;
use crate::status::Inspection;

/// Why the console cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// Another program listens on the port.
    #[error(
        "port {0} of this machine is in use: choose another --port, or leave it out for a free one"
    )]
    InUse(u16),
    /// The port cannot be opened for another reason, such as a port below 1024.
    #[error(
        "cannot listen on port {port} of this machine: {source}; leave --port out for a free one"
    )]
    Listen { port: u16, source: io::Error },
    #[error("the console's server failed")]
    Serve(#[source] io::Error),
}

/// The console of one environment, which listens already.
#[derive(Debug)]
pub struct Console {
    listener: TcpListener,
    port: u16,
    shared: Arc<Shared>,
}

impl Console {
    /// Listens on `port` of 127.0.0.1, or on a free port if it is 0. Does not read the environment yet.
    ///
    /// # Errors
    ///
    /// When the port is in use or cannot be opened.
    pub async fn listen(
        name: &str,
        inspection: &Inspection,
        port: u16,
    ) -> Result<Self, ConsoleError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => ConsoleError::InUse(port),
            _ => ConsoleError::Listen { port, source },
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let shared = Arc::new(Shared {
            guard: Guard::new(port),
            sessions: Sessions::new(name),
            feed: Feed::new(),
            environment: inspection.environment_name().clone(),
        });
        Ok(Self {
            listener,
            port,
            shared,
        })
    }

    /// Returns the address to open, with the token. It works once.
    #[must_use]
    pub fn url(&self) -> String {
        let token = self.shared.guard.token().unwrap_or_default();
        format!("http://127.0.0.1:{}/enter/{token}", self.port)
    }

    /// Answers requests until the future is dropped.
    ///
    /// # Errors
    ///
    /// When the server fails.
    pub async fn serve(self) -> Result<(), ConsoleError> {
        let shared = self.shared.clone();
        let server = axum::serve(self.listener, routes::router(self.shared));
        tokio::select! {
            result = async { server.await } => result.map_err(ConsoleError::Serve),
            () = shared.feed.run(&shared.sessions) => Ok(()),
        }
    }
}
