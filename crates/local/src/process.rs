//! Identifies processes by pid and start time, because the system reuses pids.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde::{Deserialize, Serialize};

/// A process, distinct from any later process with the same pid.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ProcessId {
    /// The process id; also the id of its process group, if we started it.
    pub pid: u32,
    started: String,
}

/// The interval between two checks of an ending process.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

impl ProcessId {
    /// Returns the running process `pid`; `None` if there is none.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        Some(Self {
            pid,
            started: start_time(pid)?,
        })
    }

    #[must_use]
    pub fn current() -> Option<Self> {
        Self::of(std::process::id())
    }

    /// Returns whether the same process still runs and is not a zombie.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        start_time(self.pid).is_some_and(|started| started == self.started)
    }

    /// Returns whether a signal such as SIGSTOP has stopped it. Always `false` on systems without `/proc`.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        let state = stat
            .rsplit_once(')')
            .and_then(|(_, rest)| rest.split_ascii_whitespace().next());
        state == Some("T") && self.is_alive()
    }

    /// Sends `signal` to this process only. Does nothing if it has ended.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(pid) = self.rustix_pid().filter(|_| self.is_alive()) {
            // It may have ended in the meantime, which is fine.
            let _ = kill_process(pid, signal);
        }
    }

    /// Sends `signal`, waits up to `grace` for the process to end, and then kills its process group. Does nothing
    /// if it has ended. Returns when the process has ended.
    pub(crate) fn stop(&self, signal: Signal, grace: Duration) {
        self.signal(signal);
        let deadline = Instant::now() + grace;
        while self.is_alive() && Instant::now() < deadline {
            std::thread::sleep(POLL_INTERVAL);
        }
        if let Some(pid) = self.rustix_pid().filter(|_| self.is_alive()) {
            let _ = kill_process_group(pid, Signal::KILL);
            let _ = kill_process(pid, Signal::KILL);
        }
        while self.is_alive() {
            std::thread::sleep(POLL_INTERVAL);
        }
    }

    fn rustix_pid(&self) -> Option<Pid> {
        i32::try_from(self.pid).ok().and_then(Pid::from_raw)
    }
}

/// Returns the start time as the system prints it; `None` if the process has ended or is a zombie.
#[cfg(target_os = "linux")]
fn start_time(pid: u32) -> Option<String> {
    // The second field is the command in parentheses and may contain anything, so fields are counted from the last
    // parenthesis.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    (state != "Z" && state != "X").then(|| fields.nth(18).map(str::to_owned))?
}

/// Returns the start time as the system prints it; `None` if the process has ended or is a zombie.
#[cfg(not(target_os = "linux"))]
fn start_time(pid: u32) -> Option<String> {
    let output = Command::new("ps")
        .args(["-o", "stat=,lstart=", "-p", &pid.to_string()])
        .output()
        .ok()?;
    let line = String::from_utf8(output.stdout).ok()?;
    let (state, started) = line.trim().split_once(char::is_whitespace)?;
    (!state.starts_with('Z')).then(|| started.trim().to_owned())
}

/// Processes whose program is below `folder`: the functions that a killed emulator leaves behind.
pub(crate) fn running_below(folder: &Path) -> Vec<ProcessId> {
    with_link("exe", |program| program.starts_with(folder))
}

/// Processes whose working directory is `folder` itself: the sessions that a killed PostgreSQL leaves behind.
pub(crate) fn working_in(folder: &Path) -> Vec<ProcessId> {
    with_link("cwd", |working| working == folder)
}

/// Processes for which `wanted` accepts the target of `/proc/<pid>/<link>`; none on systems without `/proc`.
fn with_link(link: &str, wanted: impl Fn(&Path) -> bool) -> Vec<ProcessId> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid: &u32| {
            std::fs::read_link(format!("/proc/{pid}/{link}")).is_ok_and(|target| wanted(&target))
        })
        .filter_map(ProcessId::of)
        .collect()
}

/// Returns a command in a new process group, without our environment variables and without input. Its output is
/// appended to `log`.
pub(crate) fn isolated(program: &Path, log: &Path) -> std::io::Result<Command> {
    use std::os::unix::process::CommandExt;
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)?;
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LANG", "C.UTF-8")
        .stdin(std::process::Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .process_group(0);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_another_start_time_is_another_process() {
        let me = ProcessId::current().unwrap();
        assert!(me.is_alive());
        let stranger = ProcessId {
            started: "0".to_owned(),
            ..me
        };
        assert!(!stranger.is_alive());
    }

    #[test]
    fn a_stopped_process_is_alive_and_stopped() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let id = ProcessId::of(child.id()).unwrap();
        assert!(!id.is_stopped());
        id.signal(Signal::STOP);
        while !id.is_stopped() {
            std::thread::yield_now();
        }
        assert!(id.is_alive());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!id.is_stopped());
    }

    #[test]
    fn a_process_that_ignores_the_signal_is_killed_and_its_zombie_is_not_alive() {
        let folder = tempfile::tempdir().unwrap();
        let mut child = isolated(Path::new("/bin/sh"), &folder.path().join("log"))
            .unwrap()
            .args(["-c", "trap '' TERM; while :; do sleep 0.05; done"])
            .spawn()
            .unwrap();
        let id = ProcessId::of(child.id()).unwrap();
        id.stop(Signal::TERM, Duration::from_millis(100));
        assert!(!id.is_alive());
        child.wait().unwrap();
    }
}
