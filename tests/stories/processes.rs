//! Signals to processes and whether they run, without `kill` and `ps`, which minimal systems lack.

use rustix::process::{Pid, Signal, kill_process};

/// Sends a signal to a process. Panics if the process does not exist.
pub(crate) fn signal(pid: u64, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).unwrap();
    kill_process(pid, signal).unwrap();
}

/// Returns whether the process runs; a zombie does not.
pub(crate) fn is_running(pid: u64) -> bool {
    // The command name is in parentheses and may itself contain any character, even a parenthesis.
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        let (_, fields) = stat.rsplit_once(')').unwrap();
        !fields.trim_start().starts_with(['Z', 'X'])
    })
}
