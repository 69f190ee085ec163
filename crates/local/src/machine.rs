//! Starts, stops and finds an environment, for the command line.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use time::OffsetDateTime;

use crate::ports::Ports;
use crate::state::{Failure, Part, Phase, State};
use crate::{LocalError, Machine, ProcessId, children, emulator, folders, launch, lock, postgres};

/// The time limit for the start of all parts. The packages are installed before.
const START_TIMEOUT: Duration = Duration::from_mins(6);
/// The time limit for a supervisor to end its children, which write their data first.
const STOP_TIMEOUT: Duration = Duration::from_mins(4);
/// The number of failed attempts of a part after which a start fails. One failure can be an accident.
const FAILED_ATTEMPTS: u32 = 2;
/// The interval at which the state is read while waiting.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The addresses of an environment's servers, all on loopback.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Addresses {
    /// The emulator, for all AWS services except the Redshift Data API.
    pub endpoint_url: String,
    /// The Redshift Data API.
    pub data_api_url: String,
    pub postgres_host: String,
    pub postgres_port: u16,
    /// The port of PostgreSQL with TLS, on `localhost`.
    pub tls_port: u16,
    /// The `ClusterIdentifier` for the Data API.
    pub cluster_identifier: String,
}

impl Addresses {
    pub(crate) fn new(machine: &Machine, ports: Ports) -> Self {
        Self {
            endpoint_url: emulator::url(ports.emulator),
            data_api_url: emulator::url(ports.data_api),
            postgres_host: "127.0.0.1".to_owned(),
            postgres_port: ports.postgres,
            tls_port: ports.tls,
            cluster_identifier: format!("riverhouse-{}", machine.name),
        }
    }
}

/// The result of a start.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Started {
    /// It was already running.
    Running,
    /// The first start, or the first after `destroy`.
    Fresh,
    /// Its data was removed, as requested, and it was started empty.
    Recreated,
    /// It was stopped before, and was started on its existing data.
    Resumed,
    /// Another build took over the running environment with its data.
    TakenOver,
}

/// What a start does with existing data.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Data {
    /// Starts on the data, or fails.
    Keep,
    /// Removes the data and starts empty.
    Remove,
}

impl Machine {
    /// Starts the environment on its existing data. Does nothing if it is already running.
    ///
    /// Runs `program supervise NAME`. A supervisor of another `build` is replaced; its children are kept if they
    /// are still the right ones. Failed parts are retried immediately. `progress` receives messages about slow steps.
    ///
    /// # Errors
    ///
    /// Fails if another command is starting or stopping the environment, a part does not run, or the data cannot be
    /// used and may not be removed.
    pub fn start(
        &self,
        program: &Path,
        build: &str,
        data: Data,
        progress: impl Fn(&str),
    ) -> Result<Started, LocalError> {
        let _lock = self.lock_start()?;
        let removed = data == Data::Remove && self.remove_data(&progress)?;
        let before = State::read(self);
        self.refuse_loss(before.as_ref())?;
        let alive = before.as_ref().filter(|state| state.supervisor.is_alive());
        let ours = alive.filter(|state| state.build == build && !state.is_broken());
        if ours.is_some_and(|state| state.phase == Phase::Ready && state.failures.is_empty()) {
            return Ok(Started::Running);
        }
        let asked = OffsetDateTime::now_utc();
        let supervisor = if let Some(state) = ours {
            state.supervisor.signal(Signal::USR1);
            state.supervisor.clone()
        } else {
            crate::ensure_packages(&self.cache, &progress)?;
            if let Some(state) = alive {
                progress("replacing the supervisor of another build");
                state.supervisor.stop(Signal::HUP, STOP_TIMEOUT);
            }
            folders::make_private(&self.folder.join("log"))?;
            self.spawn_supervisor(program)?
        };
        self.wait_ready(&supervisor, asked)?;
        Ok(match (removed, before.is_some(), alive.is_some()) {
            (true, ..) => Started::Recreated,
            (_, false, _) => Started::Fresh,
            (_, _, false) => Started::Resumed,
            (_, _, true) => Started::TakenOver,
        })
    }

    /// Stops every process and keeps the data. Idempotent. Returns whether anything was running.
    ///
    /// # Errors
    ///
    /// Fails if the environment does not exist, or another command is starting or stopping it.
    pub fn stop(&self) -> Result<bool, LocalError> {
        if !self.folder.exists() {
            return Err(LocalError::Absent(self.name.clone()));
        }
        let _lock = self.lock_start()?;
        let Some(mut state) = State::read(self) else {
            return Ok(false);
        };
        let runs = |child: &Option<crate::state::Child>| {
            child.as_ref().is_some_and(|child| child.id.is_alive())
        };
        let ran = state.supervisor.is_alive() || runs(&state.emulator) || runs(&state.postgres);
        state.supervisor.stop(Signal::TERM, STOP_TIMEOUT);
        // A supervisor that was killed left its children running; one that was stopped left none.
        children::stop_children(self, &state, true);
        state = State::read(self).unwrap_or(state);
        state.emulator = None;
        state.postgres = None;
        state.phase = Phase::Stopped;
        state.write(self)?;
        Ok(ran)
    }

