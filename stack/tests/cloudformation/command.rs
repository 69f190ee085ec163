//! The built command, with a home that has only the credentials of the scripted account.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

/// Returns the command `stack` without arguments. The process is killed when its handle is dropped.
pub(crate) fn stack(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stack"));
    command
        .env_clear()
        .env("HOME", home)
        .env("AWS_ACCESS_KEY_ID", "AKIDSCRIPTED")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}
