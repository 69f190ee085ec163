//! Enforces the limits of the analysts' database user.
//!
//! In PostgreSQL, users can change their own timeouts, `work_mem`, password and settings. The values set by `ALTER
//! ROLE` are therefore only defaults; this guard ends sessions that exceed the limits anyway. Users cannot change
//! their limits of connections and temporary files.

use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::{Client, Error};

use crate::parts::Parts;
use crate::postgres::{self, ANALYST, DATABASE};
use crate::state::Part;
use crate::{LocalError, Machine};

/// The interval between two checks of the sessions.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// The time after PostgreSQL's own timeout at which the guard ends a session.
const GRACE: Duration = Duration::from_secs(15);
/// The maximum number of connections, as in migration `0010_analyst_limits`.
const CONNECTIONS: i32 = 20;
/// The maximum private memory of each process of a session: 1 GB.
const MEMORY_BYTES: u64 = 1 << 30;
/// The maximum duration of a statement, as in the analysts' queue of a cluster.
const STATEMENT: Duration = Duration::from_mins(10);
/// The maximum time that a transaction may be idle.
const IDLE_IN_TRANSACTION: Duration = Duration::from_mins(10);
/// The maximum time that a session may be idle, as in migration `0010_analyst_limits`.
const IDLE: Duration = Duration::from_hours(1);

/// The settings of `ALTER ROLE`, as `pg_db_role_setting` shows them.
const SETTINGS: [(&str, &str); 4] = [
    ("statement_timeout", "10min"),
    ("idle_in_transaction_session_timeout", "10min"),
    ("idle_session_timeout", "1h"),
    ("temp_file_limit", "4GB"),
];

/// The sessions and their parallel workers. Ending the leader ends its workers.
const SESSIONS: &str = "
    SELECT pid, coalesce(leader_pid, pid), coalesce(state, ''),
           coalesce(extract(epoch FROM clock_timestamp() - query_start), 0)::float8,
           coalesce(extract(epoch FROM clock_timestamp() - state_change), 0)::float8
    FROM pg_stat_activity WHERE usename = $1";

/// A server process of an analyst's session.
#[derive(Clone, Debug, PartialEq)]
struct Session {
    /// The process to end: the session itself, or the leader of a parallel worker.
    leader: i32,
    state: String,
    /// The time since its statement began.
    statement: Duration,
    /// The time since its state changed.
    unchanged: Duration,
    /// Private memory.
    bytes: u64,
}

impl Session {
    /// Returns the exceeded limit.
    fn exceeded(&self) -> Option<&'static str> {
        let over = |time: Duration, limit: Duration| time > limit + GRACE;
        match self.state.as_str() {
            _ if self.bytes > MEMORY_BYTES => Some("memory"),
            "active" | "fastpath function call" => {
                over(self.statement, STATEMENT).then_some("duration of a statement")
            }
            "idle" => over(self.unchanged, IDLE).then_some("idle time"),
            state if state.starts_with("idle in transaction") => {
                over(self.unchanged, IDLE_IN_TRANSACTION).then_some("idle time in a transaction")
            }
            _ => None,
        }
    }
}

/// Enforces the limits whenever PostgreSQL runs. Never returns; it ends when its task is aborted.
pub(crate) async fn guard(parts: Arc<Parts>) {
    loop {
        if parts.shared.is_up(Part::Warehouse)
            && let Err(error) = watch(parts.machine(), parts.ports.postgres).await
        {
            tracing::warn!(%error, "cannot read the analysts' sessions");
        }
        tokio::time::sleep(CHECK_INTERVAL).await;
    }
}

/// Checks the sessions until PostgreSQL ends.
async fn watch(machine: &Machine, port: u16) -> Result<(), LocalError> {
    let client = postgres::connect(machine, port, DATABASE).await?;
    let mut tick = tokio::time::interval(CHECK_INTERVAL);
    while !client.is_closed() {
        tick.tick().await;
        let looked = async {
            restore(&client, machine).await?;
            end_excessive(&client).await
        };
        looked.await.map_err(|source| LocalError::Database {
            doing: "read the analysts' sessions",
            source,
        })?;
    }
    Ok(())
}

