//! Size and cold start of the function binaries: from the start of the process to its first poll for an event.
//!
//! ```text
//! cargo bench -p functions --bench cold_start --profile lambda
//! ```
//!
//! A loopback Runtime API waits for `GET …/invocation/next`, which a function asks once it is wired: settings
//! read, HTTP client and service clients made, nothing connected. What AWS adds before (the sandbox, fetching
//! the zip) is not in the figures. Run it on an idle machine and read the median.

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

/// What Lambda and the template set; each function reads its own part.
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

/// A started function, ended when the run is over.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        // It polls forever; that it has ended already is no failure of the bench.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Time to the first poll of a new process, and its memory then in kB.
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
    // Before the connection, or it would log that its poll was cut off.
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

/// The size in a zip, but for its directory of some hundred bytes.
fn zipped(binary: &[u8]) -> io::Result<usize> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(binary)?;
    Ok(deflate.finish()?.len())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1_000.0)
}
