//! `ListSessions`.

use serde_json::{Value, json};

use super::error::ApiError;
use super::router::Api;
use super::shape::List;
use super::{describe, page, validate};
use crate::Principal;
use crate::statement::{SessionState, SessionView};

/// Sessions on a page.
const PAGE: usize = 100;

/// The caller's sessions, the latest first; closed ones only when asked for.
pub(crate) fn list(api: &Api, caller: &Principal, request: &List) -> Result<Value, ApiError> {
    let wanted = match request.status.as_deref() {
        None => None,
        Some("AVAILABLE") => Some(SessionState::Available),
        Some("BUSY") => Some(SessionState::Busy),
        Some("CLOSED") => Some(SessionState::Closed),
        Some(other) => {
            let rule = "Member must satisfy enum value set: [AVAILABLE, BUSY, CLOSED]";
            return Err(validate::broken(other, "status", rule));
        }
    };
    let mut found = api.runner.sessions.list(&caller.key());
    found.retain(|session| {
        let by_id = request.session_id.as_ref().map(|id| session.id == *id);
        let by_state = match wanted {
            Some(state) => session.state == state,
            None => session.state != SessionState::Closed,
        };
        let by_database = request
            .database
            .as_ref()
            .is_none_or(|d| session.target.database == *d);
        by_id.unwrap_or(by_state && by_database)
    });
    let token = request.next_token.as_deref();
    let (sessions, next) = page::cut("sessions", found, token, request.max_results, PAGE)?;
    let mut out = json!({"Sessions": sessions.iter().map(listed).collect::<Vec<_>>()});
    if let Some(next) = next {
        out["NextToken"] = json!(next);
    }
    Ok(out)
}

fn listed(session: &SessionView) -> Value {
    let state = match session.state {
        SessionState::Available => "AVAILABLE",
        SessionState::Busy => "BUSY",
        SessionState::Closed => "CLOSED",
    };
    let mut out = serde_json::Map::new();
    out.insert("SessionId".to_owned(), json!(session.id));
    out.insert("Status".to_owned(), json!(state));
    out.insert(
        "CreatedAt".to_owned(),
        describe::seconds(session.created_ms),
    );
    out.insert(
        "UpdatedAt".to_owned(),
        describe::seconds(session.updated_ms),
    );
    out.insert(
        "SessionAliveSeconds".to_owned(),
        json!(session.keep_alive_s),
    );
    out.insert(
        "SessionTtl".to_owned(),
        describe::seconds(session.ends_ms()),
    );
    describe::put_target(&mut out, &session.target);
    out.remove("SecretArn");
    if let Some(statement) = &session.statement {
        out.insert("CurrentStatementId".to_owned(), json!(statement));
    }
    Value::Object(out)
}
