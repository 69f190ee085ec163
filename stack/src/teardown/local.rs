//! Destroys an environment on this machine.

use std::time::Instant;

use ::local::Machine;

use super::{Destroyed, TeardownError};
use crate::progress::Progress;

/// Ends all processes of the environment on this machine and removes its folder; the package cache is kept.
/// Idempotent: an absent environment is not an error.
///
/// # Errors
///
/// Fails if another command is starting or stopping the environment, or a file cannot be removed.
pub async fn destroy_local(
    machine: &Machine,
    progress: &Progress,
) -> Result<Destroyed, TeardownError> {
    let begun = Instant::now();
    let step = progress.step(format!("machine `{}`", machine.name));
    let ours = machine.clone();
    let there = tokio::task::spawn_blocking(move || ours.destroy())
        .await
        .map_err(|error| TeardownError::Remove {
            path: machine.folder().to_owned(),
            source: std::io::Error::other(error),
        })??;
    let outcome = if there { "destroyed" } else { "absent" };
    step.done(outcome);
    Ok(Destroyed {
        environment: machine.name.clone(),
        outcome,
        seconds: begun.elapsed().as_secs_f64(),
        ..Destroyed::default()
    })
}
