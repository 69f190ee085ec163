//! Checks that each process of an environment answers a real request within a time limit.

use std::time::Duration;

use serde::Serialize;
use time::OffsetDateTime;
use time::serde::rfc3339;
use tokio_postgres::NoTls;

use crate::state::{Part, State};
use crate::{Addresses, LocalError, Machine, ProcessId, emulator, postgres};

/// The time limit for an answer. A healthy process answers within milliseconds.
const LIMIT: Duration = Duration::from_secs(2);

/// Whether a process of the environment runs and answers.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Health {
    /// `supervisor`, `emulator`, `warehouse` or `data api`.
    pub process: &'static str,
    /// The process id; the Data API server runs inside the supervisor.
    pub pid: Option<u32>,
    /// Whether it answered.
    pub healthy: bool,
    /// Why it did not answer, and the next step.
    pub detail: Option<String>,
    /// Since when it does not run, if the supervisor knows.
    #[serde(with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub since: Option<OffsetDateTime>,
}

impl Machine {
    /// Checks every process: PostgreSQL with `SELECT 1`, the servers with their health check. Takes at most two
    /// seconds. Returns nothing if the environment was never started.
    pub async fn health(&self) -> Vec<Health> {
        let Some(state) = State::read(self) else {
            return Vec::new();
        };
        let (emulator, data_api, warehouse) = tokio::join!(
            emulator::answers(state.ports.emulator, "/_ministack/health"),
            emulator::answers(state.ports.data_api, "/health"),
            self.warehouse_answers(state.ports.postgres),
        );
        let supervisor = Health {
            process: "supervisor",
            pid: Some(state.supervisor.pid),
            healthy: state.supervisor.is_alive() && !state.supervisor.is_stopped(),
            detail: None,
            since: None,
        };
        let supervisor = match (supervisor.healthy, state.unusable_reason()) {
            (false, unusable_reason) => {
                failed(supervisor, unusable_reason, Some(&state.supervisor))
            }
            (true, _) => supervisor,
        };
        let part = |part, answers| self.part(&state, part, answers);
        vec![
            supervisor,
            part(Part::Emulator, emulator),
            part(Part::Warehouse, warehouse),
            part(Part::DataApi, data_api),
        ]
    }

    /// Returns why the environment cannot be used now; `None` if it can be used, or was never started.
    #[must_use]
    pub fn outage(&self) -> Option<String> {
        State::read(self)?.unusable_reason()
    }

    /// Returns the addresses of the environment, or those when it last ran: some parts may still answer.
    ///
    /// # Errors
    ///
    /// Fails if the environment was never started.
    pub fn last_addresses(&self) -> Result<Addresses, LocalError> {
        let state = State::read(self).ok_or_else(|| LocalError::Absent(self.name.clone()))?;
        Ok(Addresses::new(self, state.ports))
    }

    fn part(&self, state: &State, part: Part, healthy: bool) -> Health {
        let child = state.child(part).map(|child| &child.id);
        let failure = state.failures.get(&part);
        let health = Health {
            process: part.as_str(),
            pid: child.map_or(Some(state.supervisor.pid), |id| Some(id.pid)),
            healthy,
            detail: None,
            since: failure.map(|failure| failure.since),
        };
        if healthy {
            return health;
        }
        let reason = failure.map(|failure| failure.reason.clone());
        let log = match part {
            Part::Emulator => "emulator",
            Part::Warehouse => "postgres",
            Part::DataApi => "supervisor",
        };
        let otherwise = || {
            let log = self.log(log);
            format!(
                "no answer within {} s; its log is `{}`",
                LIMIT.as_secs(),
                log.display()
            )
        };
        let reason = reason
            .or_else(|| state.unusable_reason())
            .unwrap_or_else(otherwise);
        failed(health, Some(reason), child)
    }

    /// Returns whether PostgreSQL answers a query. A connection alone proves nothing, because a stopped process still
    /// accepts connections.
    async fn warehouse_answers(&self, port: u16) -> bool {
        let ask = async {
            let password = postgres::password(self).ok()?;
            let (client, connection) = tokio_postgres::Config::new()
                .host("127.0.0.1")
                .port(port)
                .user(postgres::ADMIN)
                .password(&password)
                .dbname(postgres::DATABASE)
                .connect(NoTls)
                .await
                .ok()?;
            let connection = tokio::spawn(connection);
            let answer = client.simple_query("SELECT 1").await.ok();
            drop(client);
            connection.abort();
            answer
        };
        matches!(tokio::time::timeout(LIMIT, ask).await, Ok(Some(_)))
    }
}

/// Marks a process as unhealthy. If a signal has stopped it, the detail has the command that continues it.
fn failed(mut health: Health, reason: Option<String>, process: Option<&ProcessId>) -> Health {
    let detail = match process.filter(|process| process.is_stopped()) {
        Some(process) => format!(
            "the process is stopped by a signal; `kill -CONT {}` continues it",
            process.pid
        ),
        None => reason.unwrap_or_else(|| "it does not answer".to_owned()),
    };
    health.healthy = false;
    health.detail = Some(detail);
    health
}
