//! Accepts and proxies connections.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::certificate::Certificate;
use super::startup::{First, MAX_BYTES, fatal, read};
use crate::LocalError;

/// The time limit for a client's first packets and the TLS handshake.
const HELLO: Duration = Duration::from_secs(30);

/// Listens on `port` and proxies sessions to PostgreSQL on port `postgres`, until the future is dropped.
pub(crate) async fn serve(
    certificate: &Certificate,
    port: u16,
    postgres: u16,
) -> Result<impl Future<Output = ()> + Send + 'static, LocalError> {
    let acceptor = acceptor(certificate)?;
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(LocalError::file("listen on", Path::new("127.0.0.1")))?;
    Ok(async move {
        let mut sessions = tokio::task::JoinSet::new();
        loop {
            tokio::select! {
                taken = listener.accept() => match taken {
                    Ok((client, _)) => {
                        sessions.spawn(session(client, acceptor.clone(), postgres));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection was not accepted");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
                Some(_) = sessions.join_next() => {}
            }
        }
    })
}

fn acceptor(certificate: &Certificate) -> Result<TlsAcceptor, LocalError> {
    let refused = |path: &Path, error: String| {
        LocalError::file("read", path)(io::Error::new(io::ErrorKind::InvalidData, error))
    };
    let chain = CertificateDer::from_pem_file(&certificate.chain)
        .map_err(|error| refused(&certificate.chain, error.to_string()))?;
    let key = PrivateKeyDer::from_pem_file(&certificate.key)
        .map_err(|error| refused(&certificate.key, error.to_string()))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| {
            config
                .with_no_client_auth()
                .with_single_cert(vec![chain], key)
        })
        .map_err(|error| refused(&certificate.chain, error.to_string()))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Proxies one connection. An error is only logged, because it concerns this client alone.
async fn session(client: TcpStream, acceptor: TlsAcceptor, postgres: u16) {
    if let Err(error) = pass(client, acceptor, postgres).await {
        tracing::debug!(%error, "a session ended");
    }
}

async fn pass(mut client: TcpStream, acceptor: TlsAcceptor, postgres: u16) -> io::Result<()> {
    client.set_nodelay(true)?;
    loop {
        let packet = tokio::time::timeout(HELLO, first(&mut client)).await??;
        match read(&packet) {
            Some(First::Tls) => break,
            Some(First::Gssapi) => client.write_all(b"N").await?,
            Some(First::Cancel) => return server(postgres).await?.write_all(&packet).await,
            Some(First::Session(_)) => {
                let message = "this port takes TLS only: connect with sslmode=verify-full";
                return client.write_all(&fatal("28000", message)).await;
            }
            None => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
    client.write_all(b"S").await?;
    let mut client = tokio::time::timeout(HELLO, acceptor.accept(client)).await??;
    let packet = tokio::time::timeout(HELLO, first(&mut client)).await??;
    let mut server = server(postgres).await?;
    match read(&packet) {
        Some(First::Session(start)) => server.write_all(&start).await?,
        Some(First::Cancel) => return server.write_all(&packet).await,
        _ => return Err(io::ErrorKind::InvalidData.into()),
    }
    copy_bidirectional(&mut client, &mut server)
        .await
        .map(|_| ())
}

async fn server(postgres: u16) -> io::Result<TcpStream> {
    let server = TcpStream::connect(("127.0.0.1", postgres)).await?;
    server.set_nodelay(true)?;
    Ok(server)
}

/// Reads a client's first packet, which begins with its length.
async fn first(client: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<Vec<u8>> {
    let length = client.read_u32().await?;
    let bytes = usize::try_from(length).unwrap_or(usize::MAX);
    if !(8..=MAX_BYTES).contains(&bytes) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut packet = vec![0; bytes];
    packet[..4].copy_from_slice(&length.to_be_bytes());
    client.read_exact(&mut packet[4..]).await?;
    Ok(packet)
}
