//! The folders of local environments.

use std::path::{Path, PathBuf};

use crate::LocalError;

/// The folder of all local environments, and the cache that they share.
#[derive(Clone, Debug)]
pub struct Folders {
    /// Has one folder for each environment.
    pub home: PathBuf,
    /// Has the Python packages; `destroy` keeps it.
    pub cache: PathBuf,
}

impl Folders {
    /// Uses `RIVERHOUSE_HOME` and `RIVERHOUSE_CACHE`. Their defaults follow the XDG conventions; for root they are
    /// below `/var`, because PostgreSQL then runs as `nobody`, which cannot enter `/root`.
    ///
    /// # Errors
    ///
    /// Fails if neither `HOME` nor the variables are set.
    pub fn new(variable: impl Fn(&str) -> Option<PathBuf>) -> Result<Self, LocalError> {
        let set = |name: &str| variable(name).filter(|path| !path.as_os_str().is_empty());
        let place = |ours: &str, root: &str, base: &str, below_home: &str| {
            set(ours)
                .or_else(|| {
                    rustix::process::geteuid()
                        .is_root()
                        .then(|| PathBuf::from(root))
                })
                .or_else(|| set(base).map(|base| base.join("riverhouse")))
                .or_else(|| set("HOME").map(|home| home.join(below_home).join("riverhouse")))
                .ok_or(LocalError::NoHome(ours.to_owned()))
        };
        Ok(Self {
            home: place(
                "RIVERHOUSE_HOME",
                "/var/lib/riverhouse",
                "XDG_DATA_HOME",
                ".local/share",
            )?,
            cache: place(
                "RIVERHOUSE_CACHE",
                "/var/cache/riverhouse",
                "XDG_CACHE_HOME",
                ".cache",
            )?,
        })
    }

    /// Returns the environment `name` on this machine. Accesses no file.
    #[must_use]
    pub fn machine(&self, name: &str) -> Machine {
        Machine {
            name: name.to_owned(),
            folder: self.home.join(name),
            cache: self.cache.clone(),
        }
    }
}

/// An environment on this machine: its folder and its processes.
#[derive(Clone, Debug)]
pub struct Machine {
    pub name: String,
    pub(crate) folder: PathBuf,
    pub(crate) cache: PathBuf,
}

impl Machine {
    /// Returns the environment's folder, which has everything except the shared cache.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the log file of a process: `emulator`, `postgres` or `supervisor`.
    #[must_use]
    pub fn log(&self, of: &str) -> PathBuf {
        self.folder.join("log").join(format!("{of}.log"))
    }

    /// Returns the administrator's password file for `psql` (`PGPASSFILE`), readable by its owner only.
    #[must_use]
    pub fn pgpass(&self) -> PathBuf {
        self.folder.join("pgpass")
    }

    /// Returns the analysts' password file for `psql`, readable by its owner only.
    #[must_use]
    pub fn analyst_pgpass(&self) -> PathBuf {
        self.folder.join("tableau.pgpass")
    }

    /// Returns the certificate of the authority that signed the certificate of the TLS port: `sslrootcert`.
    #[must_use]
    pub fn certificate_authority(&self) -> PathBuf {
        self.tls_folder().join("ca.pem")
    }

    pub(crate) fn tls_folder(&self) -> PathBuf {
        self.folder.join("tls")
    }

    pub(crate) fn state_file(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    pub(crate) fn emulator_folder(&self) -> PathBuf {
        self.folder.join("emulator")
    }

    /// Returns the checkpoints of `stack stream`. Removed together with the data.
    #[must_use]
    pub fn streams_folder(&self) -> PathBuf {
        self.folder.join("streams")
    }

    pub(crate) fn postgres_folder(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    pub(crate) fn data_api_folder(&self) -> PathBuf {
        self.folder.join("redshift")
    }

    /// Returns the lock held while the environment is started or stopped. It is outside the folder, because `destroy`
    /// removes the folder.
    pub(crate) fn start_lock(&self) -> PathBuf {
        self.folder.with_extension("start.lock")
    }

    /// Returns the lock held by the supervisor while it runs.
    pub(crate) fn supervisor_lock(&self) -> PathBuf {
        self.folder.join("supervisor.lock")
    }
}

/// Creates `path` and its missing parents. If root creates them, other users may enter them whatever the umask,
/// because PostgreSQL then runs as another user.
pub(crate) fn make(path: &Path) -> Result<(), LocalError> {
    let missing: Vec<_> = path.ancestors().take_while(|path| !path.exists()).collect();
    std::fs::create_dir_all(path).map_err(LocalError::file("create", path))?;
    if rustix::process::geteuid().is_root() {
        for made in missing
            .into_iter()
            .filter(|made| !made.as_os_str().is_empty())
        {
            permit(made, 0o755)?;
        }
    }
    Ok(())
}

/// Creates `path` and its missing parents, and denies others access to `path`: logs and the emulator's data contain
/// customers' data.
pub(crate) fn make_private(path: &Path) -> Result<(), LocalError> {
    make(path)?;
    permit(path, 0o700)
}

fn permit(path: &Path, mode: u32) -> Result<(), LocalError> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
        .map_err(LocalError::file("set the permissions of", path))
}

/// Removes a file. Idempotent.
pub(crate) fn remove_file(path: &Path) -> Result<(), LocalError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(LocalError::file("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Removes `path` with everything below it. Idempotent.
pub(crate) fn remove(path: &Path) -> Result<(), LocalError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(LocalError::file("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Returns the size of all files below `path`, in bytes. Files that cannot be read are not counted.
pub(crate) fn bytes_below(path: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(path) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => bytes_below(&entry.path()),
            Ok(kind) if kind.is_file() => entry.metadata().map_or(0, |metadata| metadata.len()),
            _ => 0,
        })
        .sum()
}

/// Writes a file that only its owner can read.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), LocalError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let write = || {
        std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?
            .write_all(text.as_bytes())
    };
    write().map_err(LocalError::file("write", path))
}

/// Returns whether any data of the environment is on disk.
pub(crate) fn has_data(machine: &Machine) -> bool {
    let filled =
        |path: &Path| std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
    [machine.emulator_folder(), machine.postgres_folder()]
        .iter()
        .any(|folder| filled(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_win_over_every_default() {
        let folders = Folders::new(|name| {
            matches!(name, "RIVERHOUSE_HOME" | "RIVERHOUSE_CACHE").then(|| PathBuf::from(name))
        })
        .unwrap();
        assert_eq!(folders.home, PathBuf::from("RIVERHOUSE_HOME"));
        assert_eq!(folders.cache, PathBuf::from("RIVERHOUSE_CACHE"));
    }

    #[test]
    fn a_private_folder_is_closed_to_others_and_stays_so() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("local/log");
        make(&path).unwrap();
        for _ in 0..2 {
            make_private(&path).unwrap();
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
    }

    #[test]
    fn two_environments_share_nothing_but_the_cache() {
        let folders = Folders {
            home: "/h".into(),
            cache: "/c".into(),
        };
        let (one, two) = (folders.machine("local"), folders.machine("local-blue"));
        assert_ne!(one.folder(), two.folder());
        assert_ne!(one.start_lock(), two.start_lock());
        assert_eq!(one.cache, two.cache);
    }
}
