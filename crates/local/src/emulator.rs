//! MiniStack, the emulator of everything but the warehouse.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::launch::Launch;
use crate::ports::Ports;
use crate::{LocalError, Machine, program};

/// The one account of a local environment.
pub const ACCOUNT: &str = "000000000000";
/// The one region of a local environment.
pub const REGION: &str = "us-east-1";
/// The account root's access key id. No secret: the emulator listens on loopback alone.
pub const ACCESS_KEY_ID: &str = "test";
/// The account root's secret key; the emulator knows no other for root.
pub const SECRET_ACCESS_KEY: &str = "test";

/// It reads its whole state first.
const START_TIMEOUT: Duration = Duration::from_mins(5);

/// Where the emulator is told to write its state.
const SAVE: &str = "/_riverhouse/save";
/// A snapshot of half a million events takes some seconds.
const SAVE_TIMEOUT: Duration = Duration::from_mins(2);

/// How the emulator is started. Functions inherit its whole environment, so it gets only what they need.
pub(crate) fn launch(machine: &Machine, python: &Path, ports: Ports) -> Launch {
    let folder = machine.emulator_folder();
    let below = |name: &str| folder.join(name).display().to_string();
    let endpoint = url(ports.emulator);
    Launch {
        what: "the emulator (MiniStack)",
        program: python.to_owned(),
        // Without bytecode files: they would lie beside the program and change nothing.
        arguments: vec![
            "-B".to_owned(),
            program::folder(machine).display().to_string(),
            secret_file(machine).display().to_string(),
        ],
        variables: [
            ("AUTH", "true".to_owned()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_ENDPOINT_URL_REDSHIFT_DATA", url(ports.data_api)),
            ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY.to_owned()),
            ("BIND_HOST", "127.0.0.1".to_owned()),
            ("GATEWAY_PORT", ports.emulator.to_string()),
            ("HOME", folder.display().to_string()),
            ("IOT_MTLS_ENABLED", "0".to_owned()),
            ("LAMBDA_EXECUTOR", "local".to_owned()),
            ("LOG_LEVEL", "WARNING".to_owned()),
            ("MINISTACK_ACCOUNT_ID", ACCOUNT.to_owned()),
            ("MINISTACK_HOST", "127.0.0.1".to_owned()),
            ("MINISTACK_REGION", REGION.to_owned()),
            ("NO_PROXY", "127.0.0.1,localhost".to_owned()),
            ("PERSIST_STATE", "1".to_owned()),
            ("PYTHONUNBUFFERED", "1".to_owned()),
            ("S3_DATA_DIR", below("s3")),
            ("S3_PERSIST", "1".to_owned()),
            ("SFTP_ENABLED", "0".to_owned()),
            ("STATE_DIR", below("state")),
            ("TMPDIR", below("tmp")),
        ]
        .into(),
        folder: folder.clone(),
        run_as: None,
        log: machine.log("emulator"),
    }
}

/// The address of a port of ours.
pub(crate) fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Makes the emulator's folders, its program and the secret of its administration. What is there stays as it is.
pub(crate) fn prepare(machine: &Machine) -> Result<(), LocalError> {
    crate::folders::make_private(&machine.emulator_folder())?;
    ["tmp", "state", "s3"]
        .iter()
        .try_for_each(|name| crate::folders::make(&machine.emulator_folder().join(name)))?;
    let secret = secret_file(machine);
    if !secret.exists() {
        crate::folders::write_private(&secret, &uuid::Uuid::new_v4().simple().to_string())?;
    }
    program::write(machine)
}

/// The secret without which nobody administers the emulator.
fn secret_file(machine: &Machine) -> std::path::PathBuf {
    machine.emulator_folder().join("secret")
}

/// Has the emulator write its state now. `false` when it could not, or does not run.
pub(crate) async fn save(machine: &Machine, port: u16) -> bool {
    let Ok(secret) = std::fs::read_to_string(secret_file(machine)) else {
        return false;
    };
    let request = format!(
        "POST {SAVE} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nx-riverhouse-secret: {secret}\r\n\
         Content-Length: 0\r\nConnection: close\r\n\r\n"
    );
    asked(port, &request, SAVE_TIMEOUT).await
}

/// Waits until the emulator answers.
pub(crate) async fn wait_ready(
    launch: &Launch,
    child: &crate::ProcessId,
    port: u16,
) -> Result<(), LocalError> {
    let deadline = Instant::now() + START_TIMEOUT;
    while !answers(port, "/_ministack/health").await {
        if !child.is_alive() {
            return Err(launch.not_ready("it ended while starting".to_owned()));
        }
        if Instant::now() > deadline {
            return Err(launch.not_ready(format!("no answer on port {port} in 5 min")));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Whether a server of ours answers `GET path` with 200, within two seconds.
pub(crate) async fn answers(port: u16, path: &str) -> bool {
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    asked(port, &request, Duration::from_secs(2)).await
}

/// Whether a server of ours answers `request` with 200.
async fn asked(port: u16, request: &str, limit: Duration) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut status = [0; 12];
        stream.read_exact(&mut status).await?;
        std::io::Result::Ok(status.ends_with(b" 200"))
    };
    matches!(tokio::time::timeout(limit, ask).await, Ok(Ok(true)))
}
