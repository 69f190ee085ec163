//! The programs that stories run. The README requires Rust, a C compiler and Python: `aws` comes with the pinned
//! Python packages, `psql` with the environments' PostgreSQL. All other programs are optional; a story that needs a
//! missing one prints that it is skipped.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::python;

/// `PATH` of the stories' shells: the pinned `aws` before the system's, which may be too old for `AWS_ENDPOINT_URL`,
/// and the system's `psql` before the pinned one, which lacks TLS.
pub(crate) fn path() -> OsString {
    let system = std::env::var_os("PATH").unwrap_or_default();
    let folders = [python::bin()]
        .into_iter()
        .chain(std::env::split_paths(&system))
        .chain([postgres()]);
    std::env::join_paths(folders).unwrap()
}

/// Returns the folder with the programs of the pinned PostgreSQL.
fn postgres() -> PathBuf {
    let packages = local::ensure_packages(&python::cache(), |_| {}).unwrap();
    let found = local::find_postgres(None, Some(&packages.site));
    found.unwrap().bin
}

/// Returns whether there is a `psql` with TLS. The pinned one has none; tests with `psycopg` show the same on every
/// machine.
pub(crate) fn has_psql_with_tls() -> bool {
    has(
        "psql",
        &["--version"],
        "the stories of psql over TLS are",
        "your system's package `postgresql-client`",
    )
}

/// Returns whether there is a `curl` that can sign requests, as the README shows.
pub(crate) fn has_curl() -> bool {
    has(
        "curl",
        &["--aws-sigv4", "aws:amz", "--version"],
        "README's curl line is",
        "your system's package `curl`, version 7.75 or later",
    )
}

/// Returns whether `program` with `arguments` succeeds. If not, prints once what is skipped and what to install. It
/// bypasses the test harness, which hides the output of passing tests.
fn has(program: &str, arguments: &[&str], left_out: &str, install: &str) -> bool {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let works = Command::new(program)
        .args(arguments)
        .output()
        .is_ok_and(|output| output.status.success());
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if !works && said.insert(program.to_owned()) {
        let _ = writeln!(
            std::io::stderr(),
            "note: {left_out} left out; to include, install {install}"
        );
    }
    works
}
