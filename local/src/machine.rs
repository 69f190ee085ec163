//! Starting, stopping and finding an environment, from the command line's side.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use time::OffsetDateTime;

use crate::ports::Ports;
use crate::state::{Phase, State};
use crate::{
    LocalError, Machine, ProcessId, emulator, folders, launch, lock, postgres, process, supervisor,
};

/// How long all children together may take; the packages are installed before.
const START_TIMEOUT: Duration = Duration::from_mins(2);
/// How long a supervisor may take to end its children.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);
/// How often the state is read while waiting.
const GLANCE: Duration = Duration::from_millis(20);

/// Where an environment's servers listen, all on loopback.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Addresses {
    /// The emulator, for every AWS service but the Redshift Data API.
    pub endpoint_url: String,
    /// The Redshift Data API.
    pub data_api_url: String,
    /// PostgreSQL's host.
    pub postgres_host: String,
    /// PostgreSQL's port.
    pub postgres_port: u16,
    /// The port on which PostgreSQL is reached by TLS, at `localhost`.
    pub tls_port: u16,
    /// What the Data API takes as `ClusterIdentifier`.
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

/// What a start found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Started {
    /// It was running and still is.
    Running,
    /// The first start, or the first after `destroy`.
    Fresh,
    /// It had run before, and its data is gone with the emulator's memory.
    Recreated {
        /// What became of the run before.
        reason: String,
    },
    /// A newer build took over what was running; its data is still there.
    TakenOver,
}

/// Whether a part of the environment runs and answers.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize)]
pub struct Health {
    /// `supervisor`, `emulator`, `warehouse` or `data api`.
    pub process: &'static str,
    /// Its pid; the Data API server lives in the supervisor.
    pub pid: Option<u32>,
    /// Whether it answers.
    pub healthy: bool,
    /// What to look at when it does not.
    pub detail: Option<String>,
}

impl Machine {
    /// Starts the environment, or finds it running. Starting it again changes nothing.
    ///
    /// `program` is run as `program supervise NAME`; a supervisor of another `build` is replaced and
    /// its children, with their data, are kept where they fit.
    ///
    /// # Errors
    ///
    /// When another command starts or stops it, or a child does not get ready.
    pub fn start(
        &self,
        program: &Path,
        build: &str,
        told: impl Fn(&str),
    ) -> Result<Started, LocalError> {
        let _lock = self.lock_start()?;
        let before = State::read(self);
        let alive = before.as_ref().filter(|state| state.supervisor.is_alive());
        if alive.is_some_and(|state| state.build == build && state.phase == Phase::Ready) {
            return Ok(Started::Running);
        }
        crate::ensure_packages(&self.cache, &told)?;
        if let Some(state) = alive {
            told("replacing the supervisor of another build");
            state.supervisor.stop(Signal::HUP, STOP_TIMEOUT);
        }
        folders::make(&self.folder.join("log"))?;
        let supervisor = self.spawn_supervisor(program)?;
        let state = self.wait_ready(&supervisor)?;
        Ok(match before {
            None => Started::Fresh,
            Some(before) if before.data_since == state.data_since => Started::TakenOver,
            Some(before) => Started::Recreated {
                reason: match before.phase {
                    Phase::Broken { reason } => reason,
                    _ => "its processes ended".to_owned(),
                },
            },
        })
    }

