//! The Python packages: pinned, verified by hash, and installed once into a cache that environments share.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

use crate::{LocalError, folders, lock};

const REQUIREMENTS: &str = include_str!("../python/requirements.txt");
const BOOTSTRAP: &str = include_str!("../python/bootstrap.py");
const PIP: &str = "pip-26.3-py3-none-any.whl";
const PIP_SHA256: &str = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13";

/// An installed Python environment.
#[derive(Clone, Debug)]
pub struct Packages {
    pub python: PathBuf,
    pub site: PathBuf,
}

/// Installs the Python packages of an environment if they are not installed.
///
/// # Errors
///
/// Fails as [`ensure_of`].
pub fn ensure(cache: &Path, progress: impl Fn(&str)) -> Result<Packages, LocalError> {
    ensure_of(cache, REQUIREMENTS, progress)
}

/// Checks that [`ensure`] has a Python to work with. Fast, so that it can run before slow steps.
///
/// # Errors
///
/// Fails if the packages are not installed and Python is missing or older than 3.10.
pub fn check_python(cache: &Path) -> Result<(), LocalError> {
    let folder = cache.join(folder_name(REQUIREMENTS));
    if is_installed(&folder) {
        return Ok(());
    }
    check_interpreter()
}

/// Returns whether the packages are complete and their interpreter, a link to the Python that installed them, still
/// exists.
fn is_installed(folder: &Path) -> bool {
    folder.join("complete").exists() && folder.join("bin/python").exists()
}

/// `uv` finds or downloads a Python itself. Without it, the system's Python is used.
fn check_interpreter() -> Result<(), LocalError> {
    if has_uv() {
        return Ok(());
    }
    let asked = Command::new("python3")
        .args([
            "-c",
            "import sys; print('%d.%d' % sys.version_info[:2]); sys.exit(sys.version_info < (3, 10))",
        ])
        .output();
    let found = match asked {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => format!(
            "`python3` printed {}{}",
            String::from_utf8_lossy(&output.stdout).trim(),
            String::from_utf8_lossy(&output.stderr).trim()
        ),
        Err(error) => format!("`python3` cannot be started: {error}"),
    };
    Err(LocalError::NoPython { found })
}

fn has_uv() -> bool {
    Command::new("uv")
        .arg("--version")
        .output()
        .is_ok_and(|found| found.status.success())
}

/// Returns the name of the packages' folder, which has the hash of the requirements.
fn folder_name(requirements: &str) -> String {
    format!("python-{}", hex::encode(&Sha256::digest(requirements)[..8]))
}

/// Installs the packages of a pip requirements file with hashes if they are not installed.
///
/// The folder's name has the hash of the requirements. A folder is marked as complete at the end, so an interrupted
/// install is repeated. Concurrent installs wait for each other. `progress` receives messages about slow steps.
///
/// # Errors
///
/// Fails if Python is missing or older than 3.10, or a package cannot be downloaded or has another hash.
pub fn ensure_of(
    cache: &Path,
    requirements: &str,
    progress: impl Fn(&str),
) -> Result<Packages, LocalError> {
    let name = folder_name(requirements);
    let folder = cache.join(&name);
    if !is_installed(&folder) {
        folders::make(cache).map_err(|source| LocalError::Cache {
            path: cache.to_owned(),
            source: Box::new(source),
        })?;
        let lock_file = cache.join(format!("{name}.lock"));
        let mut waiting = false;
        let _lock = loop {
            match lock::try_lock(&lock_file)? {
                Some(lock) => break lock,
                None if !waiting => progress("waiting for another install of the Python packages"),
                None => {}
            }
            waiting = true;
            std::thread::sleep(std::time::Duration::from_millis(200));
        };
        if !is_installed(&folder) {
            check_interpreter()?;
            progress("installing the Python packages (once; about 10 s)");
            install(&folder, requirements)?;
        }
    }
    let site = site_packages(&folder)?;
    Ok(Packages {
        python: folder.join("bin/python"),
        site,
    })
}

/// Installs into `folder`. A virtual environment contains its own path, so it is created in place and marked when
/// it is complete.
fn install(folder: &Path, requirements: &str) -> Result<(), LocalError> {
    folders::remove(folder)?;
    let _umask = OpenUmask::set();
    if has_uv() {
        install_with_uv(folder, requirements)?;
    } else {
        install_with_pip(folder, requirements)?;
    }
    let complete = folder.join("complete");
    std::fs::write(&complete, requirements).map_err(LocalError::file("write", &complete))
}

/// Sets root's umask so that the user that runs PostgreSQL can read what root installs. Restores it when dropped.
struct OpenUmask(Option<rustix::fs::Mode>);

