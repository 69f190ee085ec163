//! Python programs with pinned packages, in a virtual environment that is kept for the next run.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::environment::printed;

const REQUIREMENTS: &str = include_str!("python/requirements.txt");

/// Runs a program of `tests/stories/python` with `input` as JSON, and returns the JSON that it prints.
pub(crate) fn run(program: &str, input: &Value, environment: &[(&str, &str)]) -> Value {
    run_by(python(), program, input, environment)
}

/// Runs a program like [`run`], with the packages of other requirements.
pub(crate) fn run_with(requirements: &str, program: &str, input: &Value) -> Value {
    let packages = local::ensure_packages_of(&cache(), requirements, |_| {}).unwrap();
    run_by(&packages.python, program, input, &[])
}

fn run_by(python: &Path, program: &str, input: &Value, environment: &[(&str, &str)]) -> Value {
    let path = [
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/stories/python/",
        program,
    ]
    .concat();
    let mut child = Command::new(python)
        .arg(path)
        .env_remove("PGPASSFILE")
        .env_remove("SSL_CERT_FILE")
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    serde_json::from_str(&printed(&output, program)).unwrap()
}

/// Returns the Python interpreter of the virtual environment.
pub(crate) fn python() -> &'static PathBuf {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let packages = local::ensure_packages_of(&cache(), REQUIREMENTS, |_| {});
        packages.unwrap().python
    })
}

/// Returns the folder of the interpreter and of the packages' programs, such as `aws`.
pub(crate) fn bin() -> PathBuf {
    python().parent().unwrap().to_owned()
}

/// Returns the folder of all installed packages.
pub(crate) fn cache() -> PathBuf {
    let folders = local::Folders::new(|name| std::env::var_os(name).map(PathBuf::from));
    folders.unwrap().cache
}
