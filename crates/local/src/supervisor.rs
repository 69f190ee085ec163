//! The process that keeps an environment running after the command line has returned.
//!
//! Each part is kept by a task of its own ([`crate::keep`]), so that one that cannot start holds up no other.
//! The supervisor can be replaced: a newer build is told by SIGHUP to leave its children running, and takes
//! them over by pid and start time. SIGUSR1 has failed parts tried again at once. SIGTERM ends everything.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Signal;
use time::OffsetDateTime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

use crate::keep::{Kit, keep, serve};
use crate::machine::Addresses;
use crate::ports::Ports;
use crate::state::{Part, Phase, State};
use crate::{LocalError, Machine, ProcessId, analysts, folders, lock, packages, postgres, process};

/// How long a child may take to end by itself when its data is not to be kept.
const GRACE: Duration = Duration::from_secs(5);
/// How long the emulator may take to write its state, and PostgreSQL its last checkpoint.
const KEEP_GRACE: Duration = Duration::from_secs(90);
/// How often a state that could not be written is tried again.
const TICK: Duration = Duration::from_secs(1);

/// Keeps the environment running until it is told to stop.
///
/// `build` is what [`Machine::start`] compares; `identities` tells the Data API server who calls it.
/// A second supervisor of the same environment ends at once.
///
/// # Errors
///
/// When it cannot begin; the reason also stands in the environment's state. A part that cannot be started is
/// no error: it is tried again, and the state says why.
pub async fn supervise<F>(
    machine: Machine,
    build: String,
    pg_bin: Option<PathBuf>,
    identities: F,
) -> Result<(), LocalError>
where
    F: FnOnce(&Addresses) -> Arc<dyn redshift_local::Identities>,
{
    // Already the leader of a session when started by hand from one: then there is nothing to leave.
    let _ = rustix::process::setsid();
    folders::make(machine.folder())?;
    let Some(_lock) = lock::try_lock(&machine.supervisor_lock())? else {
        return Err(LocalError::Busy {
            name: machine.name.clone(),
            lock: machine.supervisor_lock(),
        });
    };
    let kit = begin(&machine, build, pg_bin).inspect_err(|error| note(&machine, error))?;
    let shared = Arc::clone(&kit.shared);
    let addresses = Addresses::new(&machine, kit.ports);
    let ended = watch(Arc::new(kit), identities(&addresses)).await?;
    if ended == Ending::Stop {
        let state = shared.state();
        tokio::task::spawn_blocking(move || stop_children(&machine, &state, true))
            .await
            .map_err(LocalError::task)?;
        shared.update(|state| {
            state.emulator = None;
            state.postgres = None;
            state.failures.clear();
            state.phase = Phase::Stopped;
        });
    }
    Ok(())
}

/// Why the supervisor stops.
#[derive(Debug, Eq, PartialEq)]
enum Ending {
    /// SIGTERM: end everything.
    Stop,
    /// SIGHUP: a newer build takes the children over.
    HandOver,
}

/// Reads what there is. Ends no child, whatever happens.
fn begin(machine: &Machine, build: String, pg_bin: Option<PathBuf>) -> Result<Kit, LocalError> {
    folders::make_private(&machine.folder().join("log"))?;
    let packages = packages::ensure(&machine.cache, |step| tracing::info!("{step}"))?;
    let install = postgres::find(pg_bin, Some(&packages.site))?;
    let supervisor = ProcessId::current().ok_or_else(|| {
        LocalError::file("read", std::path::Path::new("/proc/self/stat"))(
            std::io::ErrorKind::NotFound.into(),
        )
    })?;
    let state = match State::read(machine) {
        Some(state) => State {
            build,
            supervisor,
            phase: Phase::Starting,
            ..state
        },
        None => State {
            build,
            supervisor,
            ports: Ports::choose()?,
            emulator: None,
            postgres: None,
            phase: Phase::Starting,
            data_since: OffsetDateTime::now_utc(),
            persistent: true,
            failures: std::collections::BTreeMap::new(),
        },
    };
    state.write(machine)?;
    Ok(Kit::new(machine, &packages, install, state))
}

/// Leaves the reason for the person who asks, beside what else the state says.
fn note(machine: &Machine, error: &LocalError) {
    if let Some(mut state) = State::read(machine) {
        // The first line says what; the rest is the log, which the caller prints.
        let reason = error
            .to_string()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        state.phase = Phase::Broken { reason };
        // The log has it in any case.
        let _ = state.write(machine);
    }
}

/// Keeps the parts until a signal comes.
async fn watch(
    kit: Arc<Kit>,
    identities: Arc<dyn redshift_local::Identities>,
) -> Result<Ending, LocalError> {
    let listen = |kind| {
        signal(kind).map_err(LocalError::file(
            "listen for signals on",
            std::path::Path::new("this process"),
        ))
    };
    let (mut term, mut hang_up, mut again) = (
        listen(SignalKind::terminate())?,
        listen(SignalKind::hangup())?,
        listen(SignalKind::user_defined1())?,
    );
    let mut parts = JoinSet::new();
    parts.spawn(keep(Part::Emulator, Arc::clone(&kit)));
    parts.spawn(keep(Part::Warehouse, Arc::clone(&kit)));
    parts.spawn(serve(Arc::clone(&kit), identities));
    parts.spawn(analysts::guard(Arc::clone(&kit)));
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            _ = term.recv() => return Ok(Ending::Stop),
            _ = hang_up.recv() => return Ok(Ending::HandOver),
            _ = again.recv() => kit.shared.retry(),
            // A task that ends did so by a panic: without it a part would be kept no more.
            Some(ended) = parts.join_next() => ended.map_err(LocalError::task)?,
            _ = tick.tick() => kit.shared.write_again(),
        }
    }
}

/// Ends the children of a state, and the functions that the emulator ran. With `keep` the emulator writes its
/// state first; without, it is killed.
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
        // SIGINT is PostgreSQL's fast stop: it ends sessions and writes its data.
        child
            .id
            .stop(Signal::INT, if keep { KEEP_GRACE } else { GRACE });
    }
}

/// Ends what a dead emulator left: functions, and a copy that still writes its state.
pub(crate) fn end_leftovers(machine: &Machine) {
    let folder = machine.emulator_folder();
    for process in process::working_in(&folder) {
        process.stop(Signal::KILL, Duration::ZERO);
    }
    for process in process::running_below(&folder) {
        process.stop(Signal::TERM, GRACE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_supervisor_that_cannot_begin_leaves_the_reason_and_the_children_in_the_state() {
        let home = tempfile::tempdir().unwrap();
        let machine = crate::Folders {
            home: home.path().to_owned(),
            cache: home.path().to_owned(),
        }
        .machine("local");
        folders::make(machine.folder()).unwrap();
        let me = ProcessId::current().unwrap();
        let child = crate::state::Child {
            id: me.clone(),
            launch: "x".to_owned(),
        };
        let state = State {
            build: "1".to_owned(),
            supervisor: me,
            ports: Ports::choose().unwrap(),
            emulator: Some(child),
            postgres: None,
            phase: Phase::Ready,
            data_since: OffsetDateTime::now_utc(),
            persistent: true,
            failures: std::collections::BTreeMap::new(),
        };
        state.write(&machine).unwrap();
        note(&machine, &LocalError::NoPostgres);
        let state = State::read(&machine).unwrap();
        assert!(state.emulator.is_some());
        assert!(state.trouble().unwrap().contains("PostgreSQL 15"));
    }
}
