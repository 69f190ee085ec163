//! The lifecycle of a function's process: it builds its parts, polls Lambda for events, and logs why it cannot start.

use std::process::ExitCode;

use lambda_runtime::Error;

use crate::logs;
use crate::settings::{Environment, LOG_LEVEL};

/// Runs `serve` with the process's environment. One thread is enough, because a function handles one event at a time.
///
/// Returns only if `serve` fails, and logs the cause as an error.
pub fn main(serve: impl AsyncFnOnce(Environment) -> Result<(), Error>) -> ExitCode {
    let environment = Environment::of_process();
    logs::start(environment.optional(LOG_LEVEL).as_deref());
    let done = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::from)
        .and_then(|runtime| runtime.block_on(serve(environment)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(
                cause = logs::chain(error.as_ref()),
                "the function cannot run"
            );
            ExitCode::FAILURE
        }
    }
}
