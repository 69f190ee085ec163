//! Ctrl-C.

use std::process::ExitCode;

/// Exit code after Ctrl-C, by the convention of shells: 128 plus the number of SIGINT.
const EXIT_CODE: u8 = 130;

/// Returns the exit code of a command that Ctrl-C ended.
pub(super) fn exit_code() -> ExitCode {
    ExitCode::from(EXIT_CODE)
}

/// Completes on Ctrl-C. Never completes if the signal cannot be received.
pub(super) async fn ctrl_c() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
