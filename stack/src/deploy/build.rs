//! Builds the function binaries with the same cargo that runs this program.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Command, Stdio};

use cfn::resources::lambda::Architecture;
use serde::Deserialize;

use super::elf::RUNTIME_GLIBC;
use super::{DeployError, prebuilt};
use crate::environment::Environment;
use crate::function::{FUNCTIONS, FunctionSpec};

/// A line of cargo's `--message-format=json`. Only the lines of built artifacts have a target.
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

/// Builds every function for the environment and returns the paths of the binaries. `report` receives cargo's
/// progress. If nothing has changed, this takes a fraction of a second.
///
/// For this machine, the build uses the same profile, target folder and packages as `cargo run -p stack` and
/// `cargo test`, so nothing is compiled twice. For AWS, it uses profile `lambda` and zig as the linker, so
/// that no symbol requires a newer glibc than Lambda's; each binary is checked.
///
/// # Errors
///
/// Fails if cargo cannot be run or the build fails; the error contains the end of the output.
pub(super) fn functions(
    environment: &Environment,
    report: impl Fn(&str) + Send + 'static,
) -> Result<BTreeMap<&'static FunctionSpec, PathBuf>, DeployError> {
    if environment.is_local() {
        return run(host_command(), report);
    }
    let architecture = environment.architecture();
    let built = run(cross_command(architecture)?, report)?;
    for binary in built.values() {
        prebuilt::check(binary, architecture)?;
    }
    Ok(built)
}

/// Returns cargo without the variables that `cargo run` or `cargo test` set for this program. Build scripts
/// such as `ring`'s watch them, so everything that depends on `ring` would be compiled again by each of the
/// two cargos in turn.
fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_set_by_cargo) {
            command.env_remove(name);
        }
    }
    command
}

/// Returns whether cargo sets the variable for the programs that it runs. All others are the user's settings, such as
/// `CARGO_HOME`, `CARGO_TARGET_DIR`, `CARGO_BUILD_JOBS` and `CARGO_PROFILE_DEV_DEBUG`.
fn is_set_by_cargo(variable: &str) -> bool {
    const NAMES: [&str; 8] = [
        "CARGO",
        "CARGO_CRATE_NAME",
        "CARGO_MAKEFLAGS",
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_LINKS",
        "CARGO_MANIFEST_PATH",
        "CARGO_PRIMARY_PACKAGE",
        "OUT_DIR",
    ];
    const PREFIXES: [&str; 3] = ["CARGO_BIN_", "CARGO_CFG_", "CARGO_PKG_"];
    NAMES.contains(&variable) || PREFIXES.iter().any(|prefix| variable.starts_with(prefix))
}

fn host_command() -> Command {
    let mut command = cargo();
    command.args(["build", "-p", "stack", "-p", "functions", "--bins"]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    command
}

fn cross_command(architecture: Architecture) -> Result<Command, DeployError> {
    let cross = Cross::found().ok_or(DeployError::NoCrossBuild)?;
    let mut command = cargo();
    command
        .args(cross.arguments())
        .args(["-p", "functions", "--bins", "--profile", "lambda"])
        .arg("--target")
        .arg(format!(
            "{}-unknown-linux-gnu.2.{RUNTIME_GLIBC}",
            processor(architecture)
        ));
    Ok(command)
}

/// Returns Rust's name for the architecture.
pub(crate) const fn processor(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Arm64 => "aarch64",
        Architecture::X86 => "x86_64",
    }
}

/// The tools that add zig to cargo.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cross {
    /// `cargo-zigbuild`, which needs zig installed.
    Zigbuild,
    /// `cargo-lambda`, which includes zig.
    Lambda,
}

impl Cross {
    /// Returns the first one that is installed.
    pub(crate) fn found() -> Option<Self> {
        [Self::Zigbuild, Self::Lambda].into_iter().find(|cross| {
            let mut ask = cargo();
            ask.args(&cross.arguments()[..1]).arg("--help");
            let ask = ask.stdout(Stdio::null()).stderr(Stdio::null());
            ask.status().is_ok_and(|status| status.success())
        })
    }

    /// Returns the cargo arguments that start a build.
    pub(crate) const fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Zigbuild => &["zigbuild"],
            Self::Lambda => &["lambda", "build"],
        }
    }
}

