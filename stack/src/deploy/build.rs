//! Builds the function binaries with the cargo that runs us.

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

/// Builds every function for where the environment runs and gives the paths of the binaries. `told` hears
/// cargo's progress. Building again takes cargo's own fraction of a second.
///
/// For this machine: the same profile, target folder and packages as `cargo run -p stack` and `cargo test`
/// use, so that nothing is compiled twice. For AWS: profile `lambda`, with zig as the linker, so that no
/// symbol asks for a newer glibc than Lambda's; each binary is read to make sure of it.
///
/// # Errors
///
/// When cargo cannot be run or the build fails; the error holds the end of what it printed.
pub(super) fn functions(
    environment: &Environment,
    told: impl Fn(&str) + Send + 'static,
) -> Result<BTreeMap<&'static FunctionSpec, PathBuf>, DeployError> {
    if environment.is_local() {
        return run(host_command(), told);
    }
    let architecture = environment.architecture();
    let built = run(cross_command(architecture)?, told)?;
    for binary in built.values() {
        prebuilt::check(binary, architecture)?;
    }
    Ok(built)
}

/// Cargo, without the variables that `cargo run` or `cargo test` set for us. Build scripts such as `ring`'s
/// watch them: with ours, everything above `ring` would be compiled again, by either cargo in turn.
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

/// Whether cargo sets the variable for what it runs. All others are settings of the user: `CARGO_HOME`,
/// `CARGO_TARGET_DIR`, `CARGO_BUILD_JOBS`, `CARGO_PROFILE_DEV_DEBUG` and so on.
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

/// Rust's word for it.
pub(crate) const fn processor(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Arm64 => "aarch64",
        Architecture::X86 => "x86_64",
    }
}

/// What brings zig into cargo.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cross {
    /// `cargo-zigbuild`, alone.
    Zigbuild,
    /// `cargo-lambda`, which has it inside.
    Lambda,
}

impl Cross {
    /// The first that is installed.
    pub(crate) fn found() -> Option<Self> {
        [Self::Zigbuild, Self::Lambda].into_iter().find(|cross| {
            let mut ask = cargo();
            ask.args(&cross.arguments()[..1]).arg("--help");
            let ask = ask.stdout(Stdio::null()).stderr(Stdio::null());
            ask.status().is_ok_and(|status| status.success())
        })
    }

    /// What stands after `cargo` to build.
    pub(crate) const fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Zigbuild => &["zigbuild"],
            Self::Lambda => &["lambda", "build"],
        }
    }
}

fn run(
    mut command: Command,
    told: impl Fn(&str) + Send + 'static,
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
    fn what_cargo_sets_is_told_from_what_a_user_sets() {
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
