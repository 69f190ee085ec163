//! Keeps one part of an environment running: starts it, watches it, and restarts it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use backoff::Backoff;
use rustix::process::Signal;

use crate::children::end_leftovers;
use crate::launch::Launch;
use crate::packages::Packages;
use crate::ports::Ports;
use crate::postgres::PgInstall;
use crate::shared::Shared;
use crate::state::{Child, Part, State};

use crate::{LocalError, Machine, data_api, emulator, failure, front, postgres};

/// The interval between two checks of a child process.
const WATCH: Duration = Duration::from_millis(500);
/// The longest backoff of a part that cannot start.
const LONGEST_BACKOFF: Duration = Duration::from_mins(1);
/// The backoff of a part that cannot start.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(500), LONGEST_BACKOFF);
/// The time that the emulator has to write its state before another build restarts it.
const REPLACE_GRACE: Duration = Duration::from_secs(90);

/// Everything that is needed to start the parts.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) shared: Arc<Shared>,
    pub(crate) ports: Ports,
    machine: Machine,
    install: PgInstall,
    emulator: Launch,
    postgres: Launch,
}

impl Parts {
    pub(crate) fn new(
        machine: &Machine,
        packages: &Packages,
        install: PgInstall,
        state: State,
    ) -> Self {
        let ports = state.ports;
        Self {
            emulator: emulator::launch(machine, &packages.python, ports),
            postgres: postgres::launch(machine, &install, ports),
            shared: Arc::new(Shared::new(machine.clone(), state)),
            ports,
            machine: machine.clone(),
            install,
        }
    }

    pub(crate) fn machine(&self) -> &Machine {
        &self.machine
    }

    fn launch(&self, part: Part) -> &Launch {
        match part {
            Part::Warehouse => &self.postgres,
            Part::Emulator | Part::DataApi => &self.emulator,
        }
    }

    /// Takes over the running child, or starts one on the existing data.
    fn begin(&self, part: Part) -> Result<Child, LocalError> {
        let launch = self.launch(part);
        if let Some(child) = self.shared.state().child(part) {
            if child.id.is_alive() && child.launch == launch.fingerprint() {
                return Ok(child.clone());
            }
            let signal = if part == Part::Warehouse {
                Signal::INT
            } else {
                Signal::TERM
            };
            child.id.stop(signal, REPLACE_GRACE);
        }
        let child = if part == Part::Warehouse {
            postgres::prepare(&self.machine, &self.install)?;
            postgres::spawn(launch)?
        } else {
            end_leftovers(&self.machine);
            emulator::prepare(&self.machine)?;
            launch.spawn()?
        };
        self.shared
            .update(|state| state.set_child(part, Some(child.clone())));
        Ok(child)
    }

    /// Waits until a child started by `begin` answers.
    async fn ready(&self, part: Part, child: &Child) -> Result<(), LocalError> {
        if part == Part::Warehouse {
            postgres::wait_ready(&self.postgres, &child.id).await?;
            return postgres::set_up(&self.machine, self.ports).await;
        }
        emulator::wait_ready(&self.emulator, &child.id, self.ports.emulator).await
    }

    /// Returns the child's log from byte `start` on.
    fn logged(&self, part: Part, start: u64) -> String {
        let log = std::fs::read(&self.launch(part).log).unwrap_or_default();
        let start = usize::try_from(start).unwrap_or(usize::MAX).min(log.len());
        String::from_utf8_lossy(&log[start..]).into_owned()
    }
}

/// Keeps a child process running. Never returns; it ends when its task is aborted.
pub(crate) async fn keep_running(part: Part, parts: Arc<Parts>) {
    let mut backoff = BACKOFF;
    loop {
        let begun = Instant::now();
        let log = &parts.launch(part).log;
        let start = std::fs::metadata(log).map_or(0, |metadata| metadata.len());
        let otherwise = match run(part, &parts).await {
            Ok(()) => format!("it exited; its log is `{}`", log.display()),
            Err(error) => chain(&error),
        };
        let logged = parts.logged(part, start);
        let reason = failure::reason(
            part,
            &logged,
            &otherwise,
            parts.machine.folder(),
            &part.ports(parts.ports),
        );
        parts.shared.failed(part, reason);
        rest(&mut backoff, begun, &parts.shared).await;
    }
}

/// Starts a child, and returns when it has ended.
async fn run(part: Part, parts: &Arc<Parts>) -> Result<(), LocalError> {
    let beginning = Arc::clone(parts);
    let child = tokio::task::spawn_blocking(move || beginning.begin(part))
        .await
        .map_err(LocalError::task)??;
    if let Err(error) = parts.ready(part, &child).await {
        let id = child.id.clone();
        // A child that hangs while it starts would hold its port and its data.
        tokio::task::spawn_blocking(move || id.stop(Signal::INT, WATCH))
            .await
            .map_err(LocalError::task)?;
        return Err(error);
    }
    parts.shared.up(part);
    while child.id.is_alive() {
        tokio::time::sleep(WATCH).await;
    }
    Ok(())
}

/// Serves the Data API and the TLS port whenever PostgreSQL runs. Never returns; it ends when its task is aborted.
pub(crate) async fn serve(parts: Arc<Parts>, identities: Arc<dyn redshift_local::Identities>) {
    let mut backoff = BACKOFF;
    loop {
        while !parts.shared.is_up(Part::Warehouse) {
            tokio::time::sleep(WATCH / 10).await;
        }
        let begun = Instant::now();
        let otherwise = match listen(&parts, Arc::clone(&identities)).await {
            Ok(()) => "it exited".to_owned(),
            Err(error) => chain(&error),
        };
        let reason = failure::reason(
            Part::DataApi,
            "",
            &otherwise,
            parts.machine.folder(),
            &Part::DataApi.ports(parts.ports),
        );
        parts.shared.failed(Part::DataApi, reason);
        rest(&mut backoff, begun, &parts.shared).await;
    }
}

async fn listen(
    parts: &Parts,
    identities: Arc<dyn redshift_local::Identities>,
) -> Result<(), LocalError> {
    // Dropped together with this future, which also ends the server.
    let (_stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let password = postgres::password(&parts.machine)?;
    let served = data_api::serve(&parts.machine, parts.ports, password, identities, async {
        let _ = stopped.await;
    })
    .await?;
    let certificate = front::prepare(&parts.machine)?;
    let door = front::serve(&certificate, parts.ports.tls, parts.ports.postgres).await?;
    let up = async {
        while !emulator::answers(parts.ports.data_api, "/health").await {
            tokio::time::sleep(WATCH / 10).await;
        }
        parts.shared.up(Part::DataApi);
        door.await;
    };
    tokio::select! {
        ended = served => ended,
        () = up => Ok(()),
    }
}

/// Waits before the next attempt. The backoff starts again after a run longer than its maximum.
async fn rest(backoff: &mut Backoff, begun: Instant, shared: &Shared) {
    if begun.elapsed() > LONGEST_BACKOFF {
        *backoff = BACKOFF;
    }
    tokio::select! {
        () = tokio::time::sleep(backoff.delay()) => {}
        () = shared.retried() => *backoff = BACKOFF,
    }
}

/// Formats an error and its causes as one line.
fn chain(error: &LocalError) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |error| error.source());
    causes.fold(
        error
            .to_string()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned(),
        |text, cause| format!("{text}: {cause}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_made_at_growing_distances_and_at_least_once_a_minute() {
        let mut backoff = BACKOFF;
        let waits: Vec<_> = (0..9).map(|_| backoff.delay().as_millis()).collect();
        assert_eq!(
            waits,
            [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]
        );
    }
}
