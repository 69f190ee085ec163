//! Opens files and addresses with the desktop's program for them.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use anyhow::Context as _;

/// Opens `target`, a file or an address, in the browser.
pub(super) fn open(target: &OsStr) -> anyhow::Result<()> {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let shown = target.display();
    let status = Command::new(program)
        .arg(target)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| format!("cannot start `{program}`; open {shown} in a browser"))?;
    anyhow::ensure!(
        status.success(),
        "`{program}` failed; open {shown} in a browser"
    );
    Ok(())
}
