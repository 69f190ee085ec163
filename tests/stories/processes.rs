//! Signals to processes, and whether they run: without `kill` and `ps`, which a minimal system lacks.

use rustix::process::{Pid, Signal, kill_process};

/// Sends a signal to a process; it must exist.
pub(crate) fn signal(pid: u64, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).unwrap();
    kill_process(pid, signal).unwrap();
}

/// Whether the process runs; a zombie does not.
pub(crate) fn is_running(pid: u64) -> bool {
    // The command's name stands in brackets and may hold anything, a bracket too.
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        let (_, fields) = stat.rsplit_once(')').unwrap();
        !fields.trim_start().starts_with(['Z', 'X'])
    })
}
