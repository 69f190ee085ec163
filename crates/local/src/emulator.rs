//! MiniStack, the emulator of all AWS services except Redshift.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::launch::Launch;
use crate::ports::Ports;
use crate::{LocalError, Machine, program};

/// The account id of every local environment.
pub const ACCOUNT: &str = "000000000000";
/// The region of every local environment.
pub const REGION: &str = "us-east-1";
/// The access key id of the account's root user. It is not secret, because the emulator listens on the loopback
/// address only.
pub const ACCESS_KEY_ID: &str = "test";
/// The secret access key of the account's root user. The emulator accepts no other for root.
pub const SECRET_ACCESS_KEY: &str = "test";

/// Long, because the emulator reads its whole state before it answers.
const START_TIMEOUT: Duration = Duration::from_mins(5);

/// The path of the request that makes the emulator write its state.
const SAVE: &str = "/_riverhouse/save";
/// A snapshot of half a million events takes several seconds.
const SAVE_TIMEOUT: Duration = Duration::from_mins(2);

/// Returns the command of the emulator. Functions inherit its environment variables, so it has only those that they
/// need.
pub(crate) fn launch(machine: &Machine, python: &Path, ports: Ports) -> Launch {
    let folder = machine.emulator_folder();
    let below = |name: &str| folder.join(name).display().to_string();
    let endpoint = url(ports.emulator);
    Launch {
        what: "the emulator (MiniStack)",
        program: python.to_owned(),
        // No bytecode files: they would be written beside the program and have no benefit.
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

/// Returns the URL of a local port.
pub(crate) fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Creates the emulator's folders, its program, and the secret of its administration. Keeps what exists.
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

/// Returns the file with the secret that administrative requests need.
fn secret_file(machine: &Machine) -> std::path::PathBuf {
    machine.emulator_folder().join("secret")
}

/// Makes the emulator write its state now. Returns `false` if it could not, or does not run.
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

/// Waits until the emulator answers its health check.
pub(crate) async fn wait_ready(
    launch: &Launch,
    child: &crate::ProcessId,
    port: u16,
) -> Result<(), LocalError> {
    let deadline = Instant::now() + START_TIMEOUT;
    while !answers(port, "/_ministack/health").await {
        if !child.is_alive() {
            return Err(launch.not_ready("it exited during its start".to_owned()));
        }
        if Instant::now() > deadline {
            return Err(launch.not_ready(format!("no answer on port {port} in 5 min")));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Returns whether a local server answers `GET path` with status 200 within two seconds.
pub(crate) async fn answers(port: u16, path: &str) -> bool {
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    asked(port, &request, Duration::from_secs(2)).await
}

/// Returns whether a local server answers `request` with status 200 within `limit`.
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