/// Restores the limits and the password of the role if they were changed. Does nothing if they are correct or the
/// role does not exist yet.
async fn restore(client: &Client, machine: &Machine) -> Result<(), Error> {
    let wanted: Vec<_> = SETTINGS
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let sql = "SELECT rolconnlimit = $2,
        ARRAY(SELECT unnest(setconfig) FROM pg_db_role_setting WHERE setrole = r.oid ORDER BY 1)
            = ARRAY(SELECT unnest($3::text[]) ORDER BY 1),
        $4::text IS NULL OR rolpassword IS NULL OR rolpassword = 'md5' || md5($4 || rolname)
        FROM pg_authid r WHERE rolname = $1";
    let password = password(machine);
    let found = client
        .query_opt(sql, &[&ANALYST, &CONNECTIONS, &wanted, &password])
        .await?;
    let Some(found) = found else { return Ok(()) };
    if !(found.get::<_, bool>(0) && found.get::<_, bool>(1)) {
        client.batch_execute(&defaults()).await?;
    }
    if let (false, Some(password)) = (found.get::<_, bool>(2), password) {
        tracing::warn!("the password of `{ANALYST}` was changed by hand and is reset");
        let sql = "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, 'md5' || md5($2 || $1))";
        let row = client.query_one(sql, &[&ANALYST, &password]).await?;
        client.batch_execute(row.get(0)).await?;
    }
    Ok(())
}

/// Returns the statements that set the limits of the role, whatever its current settings.
fn defaults() -> String {
    let settings =
        SETTINGS.map(|(name, value)| format!("ALTER ROLE {ANALYST} SET {name} = '{value}'; "));
    format!(
        "BEGIN; ALTER ROLE {ANALYST} CONNECTION LIMIT {CONNECTIONS}; ALTER ROLE {ANALYST} RESET ALL; \
         ALTER ROLE {ANALYST} IN DATABASE {DATABASE} RESET ALL; {}COMMIT",
        settings.concat()
    )
}

/// Returns the password set by `deploy`; `None` before the first deploy.
fn password(machine: &Machine) -> Option<String> {
    let file = std::fs::read_to_string(machine.analyst_pgpass()).ok()?;
    file.lines()
        .next()?
        .splitn(5, ':')
        .nth(4)
        .map(str::to_owned)
}

/// Ends the sessions that exceed a limit. Idempotent.
async fn end_excessive(client: &Client) -> Result<(), Error> {
    for row in client.query(SESSIONS, &[&ANALYST]).await? {
        let time = |at| Duration::try_from_secs_f64(row.get(at)).unwrap_or_default();
        let session = Session {
            leader: row.get(1),
            state: row.get(2),
            statement: time(3),
            unchanged: time(4),
            bytes: own_memory(row.get(0)),
        };
        if let Some(limit) = session.exceeded() {
            tracing::warn!("ending a session of `{ANALYST}` that exceeds a limit: {limit}");
            client
                .execute("SELECT pg_terminate_backend($1)", &[&session.leader])
                .await?;
        }
    }
    Ok(())
}

/// Returns the private memory of a process; 0 if the system does not report it.
fn own_memory(pid: i32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok())
        .unwrap_or(0)
        .saturating_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(state: &str, statement: Duration, unchanged: Duration, bytes: u64) -> Session {
        Session {
            leader: 1,
            state: state.to_owned(),
            statement,
            unchanged,
            bytes,
        }
    }

    #[test]
    fn a_session_is_ended_beyond_each_limit_and_not_before() {
        let none = Duration::ZERO;
        for (state, limit) in [
            ("active", STATEMENT),
            ("idle in transaction", IDLE_IN_TRANSACTION),
            ("idle in transaction (aborted)", IDLE_IN_TRANSACTION),
            ("idle", IDLE),
        ] {
            let after = |time| {
                let (statement, unchanged) = if state == "active" {
                    (time, none)
                } else {
                    (none, time)
                };
                session(state, statement, unchanged, 0).exceeded()
            };
            assert_eq!(after(limit + GRACE), None, "{state}");
            assert!(after(limit + GRACE * 2).is_some(), "{state}");
        }
        assert_eq!(session("active", none, none, MEMORY_BYTES).exceeded(), None);
        assert_eq!(
            session("active", none, none, MEMORY_BYTES + 1).exceeded(),
            Some("memory")
        );
    }

    #[test]
    fn a_long_statement_that_is_over_is_no_reason_to_end_its_session() {
        let hours = Duration::from_hours(5);
        assert_eq!(session("idle", hours, Duration::ZERO, 0).exceeded(), None);
    }

    #[test]
    fn the_memory_of_a_process_is_read() {
        let pid = i32::try_from(std::process::id()).unwrap();
        assert!(own_memory(pid) > 0);
        assert_eq!(own_memory(-1), 0);
    }
}
