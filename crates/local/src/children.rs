//! The end of the supervisor's children.

use std::time::Duration;

use rustix::process::Signal;

use crate::state::State;
use crate::{Machine, process};

/// The time limit for a child to end if its data is not kept.
const GRACE: Duration = Duration::from_secs(5);

/// The time limit for the emulator to write its state, and for PostgreSQL to write its last checkpoint.
const KEEP_GRACE: Duration = Duration::from_secs(90);

/// Ends the children in `state`, and the functions that the emulator ran. With `keep`, the emulator writes its
/// state first; without it, the emulator is killed.
pub(crate) fn stop_children(machine: &Machine, state: &State, keep: bool) {
    if let Some(child) = &state.emulator {
        let (signal, grace) = if keep {
            (Signal::TERM, KEEP_GRACE)
        } else {
            (Signal::KILL, GRACE)
        };
        child.id.stop(signal, grace);
    }
    end_leftovers(machine);
    if let Some(child) = &state.postgres {
        // SIGINT is PostgreSQL's fast shutdown: it ends sessions and writes its data.
        child
            .id
            .stop(Signal::INT, if keep { KEEP_GRACE } else { GRACE });
    }
}

/// Ends what a dead emulator left running: functions, and a forked copy that still writes the state.
pub(crate) fn end_leftovers(machine: &Machine) {
    let folder = machine.emulator_folder();
    for process in process::working_in(&folder) {
        process.stop(Signal::KILL, Duration::ZERO);
    }
    for process in process::running_below(&folder) {
        process.stop(Signal::TERM, GRACE);
    }
}
