//! The stories' environments: one that most stories share, and separate ones for stories that break things.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{
    Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::programs;

/// The `stack` binary that cargo built.
pub(crate) const STACK: &str = env!("CARGO_BIN_EXE_stack");

/// An environment in its own home folder.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) name: &'static str,
    home: PathBuf,
}

/// A home folder that is destroyed when the test process ends, for whatever reason: a shell waits for the end of its
/// input, ignores Ctrl-C, then destroys the environments and unmounts what a story mounted there.
struct Home {
    folder: PathBuf,
    /// Keeps the shell's input open.
    _shell: Child,
}

impl Home {
    fn new(environments: &str) -> Self {
        let folder = TempDir::with_prefix("riverhouse-story-").unwrap().keep();
        // As root, PostgreSQL runs as another user, who must be able to enter the folder.
        std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        let shell = Command::new("sh")
            .args(["-c", r#"trap '' INT TERM HUP; cat >/dev/null; for name in $3; do "$1" destroy "$name" --yes; done; umount "$2"; rm -rf "$2""#, "sh", STACK])
            .arg(&folder)
            .arg(environments)
            .env("RIVERHOUSE_HOME", &folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            folder,
            _shell: shell,
        }
    }
}

impl Environment {
    /// Returns the shared environment. The first call deploys it.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<(Home, Environment)> = OnceLock::new();
        let (_, environment) = SHARED.get_or_init(|| {
            let home = Home::new("local");
            let environment = Self {
                name: "local",
                home: home.folder.clone(),
            };
            environment.deploy();
            (home, environment)
        });
        environment
    }

    /// Creates an environment for one story. Such stories run one after the other.
    pub(crate) fn own(name: &'static str) -> (Self, impl Sized) {
        static ONE: Mutex<()> = Mutex::new(());
        let turn: MutexGuard<'static, ()> = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let home = Home::new(name);
        (
            Self {
                name,
                home: home.folder.clone(),
            },
            (home, turn),
        )
    }

    /// Deploys the environment and returns the last event, which is the result.
    pub(crate) fn deploy(&self) -> Value {
        let events = self.stack(&["deploy", self.name, "--json"]);
        serde_json::from_str(events.lines().last().unwrap()).unwrap()
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.home.join(self.name)
    }

    /// Builds a `stack` command with these arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(STACK);
        command
            .args(arguments)
            .env("RIVERHOUSE_HOME", &self.home)
            .stdin(Stdio::null());
        command
    }

    /// Runs `stack` and accepts every exit code.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs `stack` and returns what it printed. Panics if it fails.
    pub(crate) fn stack(&self, arguments: &[&str]) -> String {
        printed(&self.run(arguments), &arguments.join(" "))
    }

    /// Runs `stack` and parses the JSON that it printed.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.stack(arguments)).unwrap()
    }

    /// Runs a shell line with the variables of `stack outputs --env`. Panics if it fails. `aws` and `psql` are
    /// available on every machine; signed HTTP requests use [`Environment::http`].
    pub(crate) fn shell(&self, line: &str) -> String {
        let exports = self.stack(&["outputs", self.name, "--env"]);
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &format!("{exports}{line}")])
            .env("PATH", programs::path())
            .output();
        printed(&output.unwrap(), line)
    }

    /// Returns the variables that `stack outputs --env` exports, as a shell evaluates them.
    pub(crate) fn exports(&self) -> Vec<(String, String)> {
        let printed = self.stack(&["outputs", self.name, "--env"]);
        let output = Command::new("bash")
            .args(["-euc", &format!("{printed}env -0")])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .output();
        let variables = crate::environment::printed(&output.unwrap(), "outputs --env");
        let pairs = variables.split_terminator('\0');
        pairs
            .filter_map(|pair| pair.split_once('='))
            .filter(|(name, _)| !["PATH", "PWD", "SHLVL", "_"].contains(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// Runs a query and returns its rows as JSON objects.
    pub(crate) fn query(&self, sql: &str) -> Vec<Value> {
        match self.json(&["query", sql, "--env", self.name, "--format", "json"]) {
            Value::Array(rows) => rows,
            other => panic!("{sql}: {other}"),
        }
    }

    pub(crate) fn status(&self) -> Value {
        let output = self.run(&["status", self.name, "--json"]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let status: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{stderr}"));
        let code = i32::from(status["healthy"] != true);
        assert_eq!(output.status.code(), Some(code), "{status}");
        status
    }

    /// Waits up to 60 s until `fits` accepts a value and returns it. Panics with the last value otherwise.
    pub(crate) fn wait_for<T: std::fmt::Debug>(
        &self,
        what: &str,
        look: impl Fn(&Self) -> T,
        fits: impl Fn(&T) -> bool,
    ) -> T {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let seen = look(self);
            if fits(&seen) {
                return seen;
            }
            assert!(
                Instant::now() < deadline,
                "waited 60 s for {what}; the last look gave {seen:?}"
            );
            std::thread::sleep(Duration::from_millis(300));
        }
    }
}

/// Returns the standard output of a command. Panics if it failed.
pub(crate) fn printed(output: &Output, what: &str) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "`{what}` ended with {}\n{stdout}\n{stderr}",
        output.status
    );
    stdout
}

/// Lets most stories use the shared environment concurrently, while a story that stops a stage has exclusive access.
static WAY: RwLock<()> = RwLock::new(());

pub(crate) fn beside_others() -> RwLockReadGuard<'static, ()> {
    WAY.read().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn alone() -> RwLockWriteGuard<'static, ()> {
    WAY.write().unwrap_or_else(PoisonError::into_inner)
}
