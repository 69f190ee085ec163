//! Checks of the programs and folders on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use cfn::resources::lambda::Architecture;
use local::Folders;

use super::Check;
use crate::deploy::{Cross, processor};

/// Checks what every environment needs on this machine.
#[must_use]
pub fn of_machine() -> Vec<Check> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_unset| "cargo".to_owned());
    vec![
        Check::needed(
            "cargo",
            version(&cargo, "--version"),
            "install Rust from https://rustup.rs",
        ),
        Check::needed(
            "C compiler",
            version("cc", "--version"),
            "install gcc or clang",
        ),
        Check::needed(
            "Python 3.10 or later",
            python(),
            "install python3 with your system's package manager (Debian: apt-get install python3)",
        ),
        Check::needed(
            "folder for environments",
            folder(|folders| folders.home),
            "set RIVERHOUSE_HOME to a writable folder",
        ),
        Check::needed(
            "folder for packages",
            folder(|folders| folders.cache),
            "set RIVERHOUSE_CACHE to a writable folder",
        ),
        Check::optional(
            "uv",
            version("uv", "--version"),
            "installs the Python packages faster: pip install uv",
        ),
        Check::optional(
            "psql",
            version("psql", "--version"),
            "for SQL on the warehouse: install postgresql-client",
        ),
        Check::optional(
            "aws 2.13 or 1.29, or later",
            version("aws", "--version").filter(|said| reads_endpoint(said)),
            "older versions ignore AWS_ENDPOINT_URL and would call the real AWS: pipx install awscli, or python3 -m venv and its pip",
        ),
        Check::optional(
            "curl",
            version("curl", "--version"),
            "7.75 or later signs requests: install curl",
        ),
    ]
}

/// Checks what is needed to build functions for AWS.
#[must_use]
pub fn of_build(architecture: Architecture) -> Vec<Check> {
    let target = format!("{}-unknown-linux-gnu", processor(architecture));
    vec![
        Check::needed(
            "cargo zigbuild or cargo lambda",
            Cross::found().map(|cross| format!("cargo {}", cross.arguments().join(" "))),
            "pip install cargo-zigbuild ziglang, or deploy with --functions DIR",
        ),
        Check::needed(
            "Rust standard library for the functions' architecture",
            has_std(&target).then(|| target.clone()),
            &format!("rustup target add {target}, or deploy with --functions DIR"),
        ),
    ]
}

/// Returns whether the installed Rust toolchain can build for `target`.
fn has_std(target: &str) -> bool {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output();
    output.is_ok_and(|output| {
        let sysroot = String::from_utf8_lossy(&output.stdout);
        let libraries = Path::new(sysroot.trim()).join("lib/rustlib");
        libraries.join(target).join("lib").is_dir()
    })
}

/// Returns the first line of a program's version output.
fn version(program: &str, flag: &str) -> Option<String> {
    let output = Command::new(program)
        .arg(flag)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    String::from_utf8(output.stdout)
        .ok()?
        .lines()
        .next()
        .map(str::to_owned)
}

/// Returns whether this version of the aws CLI (`aws-cli/2.9.19 Python/…`) reads `AWS_ENDPOINT_URL`.
fn reads_endpoint(said: &str) -> bool {
    let numbers = said
        .strip_prefix("aws-cli/")
        .and_then(|rest| rest.split_whitespace().next())
        .map(|version| version.split('.').map_while(|part| part.parse().ok()));
    let numbers: Vec<u32> = numbers.into_iter().flatten().collect();
    match numbers.as_slice() {
        [1, minor, ..] => *minor >= 29,
        [2, minor, ..] => *minor >= 13,
        [major, ..] => *major > 2,
        [] => false,
    }
}

fn python() -> Option<String> {
    let new_enough = Command::new("python3")
        .args(["-c", "import sys; sys.exit(sys.version_info < (3, 10))"])
        .status()
        .is_ok_and(|status| status.success());
    version("python3", "--version").filter(|_| new_enough)
}

/// Returns the folder, if it exists or can be created, and is writable.
fn folder(which: impl Fn(Folders) -> PathBuf) -> Option<String> {
    let folders = Folders::new(|name| std::env::var_os(name).map(Into::into)).ok()?;
    let folder = which(folders);
    std::fs::create_dir_all(&folder).ok()?;
    tempfile::tempfile_in(&folder).ok()?;
    Some(folder.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aws_cli_that_ignores_our_endpoint_is_recognised() {
        for good in ["1.29.0", "1.46.3", "2.13.0", "2.31.1", "3.0.0"] {
            assert!(
                reads_endpoint(&format!("aws-cli/{good} Python/3.11")),
                "{good}"
            );
        }
        for old in ["1.28.9", "2.9.19", "2.12.99", "0.1"] {
            assert!(
                !reads_endpoint(&format!("aws-cli/{old} Python/3.11")),
                "{old}"
            );
        }
        assert!(!reads_endpoint("something else"));
    }
}
