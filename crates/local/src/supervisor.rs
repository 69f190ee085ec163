//! The process that keeps an environment running after the command line has returned.
//!
//! Each part has its own task ([`crate::parts`]), so a part that cannot start does not delay the others. The
//! supervisor can be replaced: on SIGHUP it ends and leaves its children running, and a newer build takes them over
//! by pid and start time. On SIGUSR1, failed parts are retried immediately. On SIGTERM, everything ends.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

use crate::children::stop_children;
use crate::machine::Addresses;
use crate::parts::{Parts, keep_running, serve};
use crate::ports::Ports;
use crate::state::{Part, Phase, State};
use crate::{LocalError, Machine, ProcessId, analysts, folders, lock, packages, postgres};

/// The interval at which a failed write of the state is repeated.
const TICK: Duration = Duration::from_secs(1);

/// Keeps the environment running until a signal ends it.
///
/// [`Machine::start`] compares `build`. `identities` identifies the callers of the Data API server. A second
/// supervisor of the same environment ends immediately.
///
/// # Errors
///
/// Fails if it cannot start; the reason is also in the environment's state. A part that cannot start is not an
/// error: it is retried, and the state has the reason.
pub async fn supervise<F>(
    machine: Machine,
    build: String,
    pg_bin: Option<PathBuf>,
    identities: F,
) -> Result<(), LocalError>
where
    F: FnOnce(&Addresses) -> Arc<dyn redshift_local::Identities>,
{
    // Fails if it already leads a session, for example when it was started by hand. Then nothing has to be done.
    let _ = rustix::process::setsid();
    folders::make(machine.folder())?;
    let Some(_lock) = lock::try_lock(&machine.supervisor_lock())? else {
        return Err(LocalError::Busy {
            name: machine.name.clone(),
            lock: machine.supervisor_lock(),
        });
    };
    let parts = begin(&machine, build, pg_bin).inspect_err(|error| note(&machine, error))?;
    let shared = Arc::clone(&parts.shared);
    let addresses = Addresses::new(&machine, parts.ports);
    let ended = watch(Arc::new(parts), identities(&addresses)).await?;
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
    /// After SIGTERM: everything ends.
    Stop,
    /// After SIGHUP: a newer build takes over the children.
    HandOver,
}

/// Reads or creates the state. Never ends a child.
fn begin(machine: &Machine, build: String, pg_bin: Option<PathBuf>) -> Result<Parts, LocalError> {
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
    Ok(Parts::new(machine, &packages, install, state))
}

/// Stores the reason in the state, and keeps the rest of the state.
fn note(machine: &Machine, error: &LocalError) {
    if let Some(mut state) = State::read(machine) {
        // The first line is the error; the rest is the log, which the caller prints.
        let reason = error
            .to_string()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        state.phase = Phase::Broken { reason };
        // If this fails, the reason is still in the log.
        let _ = state.write(machine);
    }
}

/// Keeps the parts running until a signal arrives.
async fn watch(
    parts: Arc<Parts>,
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
    let mut tasks = JoinSet::new();
    tasks.spawn(keep_running(Part::Emulator, Arc::clone(&parts)));
    tasks.spawn(keep_running(Part::Warehouse, Arc::clone(&parts)));
    tasks.spawn(serve(Arc::clone(&parts), identities));
    tasks.spawn(analysts::guard(Arc::clone(&parts)));
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            _ = term.recv() => return Ok(Ending::Stop),
            _ = hang_up.recv() => return Ok(Ending::HandOver),
            _ = again.recv() => parts.shared.retry(),
            // A task ends only by a panic. Without it, nothing would keep its part running.
            Some(ended) = tasks.join_next() => ended.map_err(LocalError::task)?,
            _ = tick.tick() => parts.shared.write_again(),
        }
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
        assert!(state.unusable_reason().unwrap().contains("PostgreSQL 15"));
    }
}