fn run(
    mut command: Command,
    report: impl Fn(&str) + Send + 'static,
) -> Result<BTreeMap<&'static FunctionSpec, PathBuf>, DeployError> {
    command
        .arg("--message-format=json-render-diagnostics")
        .arg("--manifest-path")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let shown: Vec<_> = command
        .get_args()
        .take_while(|argument| *argument != "--message-format=json-render-diagnostics")
        .map(|argument| argument.to_string_lossy())
        .collect();
    let shown = format!("cargo {}", shown.join(" "));
    let failed = |ended: String, output: String| DeployError::Build {
        command: shown.clone(),
        ended,
        output,
    };
    let not_started =
        |error: std::io::Error| failed(format!("could not be started: {error}"), String::new());
    let mut child = command.spawn().map_err(not_started)?;
    let stderr = child.stderr.take();
    let listener = std::thread::spawn(move || listen(stderr, report));
    let built = child.wait_with_output().map_err(not_started)?;
    let printed = listener.join().unwrap_or_default();
    if !built.status.success() {
        let end = printed[printed.len().saturating_sub(40)..].join("\n");
        return Err(failed(format!("ended with {}", built.status), end));
    }
    executables(&built.stdout)
}

/// Passes cargo's lines on as they come, and keeps them for an error.
fn listen(stderr: Option<ChildStderr>, report: impl Fn(&str)) -> Vec<String> {
    let lines = stderr
        .into_iter()
        .flat_map(|stderr| BufReader::new(stderr).lines());
    lines
        .map_while(Result::ok)
        .inspect(|line| report(line.trim()))
        .collect()
}

fn executables(messages: &[u8]) -> Result<BTreeMap<&'static FunctionSpec, PathBuf>, DeployError> {
    let built: BTreeMap<String, PathBuf> = messages
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Message>(line).ok())
        .filter(|message| message.reason == "compiler-artifact")
        .filter_map(|message| Some((message.target?.name, message.executable?)))
        .collect();
    FUNCTIONS
        .into_iter()
        .map(|function| {
            let path = built.get(function.name).cloned();
            path.map(|path| (function, path))
                .ok_or(DeployError::MissingBinary(function.name))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function::STORE;

    fn artifact(name: &str) -> String {
        format!(
            r#"{{"reason":"compiler-artifact","target":{{"name":"{name}"}},"executable":"/t/{name}"}}"#
        )
    }

    #[test]
    fn every_function_is_found_among_cargos_messages() {
        let mut lines: Vec<_> = FUNCTIONS.map(|function| artifact(function.name)).into();
        lines.push(
            r#"{"reason":"compiler-artifact","target":{"name":"serde"},"executable":null}"#.into(),
        );
        lines.push("not json".into());
        let found = executables(lines.join("\n").as_bytes()).unwrap();
        assert_eq!(found.len(), FUNCTIONS.len());
        assert_eq!(found[&&STORE], Path::new("/t/store"));
    }

    #[test]
    fn variables_of_cargo_are_distinguished_from_those_of_a_user() {
        let packages = std::env::vars().filter(|(name, _)| name.starts_with("CARGO_PKG_"));
        for (name, _) in packages {
            assert!(is_set_by_cargo(&name), "{name}");
        }
        assert!(is_set_by_cargo("CARGO_MANIFEST_DIR"));
        for kept in [
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_JOBS",
            "CARGO_INCREMENTAL",
            "CARGO_NET_OFFLINE",
            "CARGO_PROFILE_DEV_DEBUG",
            "CARGO_ENCODED_RUSTFLAGS",
            "RUSTUP_TOOLCHAIN",
        ] {
            assert!(!is_set_by_cargo(kept), "{kept}");
        }
    }

    #[test]
    fn the_build_has_none_of_our_own_package_variables() {
        let removed: Vec<_> = cargo()
            .get_envs()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name.to_string_lossy().into_owned())
            .collect();
        assert!(removed.contains(&"CARGO_MANIFEST_DIR".to_owned()));
        assert!(removed.contains(&"CARGO_PKG_NAME".to_owned()));
    }

    #[test]
    fn a_function_that_cargo_did_not_build_is_named() {
        let error = executables(artifact("ingest").as_bytes()).unwrap_err();
        assert!(matches!(error, DeployError::MissingBinary(_)), "{error}");
    }
}
