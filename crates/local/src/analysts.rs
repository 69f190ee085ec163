//! The limits of the analysts' login.
//!
//! PostgreSQL lets any user lift a timeout and raise `work_mem` for a session, change its own password and keep
//! settings of its own. So what `ALTER ROLE` sets are defaults, and this guard ends a session that goes beyond
//! them all the same. Only the limits of connections and of temporary files cannot be lifted by the user.

use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::{Client, Error};

use crate::keep::Kit;
use crate::postgres::{self, ANALYST, DATABASE};
use crate::state::Part;
use crate::{LocalError, Machine};

/// How often sessions are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How long after PostgreSQL's own timeout the guard ends a session.
const GRACE: Duration = Duration::from_secs(15);
/// The most connections at once; the same number is in migration `0010_analyst_limits`.
const CONNECTIONS: i32 = 20;
/// The most that a session's processes may hold in memory of their own, each: 1 GB.
const MEMORY_BYTES: u64 = 1 << 30;
/// How long a statement may run; on a cluster the queue of analysts has the same limit.
const STATEMENT: Duration = Duration::from_mins(10);
/// How long a transaction may stay open with nothing to do.
const IDLE_IN_TRANSACTION: Duration = Duration::from_mins(10);
/// How long a session may have nothing to do; the same as in migration `0010_analyst_limits`.
const IDLE: Duration = Duration::from_hours(1);

/// What `ALTER ROLE` sets, as `pg_db_role_setting` shows it.
const SETTINGS: [(&str, &str); 4] = [
    ("statement_timeout", "10min"),
    ("idle_in_transaction_session_timeout", "10min"),
    ("idle_session_timeout", "1h"),
    ("temp_file_limit", "4GB"),
];

/// Sessions and their parallel workers, whose end is that of their leader.
const SESSIONS: &str = "
    SELECT pid, coalesce(leader_pid, pid), coalesce(state, ''),
           coalesce(extract(epoch FROM clock_timestamp() - query_start), 0)::float8,
           coalesce(extract(epoch FROM clock_timestamp() - state_change), 0)::float8
    FROM pg_stat_activity WHERE usename = $1";

/// A process that works for an analyst.
#[derive(Clone, Debug, PartialEq)]
struct Session {
    /// The process that is ended for it.
    leader: i32,
    state: String,
    /// Since its statement began.
    statement: Duration,
    /// Since it has this state.
    unchanged: Duration,
    /// Memory of its own.
    bytes: u64,
}

impl Session {
    /// The limit that it has gone beyond.
    fn exceeded(&self) -> Option<&'static str> {
        let over = |time: Duration, limit: Duration| time > limit + GRACE;
        match self.state.as_str() {
            _ if self.bytes > MEMORY_BYTES => Some("memory"),
            "active" | "fastpath function call" => {
                over(self.statement, STATEMENT).then_some("time of a statement")
            }
            "idle" => over(self.unchanged, IDLE).then_some("time without a statement"),
            state if state.starts_with("idle in transaction") => {
                over(self.unchanged, IDLE_IN_TRANSACTION)
                    .then_some("time without a statement in a transaction")
            }
            _ => None,
        }
    }
}

/// Keeps analysts within their limits for ever, while PostgreSQL runs. It ends only with the task.
pub(crate) async fn guard(kit: Arc<Kit>) {
    loop {
        if kit.shared.is_up(Part::Warehouse)
            && let Err(error) = watch(kit.machine(), kit.ports.postgres).await
        {
            tracing::warn!(%error, "the analysts' sessions could not be looked at");
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Looks until PostgreSQL ends.
async fn watch(machine: &Machine, port: u16) -> Result<(), LocalError> {
    let client = postgres::connect(machine, port, DATABASE).await?;
    let mut tick = tokio::time::interval(LOOK);
    while !client.is_closed() {
        tick.tick().await;
        let looked = async {
            restore(&client, machine).await?;
            end_excessive(&client).await
        };
        looked.await.map_err(|source| LocalError::Database {
            doing: "look at the analysts' sessions",
            source,
        })?;
    }
    Ok(())
}

/// Sets what the role shall have where it has something else. Changes nothing when all is as it should be, or the
/// role is not there yet.
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
        tracing::warn!("the password of `{ANALYST}` was changed by hand and is set back");
        let sql = "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, 'md5' || md5($2 || $1))";
        let row = client.query_one(sql, &[&ANALYST, &password]).await?;
        client.batch_execute(row.get(0)).await?;
    }
    Ok(())
}

/// The statements that set a role's limits, whatever it has.
fn defaults() -> String {
    let settings =
        SETTINGS.map(|(name, value)| format!("ALTER ROLE {ANALYST} SET {name} = '{value}'; "));
    format!(
        "BEGIN; ALTER ROLE {ANALYST} CONNECTION LIMIT {CONNECTIONS}; ALTER ROLE {ANALYST} RESET ALL; \
         ALTER ROLE {ANALYST} IN DATABASE {DATABASE} RESET ALL; {}COMMIT",
        settings.concat()
    )
}

/// The password that `deploy` set; `None` before the first.
fn password(machine: &Machine) -> Option<String> {
    let file = std::fs::read_to_string(machine.analyst_pgpass()).ok()?;
    file.lines()
        .next()?
        .splitn(5, ':')
        .nth(4)
        .map(str::to_owned)
}

/// Ends the sessions that are beyond a limit. Ending one twice is no error.
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
            tracing::warn!(
                "a session of `{ANALYST}` is ended: it went beyond its limit of {limit}"
            );
            client
                .execute("SELECT pg_terminate_backend($1)", &[&session.leader])
                .await?;
        }
    }
    Ok(())
}

/// The memory that a process shares with no other; 0 where the system does not tell.
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