    fn lock_start(&self) -> Result<lock::Lock, LocalError> {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            match lock::try_lock(&self.start_lock())? {
                Some(lock) => return Ok(lock),
                None if Instant::now() < deadline => std::thread::sleep(GLANCE),
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
        // Unlike the children it keeps our environment: proxies and certificates of the package index.
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
        let id =
            ProcessId::of(child.id()).ok_or_else(|| self.supervisor_failed("it ended at once"));
        std::thread::spawn(move || child.wait());
        id
    }

    fn wait_ready(&self, supervisor: &ProcessId) -> Result<State, LocalError> {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            let state = State::read(self).filter(|state| &state.supervisor == supervisor);
            match state {
                Some(state) if state.phase == Phase::Ready => return Ok(state),
                Some(State {
                    phase: Phase::Broken { reason },
                    ..
                }) => {
                    return Err(self.supervisor_failed(&reason));
                }
                _ if !supervisor.is_alive() => return Err(self.supervisor_failed("it ended")),
                _ if Instant::now() > deadline => {
                    return Err(self.supervisor_failed("not ready in 120 s"));
                }
                _ => std::thread::sleep(GLANCE),
            }
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

    /// Stops everything and removes the environment's folder. An absent environment is not an error:
    /// the answer tells whether there was one.
    ///
    /// # Errors
    ///
    /// When another command starts or stops it, or a file cannot be removed.
    pub fn destroy(&self) -> Result<bool, LocalError> {
        let lock = self.lock_start()?;
        let there = self.folder.exists();
        if let Some(state) = State::read(self) {
            state.supervisor.stop(Signal::TERM, STOP_TIMEOUT);
            supervisor::stop_children(self, &state);
        }
        for process in process::running_below(&self.folder) {
            process.stop(Signal::TERM, STOP_TIMEOUT);
        }
        folders::remove(&self.folder)?;
        let lock_file = self.start_lock();
        std::fs::remove_file(&lock_file).map_err(LocalError::file("remove", &lock_file))?;
        drop(lock);
        Ok(there)
    }

    /// Where the running environment listens.
    ///
    /// # Errors
    ///
    /// When it was never started or is not running, with the reason.
    pub fn addresses(&self) -> Result<Addresses, LocalError> {
        let state = State::read(self).ok_or_else(|| LocalError::Absent(self.name.clone()))?;
        match state.trouble() {
            None => Ok(Addresses::new(self, state.ports)),
            Some(reason) => Err(LocalError::NotRunning {
                name: self.name.clone(),
                reason,
            }),
        }
    }

    /// Since when the environment has its data.
    #[must_use]
    pub fn data_since(&self) -> Option<OffsetDateTime> {
        State::read(self).map(|state| state.data_since)
    }

    /// The admin's password in the local warehouse.
    ///
    /// # Errors
    ///
    /// When the environment was never started.
    pub fn postgres_password(&self) -> Result<String, LocalError> {
        postgres::password(self)
    }

    /// Keeps the analysts' password in a file that only its owner can read, in the form of `PGPASSFILE`.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn keep_analyst_password(&self, password: &str) -> Result<(), LocalError> {
        let lines: String = ["localhost", "127.0.0.1"]
            .map(|host| {
                let (database, user) = (postgres::DATABASE, postgres::ANALYST);
                format!("{host}:*:{database}:{user}:{password}\n")
            })
            .concat();
        folders::write_private(&self.analyst_pgpass(), &lines)
    }

    /// Whether each process runs and answers.
    pub async fn health(&self) -> Vec<Health> {
        let Some(state) = State::read(self) else {
            return Vec::new();
        };
        let supervised = state.supervisor.is_alive();
        let emulator = emulator::answers(state.ports.emulator, "/_ministack/health").await;
        let data_api = emulator::answers(state.ports.data_api, "/health").await;
        let postgres = tokio::net::TcpStream::connect(("127.0.0.1", state.ports.postgres))
            .await
            .is_ok();
        let health = |process, pid, healthy, log: &str| Health {
            process,
            pid,
            healthy,
            detail: (!healthy).then(|| {
                state
                    .trouble()
                    .unwrap_or_else(|| format!("see `{}`", self.log(log).display()))
            }),
        };
        let pid = |child: &Option<crate::state::Child>| child.as_ref().map(|child| child.id.pid);
        vec![
            health(
                "supervisor",
                Some(state.supervisor.pid),
                supervised,
                "supervisor",
            ),
            health("emulator", pid(&state.emulator), emulator, "emulator"),
            health("warehouse", pid(&state.postgres), postgres, "postgres"),
            health(
                "data api",
                Some(state.supervisor.pid),
                data_api,
                "supervisor",
            ),
        ]
    }
}
