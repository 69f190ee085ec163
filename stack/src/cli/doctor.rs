//! `stack doctor`

use std::io::Write;
use std::process::{Command, ExitCode};

use clap::Args;
use local::Folders;

/// Say what this machine lacks, and how to get it
#[derive(Debug, Args)]
pub(super) struct Doctor {}

/// Something that is needed, or useful.
struct Check {
    what: &'static str,
    needed: bool,
    found: Option<String>,
    remedy: &'static str,
}

impl Doctor {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let checks = tokio::task::spawn_blocking(checks).await?;
        for check in &checks {
            match (&check.found, check.needed) {
                (Some(found), _) => writeln!(out, "ok       {}: {found}", check.what)?,
                (None, true) => writeln!(out, "MISSING  {}: {}", check.what, check.remedy)?,
                (None, false) => writeln!(out, "optional {}: {}", check.what, check.remedy)?,
            }
        }
        let lacks = checks
            .iter()
            .any(|check| check.needed && check.found.is_none());
        Ok(if lacks {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }
}

fn checks() -> Vec<Check> {
    let needed = |what, found, remedy| Check {
        what,
        needed: true,
        found,
        remedy,
    };
    let optional = |what, found, remedy| Check {
        what,
        needed: false,
        found,
        remedy,
    };
    let cargo = std::env::var("CARGO").unwrap_or_else(|_unset| "cargo".to_owned());
    vec![
        needed(
            "cargo",
            version(&cargo, "--version"),
            "install Rust from https://rustup.rs",
        ),
        needed(
            "C compiler",
            version("cc", "--version"),
            "install gcc or clang",
        ),
        needed(
            "Python 3.10 or later",
            python(),
            "install python3 from your system's packages",
        ),
        needed(
            "a folder for environments",
            home(),
            "set RIVERHOUSE_HOME to a folder that you can write",
        ),
        optional(
            "uv",
            version("uv", "--version"),
            "installs the Python packages faster: pip install uv",
        ),
        optional(
            "psql",
            version("psql", "--version"),
            "to look at the warehouse: install postgresql-client",
        ),
        optional(
            "aws",
            version("aws", "--version"),
            "to look at everything else: pip install awscli",
        ),
        optional(
            "curl",
            version("curl", "--version"),
            "7.75 or later signs requests: install curl",
        ),
    ]
}

/// The first line of what a program says of itself.
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

fn python() -> Option<String> {
    let new_enough = Command::new("python3")
        .args(["-c", "import sys; sys.exit(sys.version_info < (3, 10))"])
        .status()
        .is_ok_and(|status| status.success());
    version("python3", "--version").filter(|_| new_enough)
}

/// The folder of environments, when it is or can be made.
fn home() -> Option<String> {
    let home = Folders::new(|name| std::env::var_os(name).map(Into::into))
        .ok()?
        .home;
    std::fs::create_dir_all(&home).ok()?;
    tempfile::tempfile_in(&home).ok()?;
    Some(home.display().to_string())
}
