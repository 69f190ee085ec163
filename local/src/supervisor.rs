//! The process that keeps an environment running after the command line has returned.
//!
//! It can be replaced: a newer build is told by SIGHUP to leave its children running, and takes them
//! over by pid and start time. SIGTERM ends everything.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Signal;
use time::OffsetDateTime;
use tokio::signal::unix::{SignalKind, signal};

use crate::launch::Launch;
use crate::machine::Addresses;
use crate::ports::Ports;
use crate::postgres::PgInstall;
use crate::state::{Child, Phase, State};
use crate::{
    LocalError, Machine, ProcessId, emulator, folders, front, lock, packages, postgres, process,
};

/// How often the children are looked at.
const WATCH: Duration = Duration::from_millis(500);
/// How long a child may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// Why the supervisor stops.
enum Ending {
    /// SIGTERM: end everything.
    Stop,
    /// SIGHUP: a newer build takes the children over.
    HandOver,
    /// The emulator died, and its state with it.
    Lost(String),
}

/// Keeps the environment running until it is told to stop.
///
/// `build` is what [`Machine::start`] compares; `identities` tells the Data API server who calls it.
/// A second supervisor of the same environment ends at once.
///
/// # Errors
///
/// When a child cannot be started; the reason also stands in the environment's state.
pub async fn supervise<F>(
    machine: Machine,
    build: String,
    pg_bin: Option<PathBuf>,
    identities: F,
) -> Result<(), LocalError>
where
    F: FnOnce(&Addresses) -> Arc<dyn redshift::Identities>,
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
    let mut supervisor = Supervisor::begin(machine, build, pg_bin)?;
    match supervisor.run(identities).await {
        Ok(Ending::HandOver) => Ok(()),
        Ok(Ending::Stop) => supervisor.end(None),
        Ok(Ending::Lost(reason)) => supervisor.end(Some(reason)),
        Err(error) => {
            // The first line says what; the rest is the log, which the caller prints.
            supervisor.end(error.to_string().lines().next().map(str::to_owned))?;
            Err(error)
        }
    }
}

struct Supervisor {
    machine: Machine,
    state: State,
    emulator: Launch,
    postgres: Launch,
    install: PgInstall,
}

impl Supervisor {
    /// Adopts what still runs as it should, and otherwise clears the way for a fresh start.
    fn begin(machine: Machine, build: String, pg_bin: Option<PathBuf>) -> Result<Self, LocalError> {
        folders::make(&machine.folder().join("log"))?;
        let packages = packages::ensure(&machine.cache, |step| tracing::info!("{step}"))?;
        let install = postgres::find(pg_bin, Some(&packages.site))?;
        let before = State::read(&machine);
        let supervisor = ProcessId::current().ok_or_else(|| {
            LocalError::file("read", std::path::Path::new("/proc/self/stat"))(
                std::io::ErrorKind::NotFound.into(),
            )
        })?;
        let launches = |ports| {
            (
                emulator::launch(&machine, &packages.python, ports),
                postgres::launch(&machine, &install, ports),
            )
        };
        if let Some(mut state) = before.clone() {
            let (emulator, postgres) = launches(state.ports);
            if runs(state.emulator.as_ref(), &emulator) {
                state
                    .postgres
                    .take_if(|child| !runs(Some(child), &postgres));
                let state = State {
                    build,
                    supervisor,
                    phase: Phase::Starting,
                    ..state
                };
                state.write(&machine)?;
                return Ok(Self {
                    machine,
                    state,
                    emulator,
                    postgres,
                    install,
                });
            }
        }
        clear(&machine, before.as_ref())?;
        let ports = Ports::choose(before.map(|state| state.ports))?;
        let (emulator, postgres) = launches(ports);
        let state = State {
            build,
            supervisor,
            ports,
            emulator: None,
            postgres: None,
            phase: Phase::Starting,
            data_since: OffsetDateTime::now_utc(),
        };
        state.write(&machine)?;
        Ok(Self {
            machine,
            state,
            emulator,
            postgres,
            install,
        })
    }

    /// Starts what is missing, serves the Data API, and watches.
    async fn run<F>(&mut self, identities: F) -> Result<Ending, LocalError>
    where
        F: FnOnce(&Addresses) -> Arc<dyn redshift::Identities>,
    {
        self.start_children().await?;
        let addresses = Addresses::new(&self.machine, self.state.ports);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let served = crate::data_api::serve(
            &self.machine,
            self.state.ports,
            postgres::password(&self.machine)?,
            identities(&addresses),
            async {
                // A dropped sender ends the server as well.
                let _ = stopped.await;
            },
        )
        .await?;
        let certificate = front::prepare(&self.machine)?;
        let ports = self.state.ports;
        let door = front::serve(&certificate, ports.tls, ports.postgres).await?;
        self.set_phase(Phase::Ready)?;
        let ending = tokio::select! {
            ending = self.watch(served) => ending,
            () = door => Ok(Ending::Stop),
        };
        drop(stop);
        ending
    }

