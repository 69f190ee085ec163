//! Opens environments by name or file.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::EnvironmentError;
use super::name::EnvironmentName;
use super::read::read;
use super::settings::{Environment, Profile};

/// The environments that are built into the program.
const BUILT_IN: [(&str, &str); 4] = [
    ("local", include_str!("../../environments/local.yaml")),
    ("dev", include_str!("../../environments/dev.yaml")),
    ("ci", include_str!("../../environments/ci.yaml")),
    ("prod", include_str!("../../environments/prod.yaml")),
];

impl Environment {
    /// Returns the names of the built-in environments.
    #[must_use]
    pub fn known() -> [&'static str; 4] {
        BUILT_IN.map(|(name, _)| name)
    }

    /// Opens an environment. `asked` is the name of a built-in one, the path of a file, or a name such as
    /// `local-blue` for another environment on this machine with the settings of `local`.
    ///
    /// # Errors
    ///
    /// Fails if there is no such environment, or its file cannot be read or is not valid.
    pub fn load(asked: &str) -> Result<Self, EnvironmentError> {
        if let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == asked) {
            let environment = read(&format!("{name}.yaml"), text)?;
            return Ok(environment.with_lock_beside(&built_in_file(name)));
        }
        let path = Path::new(asked);
        if asked.contains(std::path::MAIN_SEPARATOR) || path.extension().is_some() || path.is_file()
        {
            let text = fs::read_to_string(path).map_err(|source| EnvironmentError::Unreadable {
                path: path.to_owned(),
                source,
            })?;
            return Ok(read(asked, &text)?.with_lock_beside(path));
        }
        if asked.starts_with("local-") {
            return asked
                .parse()
                .map(Self::local)
                .map_err(|source| EnvironmentError::BadName {
                    asked: asked.to_owned(),
                    source,
                })?;
        }
        let known = BUILT_IN.map(|(name, _)| format!("`{name}`")).join(", ");
        Err(EnvironmentError::Unknown {
            asked: asked.to_owned(),
            known,
        })
    }

    /// Sets the lock of a production environment: `shop.lock.yaml` for `shop.yaml`.
    fn with_lock_beside(mut self, file: &Path) -> Self {
        let locked = self.profile == Profile::Production;
        self.lock = locked.then(|| file.with_extension("lock.yaml"));
        self
    }

    /// Returns the name or file path of the environment with this lock.
    pub(crate) fn asked_for(lock: &Path) -> String {
        let file = lock.with_extension("").with_extension("yaml");
        let known = Self::known().into_iter();
        let known = known
            .map(ToOwned::to_owned)
            .find(|name| built_in_file(name) == file);
        known.unwrap_or_else(|| file.display().to_string())
    }

    /// Returns `local` with another name.
    fn local(name: EnvironmentName) -> Result<Self, EnvironmentError> {
        let mut environment = Self::load("local")?;
        environment
            .tags
            .insert("environment".to_owned(), name.to_string());
        environment.name = name;
        Ok(environment)
    }
}

/// Returns the file of a built-in environment in the source tree.
fn built_in_file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("environments");
    folder.join(name).with_extension("yaml")
}
