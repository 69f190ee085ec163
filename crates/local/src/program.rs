//! The emulator's program: MiniStack with our extensions, written into the environment's folder.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::{LocalError, Machine, folders};

const FILES: [(&str, &str); 4] = [
    (
        "__main__.py",
        include_str!("../python/emulator/__main__.py"),
    ),
    ("bounds.py", include_str!("../python/emulator/bounds.py")),
    ("disk.py", include_str!("../python/emulator/disk.py")),
    ("gate.py", include_str!("../python/emulator/gate.py")),
];

/// Returns the folder of the program. Its name has a hash of the content, so another content is another launch.
pub(crate) fn folder(machine: &Machine) -> PathBuf {
    let mut sha = Sha256::new();
    for (name, text) in FILES {
        sha.update(name);
        sha.update([0]);
        sha.update(text);
    }
    let hash = hex::encode(&sha.finalize()[..8]);
    machine.emulator_folder().join(format!("program-{hash}"))
}

/// Writes the program. Idempotent.
pub(crate) fn write(machine: &Machine) -> Result<(), LocalError> {
    let folder = folder(machine);
    folders::make(&folder)?;
    for (name, text) in FILES {
        let path = folder.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|there| there == text) {
            continue;
        }
        std::fs::write(&path, text).map_err(LocalError::file("write", &path))?;
    }
    Ok(())
}