    async fn start_children(&mut self) -> Result<(), LocalError> {
        let ports = self.state.ports;
        postgres::prepare(&self.machine, &self.install)?;
        emulator::prepare(&self.machine)?;
        if self.state.emulator.is_none() {
            self.state.emulator = Some(self.emulator.spawn()?);
        }
        if self.state.postgres.is_none() {
            self.state.postgres = Some(postgres::spawn(&self.postgres)?);
        }
        self.state.write(&self.machine)?;
        if let Some(child) = &self.state.postgres {
            postgres::wait_ready(&self.postgres, &child.id).await?;
        }
        postgres::set_up(&self.machine, ports).await?;
        if let Some(child) = &self.state.emulator {
            emulator::wait_ready(&self.emulator, &child.id, ports.emulator).await?;
        }
        Ok(())
    }

    /// Until a signal comes or the emulator dies. PostgreSQL is on disk, so it is just started again.
    async fn watch(
        &mut self,
        served: impl Future<Output = Result<(), LocalError>>,
    ) -> Result<Ending, LocalError> {
        let listen = |kind| {
            signal(kind).map_err(LocalError::file(
                "listen for signals on",
                std::path::Path::new("this process"),
            ))
        };
        let (mut term, mut hang_up) = (
            listen(SignalKind::terminate())?,
            listen(SignalKind::hangup())?,
        );
        let mut tick = tokio::time::interval(WATCH);
        tokio::pin!(served);
        loop {
            tokio::select! {
                _ = term.recv() => return Ok(Ending::Stop),
                _ = hang_up.recv() => return Ok(Ending::HandOver),
                ended = &mut served => {
                    ended?;
                    return Ok(Ending::Lost("the Redshift Data API server ended".to_owned()));
                }
                _ = tick.tick() => {}
            }
            if !self
                .state
                .emulator
                .as_ref()
                .is_some_and(|child| child.id.is_alive())
            {
                let log = self.machine.log("emulator");
                return Ok(Ending::Lost(format!(
                    "the emulator died and its data with it; its log is `{}`",
                    log.display()
                )));
            }
            if !self
                .state
                .postgres
                .as_ref()
                .is_some_and(|child| child.id.is_alive())
            {
                tracing::warn!("PostgreSQL died: starting it again on its data");
                let child = postgres::spawn(&self.postgres)?;
                postgres::wait_ready(&self.postgres, &child.id).await?;
                self.state.postgres = Some(child);
                self.state.write(&self.machine)?;
            }
        }
    }

    /// Stops the children; with a reason, the state keeps it for the person who asks.
    fn end(&mut self, reason: Option<String>) -> Result<(), LocalError> {
        stop_children(&self.machine, &self.state);
        self.state.emulator = None;
        self.state.postgres = None;
        let reason = reason.unwrap_or_else(|| "it was stopped".to_owned());
        self.set_phase(Phase::Broken { reason })
    }

    fn set_phase(&mut self, phase: Phase) -> Result<(), LocalError> {
        self.state.phase = phase;
        self.state.write(&self.machine)
    }
}

fn runs(child: Option<&Child>, launch: &Launch) -> bool {
    child.is_some_and(|child| child.id.is_alive() && child.launch == launch.fingerprint())
}

/// Ends what an earlier run left and removes its data: the emulator's state is gone, and a warehouse
/// that remembers loads of events that no lake holds would be a lie.
fn clear(machine: &Machine, before: Option<&State>) -> Result<(), LocalError> {
    if let Some(state) = before {
        stop_children(machine, state);
    }
    for process in process::running_below(machine.folder()) {
        process.stop(Signal::TERM, GRACE);
    }
    for folder in [
        machine.emulator_folder(),
        machine.postgres_folder(),
        machine.data_api_folder(),
    ] {
        folders::remove(&folder)?;
    }
    Ok(())
}

/// Ends the children of a state, and the functions that the emulator ran.
pub(crate) fn stop_children(machine: &Machine, state: &State) {
    if let Some(child) = &state.emulator {
        child.id.stop(Signal::TERM, GRACE);
    }
    for process in process::running_below(&machine.emulator_folder()) {
        process.stop(Signal::TERM, GRACE);
    }
    if let Some(child) = &state.postgres {
        // SIGINT is PostgreSQL's fast stop: it ends sessions and writes its data.
        child.id.stop(Signal::INT, GRACE);
    }
}
