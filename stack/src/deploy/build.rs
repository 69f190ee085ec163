//! Builds the function binaries with the cargo that runs us.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Command, Stdio};

use serde::Deserialize;

use super::DeployError;
use crate::platform::FunctionName;

/// One line of cargo's `--message-format=json`; of all lines only those of built artifacts have a target.
#[derive(Deserialize)]
struct Message {
    reason: String,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Builds every function for this machine and gives the paths of the binaries. `told` hears cargo's progress.
///
/// The same profile, target folder and packages as `cargo run -p stack` and `cargo test` use, so that
/// nothing is compiled twice. Building again takes cargo's own fraction of a second.
///
/// # Errors
///
/// When cargo cannot be run or the build fails; the error holds the end of what it printed.
pub(super) fn functions(
    told: impl Fn(&str) + Send + 'static,
) -> Result<BTreeMap<FunctionName, PathBuf>, DeployError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let mut command = Command::new(cargo);
    command
        .args([
            "build",
            "-p",
            "stack",
            "-p",
            "functions",
            "--bins",
            "--message-format=json-render-diagnostics",
        ])
        .arg("--manifest-path")
        .arg(manifest)
        .stdin(Stdio::null());
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let failed = |ended: String, output: String| DeployError::Build {
        command: "cargo build -p stack -p functions --bins".to_owned(),
        ended,
        output,
    };
    let not_started =
        |error: std::io::Error| failed(format!("could not be started: {error}"), String::new());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(not_started)?;
    let stderr = child.stderr.take();
    let listener = std::thread::spawn(move || listen(stderr, told));
    let built = child.wait_with_output().map_err(not_started)?;
    let printed = listener.join().unwrap_or_default();
    if !built.status.success() {
        let end = printed[printed.len().saturating_sub(40)..].join("\n");
        return Err(failed(format!("ended with {}", built.status), end));
    }
    executables(&built.stdout)
}

/// Passes cargo's lines on while it works, and keeps them for an error.
fn listen(stderr: Option<ChildStderr>, told: impl Fn(&str)) -> Vec<String> {
    let lines = stderr
        .into_iter()
        .flat_map(|stderr| BufReader::new(stderr).lines());
    lines
        .map_while(Result::ok)
        .inspect(|line| told(line.trim()))
        .collect()
}

fn executables(messages: &[u8]) -> Result<BTreeMap<FunctionName, PathBuf>, DeployError> {
    let built: BTreeMap<String, PathBuf> = messages
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Message>(line).ok())
        .filter(|message| message.reason == "compiler-artifact")
        .filter_map(|message| Some((message.target?.name, message.executable?)))
        .collect();
    FunctionName::ALL
        .into_iter()
        .map(|function| {
            let path = built.get(function.as_str()).cloned();
            path.map(|path| (function, path))
                .ok_or(DeployError::MissingBinary(function.as_str()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(name: &str) -> String {
        format!(
            r#"{{"reason":"compiler-artifact","target":{{"name":"{name}"}},"executable":"/t/{name}"}}"#
        )
    }

    #[test]
    fn every_function_is_found_among_cargos_messages() {
        let mut lines: Vec<_> = FunctionName::ALL
            .map(|function| artifact(function.as_str()))
            .into();
        lines.push(
            r#"{"reason":"compiler-artifact","target":{"name":"serde"},"executable":null}"#.into(),
        );
        lines.push("not json".into());
        let found = executables(lines.join("\n").as_bytes()).unwrap();
        assert_eq!(found.len(), FunctionName::ALL.len());
        assert_eq!(found[&FunctionName::Store], Path::new("/t/store"));
    }

    #[test]
    fn a_function_that_cargo_did_not_build_is_named() {
        let error = executables(artifact("ingest").as_bytes()).unwrap_err();
        assert!(matches!(error, DeployError::MissingBinary(_)), "{error}");
    }
}