    pub(crate) fn lock_start(&self) -> Result<lock::Lock, LocalError> {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            match lock::try_lock(&self.start_lock())? {
                Some(lock) => return Ok(lock),
                None if Instant::now() < deadline => std::thread::sleep(POLL_INTERVAL),
                None => {
                    let lock = self.start_lock();
                    return Err(LocalError::Busy {
                        name: self.name.clone(),
                        lock,
                    });
                }
            }
        }
    }

    fn spawn_supervisor(&self, program: &Path) -> Result<ProcessId, LocalError> {
        let log = self.log("supervisor");
        let refused = |source| LocalError::Spawn {
            what: "the supervisor",
            program: program.to_owned(),
            source,
        };
        // Unlike the children, it inherits our environment variables: proxies and certificates for the package
        // index.
        let file = || {
            std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(&log)
        };
        let mut child = std::process::Command::new(program)
            .args(["supervise", &self.name])
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(file().map_err(refused)?)
            .stderr(file().map_err(refused)?)
            .spawn()
            .map_err(refused)?;
        let id = ProcessId::of(child.id())
            .ok_or_else(|| self.supervisor_failed("it exited immediately"));
        std::thread::spawn(move || child.wait());
        id
    }

    /// Waits until every part runs. Fails if a part has failed at least `FAILED_ATTEMPTS` times, the last time after `asked`.
    fn wait_ready(&self, supervisor: &ProcessId, asked: OffsetDateTime) -> Result<(), LocalError> {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            let state = State::read(self).filter(|state| &state.supervisor == supervisor);
            match state {
                Some(state) if state.phase == Phase::Ready && state.failures.is_empty() => {
                    return Ok(());
                }
                Some(state) if state.failed_since(asked, FAILED_ATTEMPTS) => {
                    return Err(self.parts_failed(&state));
                }
                Some(State {
                    phase: Phase::Broken { reason },
                    ..
                }) => {
                    return Err(self.supervisor_failed(&reason));
                }
                _ if !supervisor.is_alive() => return Err(self.supervisor_failed("it exited")),
                _ if Instant::now() > deadline => {
                    return Err(self.supervisor_failed("not ready in 6 min"));
                }
                _ => std::thread::sleep(POLL_INTERVAL),
            }
        }
    }

    fn parts_failed(&self, state: &State) -> LocalError {
        let line = |(part, failure): (&Part, &Failure)| {
            format!("{} does not run: {}", part.as_str(), failure.reason)
        };
        let lines: Vec<_> = state.failures.iter().map(line).collect();
        LocalError::PartsFailed {
            failures: lines.join("\n"),
            recreate: format!(
                "; if it cannot be repaired, `stack deploy {} --recreate` starts over and loses {}",
                self.name,
                self.losses()
            ),
        }
    }

    fn supervisor_failed(&self, reason: &str) -> LocalError {
        let log = self.log("supervisor");
        LocalError::NotReady {
            what: "the local environment",
            reason: reason.to_owned(),
            tail: launch::tail(&log),
            log,
        }
    }

    /// Returns the addresses of the running environment.
    ///
    /// # Errors
    ///
    /// Fails with the reason if the environment is not running or was never started.
    pub fn addresses(&self) -> Result<Addresses, LocalError> {
        let state = State::read(self).ok_or_else(|| LocalError::Absent(self.name.clone()))?;
        match state.unusable_reason() {
            None => Ok(Addresses::new(self, state.ports)),
            Some(reason) => Err(LocalError::NotRunning {
                name: self.name.clone(),
                reason,
            }),
        }
    }

    /// Returns the parts that do not run, with the reason and the time. Empty if all run, or none was started.
    #[must_use]
    pub fn failures(&self) -> Vec<(Part, Failure)> {
        State::read(self).map_or_else(Vec::new, |state| state.failures.into_iter().collect())
    }

    /// Makes the emulator write its state to disk now, instead of within some seconds. Returns `false` if it could
    /// not; the emulator then keeps trying.
    pub async fn save(&self) -> bool {
        match State::read(self) {
            Some(state) => emulator::save(self, state.ports.emulator).await,
            None => false,
        }
    }

    /// Returns when the environment's data was created.
    #[must_use]
    pub fn data_since(&self) -> Option<OffsetDateTime> {
        State::read(self).map(|state| state.data_since)
    }

    /// Writes the analysts' password to a file in the format of `PGPASSFILE`, which only its owner can read.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written.
    pub fn keep_analyst_password(&self, password: &str) -> Result<(), LocalError> {
        let lines: String = ["localhost", "127.0.0.1"]
            .map(|host| {
                let (database, user) = (postgres::DATABASE, postgres::ANALYST);
                format!("{host}:*:{database}:{user}:{password}\n")
            })
            .concat();
        folders::write_private(&self.analyst_pgpass(), &lines)
    }
}
