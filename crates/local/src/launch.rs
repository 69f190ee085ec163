//! The command of a child process: everything that determines its behavior. A later supervisor can then tell
//! whether a running child is still the right one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::state::Child;
use crate::{LocalError, ProcessId, process};

/// The user who runs a child process if it must not run as root, as PostgreSQL.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunAs {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// A program with its arguments and environment variables. The variables of this process are not passed on.
#[derive(Debug)]
pub(crate) struct Launch {
    pub(crate) what: &'static str,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) variables: BTreeMap<&'static str, String>,
    pub(crate) folder: PathBuf,
    pub(crate) run_as: Option<RunAs>,
    pub(crate) log: PathBuf,
}

impl Launch {
    /// Returns a hash. Two launches with the same fingerprint start the same process.
    pub(crate) fn fingerprint(&self) -> String {
        let mut sha = Sha256::new();
        sha.update(self.program.as_os_str().as_encoded_bytes());
        for text in &self.arguments {
            sha.update([0]);
            sha.update(text);
        }
        for (name, value) in &self.variables {
            sha.update([1]);
            sha.update(name);
            sha.update([0]);
            sha.update(value);
        }
        hex::encode(&sha.finalize()[..8])
    }

    /// Returns the command, ready to run.
    pub(crate) fn command(&self) -> Result<std::process::Command, LocalError> {
        use std::os::unix::process::CommandExt;
        let mut command = process::isolated(&self.program, &self.log)
            .map_err(LocalError::file("open", &self.log))?;
        command
            .args(&self.arguments)
            .envs(&self.variables)
            .current_dir(&self.folder);
        if let Some(RunAs { uid, gid }) = self.run_as {
            command.uid(uid).gid(gid);
        }
        Ok(command)
    }

    /// Starts the program. Its end is detected by [`ProcessId::is_alive`], which also works for a later supervisor
    /// that is not its parent. A thread reaps it while this process is its parent.
    pub(crate) fn spawn(&self) -> Result<Child, LocalError> {
        let program = self.program.clone();
        let refused = |source| LocalError::Spawn {
            what: self.what,
            program,
            source,
        };
        let mut child = self.command()?.spawn().map_err(refused)?;
        let id = ProcessId::of(child.id());
        std::thread::spawn(move || child.wait());
        let id = id.ok_or_else(|| self.not_ready("it exited immediately".to_owned()))?;
        Ok(Child {
            id,
            launch: self.fingerprint(),
        })
    }

    /// Returns the error for a child that ended or was not ready in time, with the end of its log.
    pub(crate) fn not_ready(&self, reason: String) -> LocalError {
        LocalError::NotReady {
            what: self.what,
            reason,
            log: self.log.clone(),
            tail: tail(&self.log),
        }
    }
}

/// Returns the last 12 lines of a log; empty if it does not exist.
pub(crate) fn tail(log: &Path) -> String {
    const LINES: usize = 12;
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(port: &str) -> Launch {
        Launch {
            what: "a test",
            program: "/bin/true".into(),
            arguments: vec![],
            variables: [("PORT", port.to_owned())].into(),
            folder: "/".into(),
            run_as: None,
            log: "/dev/null".into(),
        }
    }

    #[test]
    fn another_port_is_another_launch() {
        assert_eq!(launch("1").fingerprint(), launch("1").fingerprint());
        assert_ne!(launch("1").fingerprint(), launch("2").fingerprint());
    }
}
