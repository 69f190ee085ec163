//! How a function's process lives: it wires itself, polls Lambda for events, and says why it cannot.

use std::process::ExitCode;

use lambda_runtime::Error;

use crate::logs;
use crate::settings::{Environment, LOG_LEVEL};

/// Runs `serve` with the process's environment on one thread, which is all that one event at a time needs.
///
/// Returns only when `serve` fails, with the cause logged as an error.
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