impl OpenUmask {
    fn set() -> Self {
        let root = rustix::process::geteuid().is_root();
        Self(root.then(|| rustix::process::umask(rustix::fs::Mode::from_bits_truncate(0o022))))
    }
}

impl Drop for OpenUmask {
    fn drop(&mut self) {
        if let Some(before) = self.0 {
            rustix::process::umask(before);
        }
    }
}

fn install_with_uv(folder: &Path, requirements: &str) -> Result<(), LocalError> {
    run(
        "uv venv",
        Command::new("uv")
            .args(["venv", "--quiet", "--python", ">=3.10"])
            .arg(folder),
    )?;
    let requirements = requirements_file(folder, requirements)?;
    run(
        "uv pip install",
        Command::new("uv")
            .args([
                "pip",
                "install",
                "--quiet",
                "--require-hashes",
                // The requirements name every package.
                "--no-deps",
                "--only-binary",
                ":all:",
            ])
            .arg("--python")
            .arg(folder.join("bin/python"))
            .arg("--requirements")
            .arg(requirements),
    )
}

/// Python on Debian and Ubuntu has no ensurepip, so a pinned pip runs from its wheel.
fn install_with_pip(folder: &Path, requirements: &str) -> Result<(), LocalError> {
    run(
        "python3 -m venv",
        Command::new("python3")
            .args(["-m", "venv", "--without-pip"])
            .arg(folder),
    )?;
    let python = folder.join("bin/python");
    let requirements = requirements_file(folder, requirements)?;
    let script = folder.join("bootstrap.py");
    std::fs::write(&script, BOOTSTRAP).map_err(LocalError::file("write", &script))?;
    run(
        "fetching pip",
        Command::new(&python)
            .arg(&script)
            .args([PIP, PIP_SHA256])
            .arg(folder),
    )?;
    run(
        "pip install",
        Command::new(&python)
            .arg(folder.join(PIP).join("pip"))
            .args([
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-input",
            ])
            .args([
                "--require-hashes",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--requirement",
            ])
            .arg(requirements),
    )
}

fn requirements_file(folder: &Path, requirements: &str) -> Result<PathBuf, LocalError> {
    let path = folder.join("requirements.txt");
    std::fs::write(&path, requirements).map_err(LocalError::file("write", &path))?;
    Ok(path)
}

fn run(step: &str, command: &mut Command) -> Result<(), LocalError> {
    let failed = |output: String| LocalError::Packages {
        step: step.to_owned(),
        output,
    };
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if status.success() {
        return Ok(());
    }
    Err(failed(format!(
        "{}{}",
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr)
    )))
}

fn site_packages(folder: &Path) -> Result<PathBuf, LocalError> {
    let lib = folder.join("lib");
    let entries = std::fs::read_dir(&lib).map_err(LocalError::file("read", &lib))?;
    entries
        .flatten()
        .map(|entry| entry.path().join("site-packages"))
        .find(|site| site.is_dir())
        .ok_or_else(|| {
            LocalError::file("find site-packages in", &lib)(std::io::ErrorKind::NotFound.into())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_whose_python_is_gone_are_installed_again() {
        let folder = tempfile::tempdir().unwrap();
        let (python, link) = (
            folder.path().join("python3"),
            folder.path().join("bin/python"),
        );
        std::fs::create_dir(folder.path().join("bin")).unwrap();
        std::fs::write(folder.path().join("complete"), "").unwrap();
        std::fs::write(&python, "").unwrap();
        std::os::unix::fs::symlink(&python, link).unwrap();
        assert!(is_installed(folder.path()));
        std::fs::remove_file(python).unwrap();
        assert!(!is_installed(folder.path()));
    }

    #[test]
    fn pip_is_fetched_from_the_index_that_pip_itself_would_use() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("bootstrap.py"), BOOTSTRAP).unwrap();
        let conf = folder.path().join("pip.conf");
        std::fs::write(&conf, "[global]\nindex-url = https://mirror.test/simple\n").unwrap();
        let index = |variables: &[(&str, &Path)]| {
            let output = Command::new("python3")
                .args(["-B", "-c", "import bootstrap; print(bootstrap.index_url())"])
                .env_clear()
                .env("PATH", std::env::var_os("PATH").unwrap())
                .env("PYTHONPATH", folder.path())
                .envs(variables.iter().copied())
                .output()
                .unwrap();
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        let null = Path::new("/dev/null");
        let other = Path::new("https://other.test");
        assert_eq!(
            index(&[("PIP_CONFIG_FILE", null)]),
            "https://pypi.org/simple"
        );
        assert_eq!(
            index(&[("PIP_CONFIG_FILE", &conf)]),
            "https://mirror.test/simple"
        );
        assert_eq!(
            index(&[("PIP_CONFIG_FILE", &conf), ("PIP_INDEX_URL", other)]),
            "https://other.test"
        );
    }
}
