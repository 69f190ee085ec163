//! `ListSessions`.

use serde_json::{Value, json};

use super::error::ApiError;
use super::page::ListPosition;
use super::router::Api;
use super::shape::List;
use super::{describe, page, validate};
use crate::Principal;
use crate::statement::{SessionState, SessionView};

/// Default and maximum number of sessions on a page.
const PAGE: usize = 100;

/// Lists the caller's sessions, the latest first. Without a status, only open ones.
pub(crate) fn list(api: &Api, caller: &Principal, request: &List) -> Result<Value, ApiError> {
    validate::list_target(request)?;
    let wanted = state(request.status.as_deref())?;
    let filtered = request.names_target() || wanted.is_some() || request.database.is_some();
    if request.session_id.is_some() && filtered {
        return Err(ApiError::validation(
            "When you provide SessionId, you can't specify Status, ClusterIdentifier, \
             WorkgroupName, or Database",
        ));
    }
    let mut found = api.runner.sessions.list(&caller.key());
    found.retain(|session| match &request.session_id {
        Some(id) => session.id == *id,
        None => {
            wanted.map_or(session.state != SessionState::Closed, |state| {
                session.state == state
            }) && session.target.matches(
                request.cluster_identifier.as_deref(),
                request.workgroup_name.as_deref(),
                request.database.as_deref(),
            )
        }
    });
    let place = |session: &SessionView| ListPosition {
        created_ms: session.created_ms,
        id: session.id.clone(),
    };
    let (sessions, next) = page::paginate_latest("sessions", found, place, request, PAGE)?;
    let mut out = json!({"Sessions": sessions.iter().map(listed).collect::<Vec<_>>()});
    if let Some(next) = next {
        out["NextToken"] = json!(next);
    }
    Ok(out)
}

fn state(name: Option<&str>) -> Result<Option<SessionState>, ApiError> {
    match name {
        None => Ok(None),
        Some("AVAILABLE") => Ok(Some(SessionState::Available)),
        Some("BUSY") => Ok(Some(SessionState::Busy)),
        Some("CLOSED") => Ok(Some(SessionState::Closed)),
        Some(other) => {
            let rule = "Member must satisfy enum value set: [AVAILABLE, BUSY, CLOSED]";
            Err(validate::violation(other, "status", rule))
        }
    }
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
