//! Size and cold start of the function binaries: the time from the start of the process to its first poll for an
//! event.
//!
//! ```text
//! cargo bench -p functions --bench cold_start --profile lambda
//! ```
//!
//! The benchmark is a local Runtime API that waits for `GET …/invocation/next`. A function sends this request after it
//! has read its settings and built the HTTP client and the service clients; it has opened no other connection by then.
//! The time does not include what AWS does before: starting the sandbox and fetching the zip. Run it on an idle
//! machine and use the median.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io};

use flate2::Compression;
use flate2::write::DeflateEncoder;

const RUNS: usize = 30;

const FUNCTIONS: [(&str, &str); 5] = [
    ("ingest", env!("CARGO_BIN_EXE_ingest")),
    ("store", env!("CARGO_BIN_EXE_store")),
    ("transform", env!("CARGO_BIN_EXE_transform")),
    ("load", env!("CARGO_BIN_EXE_load")),
    ("query", env!("CARGO_BIN_EXE_query")),
];

/// The variables that Lambda and the template set. Each function reads the ones it needs.
const ENVIRONMENT: [(&str, &str); 18] = [
    ("AWS_LAMBDA_FUNCTION_NAME", "riverhouse-bench"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_REGION", "eu-west-1"),
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "example"),
    ("AWS_SESSION_TOKEN", "example"),
    ("STREAM_NAME", "riverhouse-bench-events"),
    ("RAW_BUCKET", "riverhouse-bench-raw"),
    ("STAGING_BUCKET", "riverhouse-bench-staging"),
    ("CUSTOMER_TABLE", "riverhouse-bench-customer"),
    ("INVOICE_TABLE", "riverhouse-bench-invoice"),
    ("LOAD_TABLE", "riverhouse-bench-load"),
    ("BATCH_FAILURES", "partial"),
    ("WAREHOUSE_CLUSTER_IDENTIFIER", "riverhouse-bench"),
    ("WAREHOUSE_DATABASE", "riverhouse"),
    (
        "COPY_ROLE_ARN",
        "arn:aws:iam::123456789012:role/riverhouse-bench-copy",
    ),
    ("AWS_LAMBDA_LOG_LEVEL", "ERROR"),
];

fn main() -> io::Result<()> {
    let api = TcpListener::bind("127.0.0.1:0")?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "function     bytes    zipped   first poll: median    least     most   resident"
    )?;
    for (name, path) in FUNCTIONS {
        let binary = fs::read(path)?;
        let mut runs = (0..RUNS)
            .map(|_| first_poll(&api, path))
            .collect::<io::Result<Vec<_>>>()?;
        runs.sort_unstable();
        let [least, median, most] = [0, RUNS / 2, RUNS - 1].map(|n| milliseconds(runs[n].0));
        let resident = runs[RUNS / 2].1;
        writeln!(
            out,
            "{name:9} {:>8} {:>9} {median:>17} ms {least:>5} ms {most:>5} ms {resident:>7} kB",
            binary.len(),
            zipped(&binary)?,
        )?;
    }
    Ok(())
}

/// A running function, which is killed when dropped.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        // The function polls forever. An error here only means that it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Returns the time to the first poll of a new process, and its memory at that moment in kB.
fn first_poll(api: &TcpListener, path: &str) -> io::Result<(Duration, u64)> {
    let address = api.local_addr()?.to_string();
    let start = Instant::now();
    let function = Started(
        Command::new(path)
            .env_clear()
            .envs(ENVIRONMENT)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .stdin(Stdio::null())
            .spawn()?,
    );
    let (connection, _) = api.accept()?;
    connection.set_nodelay(true)?;
    let mut connection = BufReader::new(connection);
    let mut request = String::new();
    connection.read_line(&mut request)?;
    let taken = start.elapsed();
    let resident = resident(function.0.id());
    // Kills the function before the connection closes; otherwise it would log that its poll was cut off.
    drop(function);
    if request.starts_with("GET /2018-06-01/runtime/invocation/next ") {
        return Ok((taken, resident));
    }
    Err(io::Error::other(format!(
        "{path} did not poll but sent `{}`",
        request.trim()
    )))
}

fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

/// Returns the size of the binary in a zip, without the zip's directory of some hundred bytes.
fn zipped(binary: &[u8]) -> io::Result<usize> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(binary)?;
    Ok(deflate.finish()?.len())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1_000.0)
}
