//! Starting, stopping and finding an environment, from the command line's side.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use time::OffsetDateTime;

use crate::ports::Ports;
use crate::state::{Failure, Part, Phase, State};
use crate::{
    LocalError, Machine, ProcessId, emulator, folders, keep, launch, lock, postgres, process,
    supervisor,
};

/// How long all parts together may take; the packages are installed before.
const START_TIMEOUT: Duration = Duration::from_mins(6);
/// How long a supervisor may take to end its children, which write their data first.
const STOP_TIMEOUT: Duration = Duration::from_mins(4);
/// How often a part must have failed before a start gives up on it: once may be an accident.
const FAILED: u32 = 2;
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
    /// Its data was removed, as was asked for, and it was begun anew.
    Recreated,
    /// It had been stopped, and runs on the data that it had.
    Resumed,
    /// Another build took over what was running; its data is still there.
    TakenOver,
}

/// What a start does with data that is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Data {
    /// Starts on it, or refuses.
    Keep,
    /// Removes it, and begins anew.
    Remove,
}

impl Machine {
    /// Starts the environment on the data that it has, or finds it running. Starting it again changes nothing.
    ///
    /// `program` is run as `program supervise NAME`; a supervisor of another `build` is replaced and its
    /// children are kept where they fit. Parts that failed are tried again at once.
    ///
    /// # Errors
    ///
    /// When another command starts or stops it, a part does not run, or its data is of no use and may not be removed.
    pub fn start(
        &self,
        program: &Path,
        build: &str,
        data: Data,
        told: impl Fn(&str),
    ) -> Result<Started, LocalError> {
        let _lock = self.lock_start()?;
        let removed = data == Data::Remove && self.remove_data(&told)?;
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
            crate::ensure_packages(&self.cache, &told)?;
            if let Some(state) = alive {
                told("replacing the supervisor of another build");
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

    /// Stops every process and keeps the data. A stopped or absent environment is not an error: the answer tells
    /// whether anything ran.
    ///
    /// # Errors
    ///
    /// When another command starts or stops it.
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
        // A supervisor that was killed left its children; one that was stopped left none.
        supervisor::stop_children(self, &state, true);
        state = State::read(self).unwrap_or(state);
        state.emulator = None;
        state.postgres = None;
        state.phase = Phase::Stopped;
        state.write(self)?;
        Ok(ran)
    }

    /// Removes the data of an environment and what runs on it, and says first what that is.
    fn remove_data(&self, told: &impl Fn(&str)) -> Result<bool, LocalError> {
        if !self.folder.exists() {
            return Ok(false);
        }
        told(&format!(
            "removing the data of `{}`: {}",
            self.name,
            self.losses()
        ));
        self.end_everything();
        for folder in [
            self.emulator_folder(),
            self.postgres_folder(),
            self.data_api_folder(),
            self.streams_folder(),
        ] {
            folders::remove(&folder)?;
        }
        folders::remove_file(&self.state_file())?;
        Ok(true)
    }

    /// Refuses to begin where the data cannot be taken up again.
    fn refuse_loss(&self, before: Option<&State>) -> Result<(), LocalError> {
        let why = match before {
            Some(state) if state.persistent => return Ok(()),
            Some(_) => "an older build made it and keeps the lake in memory alone",
            None if keep::has_data(self) => "its `state.json` is missing or cannot be read",
            None => return Ok(()),
        };
        Err(LocalError::WouldLose {
            name: self.name.clone(),
            why: why.to_owned(),
            loss: self.losses(),
            folder: self.folder.clone(),
        })
    }

    /// What the environment has on disk, for the person who decides whether it may go.
    fn losses(&self) -> String {
        let megabytes = |folder: &Path| folders::bytes_below(folder) / 1_000_000;
        format!(
            "the lake, tables, stream and queues ({} MB) and the warehouse ({} MB)",
            megabytes(&self.emulator_folder()),
            megabytes(&self.postgres_folder())
        )
    }

    /// Ends the supervisor and its children without writing anything.
    fn end_everything(&self) {
        if let Some(state) = State::read(self) {
            state.supervisor.stop(Signal::KILL, Duration::ZERO);
            supervisor::stop_children(self, &state, false);
        }
        for process in process::running_below(&self.folder) {
            process.stop(Signal::TERM, Duration::from_secs(5));
        }
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

    /// Waits until every part runs; one that failed again since `asked` ends the wait.
    fn wait_ready(&self, supervisor: &ProcessId, asked: OffsetDateTime) -> Result<(), LocalError> {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            let state = State::read(self).filter(|state| &state.supervisor == supervisor);
            match state {
                Some(state) if state.phase == Phase::Ready && state.failures.is_empty() => {
                    return Ok(());
                }
                Some(state) if state.failed_since(asked, FAILED) => {
                    return Err(self.parts_failed(&state));
                }
                Some(State {
                    phase: Phase::Broken { reason },
                    ..
                }) => {
                    return Err(self.supervisor_failed(&reason));
                }
                _ if !supervisor.is_alive() => return Err(self.supervisor_failed("it ended")),
                _ if Instant::now() > deadline => {
                    return Err(self.supervisor_failed("not ready in 6 min"));
                }
                _ => std::thread::sleep(GLANCE),
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
                "; when it cannot be repaired, `stack deploy {} --recreate` begins anew and loses {}",
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

    /// Stops everything and removes the environment's folder. An absent environment is not an error:
    /// the answer tells whether there was one.
    ///
    /// # Errors
    ///
    /// When another command starts or stops it, or a file cannot be removed.
    pub fn destroy(&self) -> Result<bool, LocalError> {
        let lock = self.lock_start()?;
        let there = self.folder.exists();
        self.end_everything();
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

    /// The parts that do not run, with the reason and since when. Empty when all run or none was started.
    #[must_use]
    pub fn failures(&self) -> Vec<(Part, Failure)> {
        State::read(self).map_or_else(Vec::new, |state| state.failures.into_iter().collect())
    }

    /// Has the emulator write its state to disk now, instead of within some seconds. Doing it again writes it again.
    /// `false` when it could not; it then keeps trying by itself.
    pub async fn save(&self) -> bool {
        match State::read(self) {
            Some(state) => emulator::save(self, state.ports.emulator).await,
            None => false,
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
}
