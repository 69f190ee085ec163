//! Lists the environments on this machine.

use ::local::Folders;

use super::Listed;

/// Lists the environments that have a folder, ordered by name. Skips environments that were never started, which have
/// no state.
///
/// # Errors
///
/// When the folder of environments cannot be read. If it does not exist, the list is empty.
pub fn on_machine(folders: &Folders) -> std::io::Result<Vec<Listed>> {
    let entries = match std::fs::read_dir(&folders.home) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut listed = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let machine = folders.machine(&name);
        let Some(since) = machine.data_since() else {
            continue;
        };
        listed.push(Listed {
            environment: name,
            target: "local".to_owned(),
            state: match machine.addresses() {
                Ok(_) => "running".to_owned(),
                Err(error) => error.to_string(),
            },
            since: Some(since),
            expires: None,
            stacks: std::collections::BTreeMap::new(),
        });
    }
    listed.sort_by(|one, other| one.environment.cmp(&other.environment));
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_state_is_no_environment() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("local")).unwrap();
        std::fs::write(home.path().join("local.start.lock"), "").unwrap();
        let folders = |home: &std::path::Path| Folders {
            home: home.to_owned(),
            cache: home.to_owned(),
        };
        assert_eq!(on_machine(&folders(home.path())).unwrap(), []);
        assert_eq!(
            on_machine(&folders(&home.path().join("absent"))).unwrap(),
            []
        );
    }
}
