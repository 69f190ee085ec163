//! Draws charts with Vega-Lite, in a Python process. The package is installed once, into the cache of the local
//! environment's packages.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use ::report::{Drawing, Pictures};
use local::{Folders, Packages};
use serde::{Deserialize, Serialize};

use super::run::ReportError;

const REQUIREMENTS: &str = include_str!("python/requirements.txt");
const PROGRAM: &str = include_str!("python/charts.py");

#[derive(Serialize)]
struct Charts<'a> {
    charts: &'a [Drawing],
    pictures: Option<&'a Path>,
}

/// The charts that could be drawn, and why others could not, by chart id.
#[derive(Debug, Default, Deserialize)]
pub struct Drawn {
    pub drawn: BTreeMap<String, Pictures>,
    pub failed: BTreeMap<String, String>,
}

/// Draws `charts`, and writes a PNG file of each into the folder `pictures`. Blocks until all are drawn.
pub(super) fn draw(
    charts: &[Drawing],
    pictures: Option<&Path>,
    progress: impl Fn(&str),
) -> Result<Drawn, ReportError> {
    if charts.is_empty() {
        return Ok(Drawn::default());
    }
    let folders = Folders::new(|name| std::env::var_os(name).map(Into::into))?;
    let packages = local::ensure_packages_of(&folders.cache, REQUIREMENTS, progress)?;
    let input = serde_json::to_vec(&Charts { charts, pictures }).map_err(ReportError::drawing)?;
    let output = run(&packages, &input).map_err(ReportError::drawing)?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        return Err(ReportError::drawing(message.trim()));
    }
    serde_json::from_slice(&output.stdout).map_err(ReportError::drawing)
}

/// Runs the program with `input`. It reads all of it before it prints.
fn run(packages: &Packages, input: &[u8]) -> std::io::Result<std::process::Output> {
    let mut child = Command::new(&packages.python)
        .args(["-I", "-c", PROGRAM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // A program that ends early has said why on standard error.
    let sent = child
        .stdin
        .take()
        .map_or(Ok(()), |mut stdin| stdin.write_all(input));
    let output = child.wait_with_output()?;
    if output.status.success() {
        sent?;
    }
    Ok(output)
}
