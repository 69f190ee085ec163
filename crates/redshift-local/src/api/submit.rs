//! `ExecuteStatement` and `BatchExecuteStatement`.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::error::ApiError;
use super::router::Api;
use super::shape::{self, BatchExecuteStatement, Connection, ExecuteStatement};
use super::validate::{self, SubmissionOptions};
use crate::Principal;
use crate::postgres::User;
use crate::sql::check_parameters;
use crate::statement::{
    Entry, Mode, Request, SessionError, SessionState, SessionView, Sessions, Submission,
    SubmitError, Target, now_ms,
};

pub(crate) async fn execute(
    api: &Api,
    caller: &Principal,
    request: ExecuteStatement,
) -> Result<Value, ApiError> {
    let sql = validate::required(request.sql, "sql")?;
    submit(api, caller, request.submission, vec![sql], None).await
}

pub(crate) async fn batch_execute(
    api: &Api,
    caller: &Principal,
    request: BatchExecuteStatement,
) -> Result<Value, ApiError> {
    let sqls = validate::required(request.sqls, "sqls")?;
    let mode = validate::mode(request.execution_mode.as_deref())?;
    submit(api, caller, request.submission, sqls, Some(mode)).await
}

/// Submits statements and returns at once or, if the request says so, waits until they have ended.
/// Idempotent for requests with the same client token.
async fn submit(
    api: &Api,
    caller: &Principal,
    submission: shape::Submission,
    sqls: Vec<String>,
    mode: Option<Mode>,
) -> Result<Value, ApiError> {
    validate::sqls(&sqls)?;
    let options = validate::submission(&submission)?;
    let wait = options.wait;
    check_parameters(&sqls, &options.parameters)?;
    let is_reused = submission.session_id.is_some();
    let request = request(api, caller, submission, sqls, options, mode).await?;
    let entry = register(api, request, is_reused)?;
    if !wait.is_zero() {
        entry.settled(wait).await;
    }
    Ok(answer(&entry))
}

/// Registers the request and starts it, unless its client token is known.
fn register(api: &Api, request: Request, is_reused: bool) -> Result<Arc<Entry>, SubmitError> {
    let sessions = &api.runner.sessions;
    let session = request.session.clone();
    let enter = |request: &Request| enter_session(sessions, request, is_reused);
    match api.runner.registry.submit(request, enter) {
        Ok(Submission::Known(entry)) => Ok(entry),
        Ok(Submission::New(entry)) => {
            api.runner.start(Arc::clone(&entry));
            Ok(entry)
        }
        Err(error) => {
            if let (SubmitError::Journal(_), Some(id)) = (&error, session) {
                sessions.release(&id, sessions.take(&id));
            }
            Err(error)
        }
    }
}

/// Builds the stored request, with the session that it uses or opens.
async fn request(
    api: &Api,
    caller: &Principal,
    submission: shape::Submission,
    sqls: Vec<String>,
    options: SubmissionOptions,
    mode: Option<Mode>,
) -> Result<Request, ApiError> {
    let owner = caller.key();
    let keep_alive_s = options.keep_alive_s;
    let (target, user) = match submission.session_id.as_deref() {
        // A repeated request is answered by its client token, even if its session is closed.
        Some(id) => session_target(api, id, &owner, submission.client_token.as_deref())?,
        None => connect_as(api, caller, &submission.connection).await?,
    };
    let opened = || (keep_alive_s > 0).then(|| Uuid::new_v4().to_string());
    Ok(Request {
        id: Uuid::new_v4().to_string(),
        owner,
        created_ms: now_ms(),
        name: submission.statement_name,
        token: submission.client_token,
        sqls,
        is_batch: mode.is_some(),
        mode: mode.unwrap_or_default(),
        parameters: options.parameters,
        format: options.format,
        target,
        user,
        session: submission.session_id.or_else(opened),
        keep_alive_s,
    })
}

/// Marks the session of the request as busy, or opens a new one.
fn enter_session(
    sessions: &Sessions,
    request: &Request,
    is_reused: bool,
) -> Result<(), SessionError> {
    let Some(session) = &request.session else {
        return Ok(());
    };
    if is_reused {
        let keep_alive_s = request.keep_alive_s;
        return sessions.claim(session, &request.owner, &request.id, keep_alive_s);
    }
    sessions.open(SessionView {
        id: session.clone(),
        owner: request.owner.clone(),
        target: request.target.clone(),
        user: request.user.clone(),
        state: SessionState::Busy,
        created_ms: request.created_ms,
        updated_ms: request.created_ms,
        keep_alive_s: request.keep_alive_s,
        statement: Some(request.id.clone()),
    })
}

fn session_target(
    api: &Api,
    id: &str,
    owner: &str,
    token: Option<&str>,
) -> Result<(Target, User), ApiError> {
    if let Some(known) = token.and_then(|token| api.runner.registry.by_token(owner, token)) {
        return Ok((known.request.target.clone(), known.request.user.clone()));
    }
    let session = api.runner.sessions.find(id, owner)?;
    Ok((session.target, session.user))
}

/// Determines the warehouse and the database user of a request.
///
/// # Errors
///
/// Returns [`ApiError`] if the warehouse does not exist, or if the caller may not connect as the
/// user.
pub(crate) async fn connect_as(
    api: &Api,
    caller: &Principal,
    connection: &Connection,
) -> Result<(Target, User), ApiError> {
    check_warehouse(api, connection)?;
    let database = validate::required(connection.database.clone(), "database")?;
    if connection.secret_arn.is_some() && connection.db_user.is_some() {
        return Err(ApiError::validation(
            "SecretArn and DbUser cannot be specified together",
        ));
    }
    let user = match (&connection.secret_arn, &connection.db_user) {
        (Some(secret), _) => sign_in(api, caller, secret).await?,
        (None, Some(name)) if *caller == Principal::Root => User::Named(name.clone()),
        (None, Some(name)) => return Err(ApiError::access_denied(name)),
        (None, None) => caller.database_user().map_or(User::Admin, User::Named),
    };
    let db_user = match &user {
        User::Admin => api.runner.database.admin_name().to_owned(),
        User::Named(name) => name.clone(),
    };
    let target = Target {
        cluster_identifier: connection.cluster_identifier.clone(),
        workgroup_name: connection.workgroup_name.clone(),
        database,
        secret_arn: connection.secret_arn.clone(),
        db_user,
    };
    Ok((target, user))
}

/// Checks that the request names the warehouse of this server.
fn check_warehouse(api: &Api, connection: &Connection) -> Result<(), ApiError> {
    let named = match (&connection.cluster_identifier, &connection.workgroup_name) {
        (Some(_), Some(_)) => {
            return Err(ApiError::validation(
                "ClusterIdentifier and WorkgroupName cannot be specified together",
            ));
        }
        (Some(name), None) | (None, Some(name)) => name,
        (None, None) => {
            return Err(ApiError::validation(
                "either ClusterIdentifier or WorkgroupName must be specified",
            ));
        }
    };
    if *named != api.cluster_identifier {
        return Err(ApiError::validation(
            "Redshift endpoint doesn't exist in this region.",
        ));
    }
    Ok(())
}

/// Returns the database user in the secret. The password is verified here, so it need not be stored
/// with the statement.
async fn sign_in(api: &Api, caller: &Principal, secret: &str) -> Result<User, ApiError> {
    let login = api.identities.login(caller, secret).await;
    let login = login.map_err(|error| ApiError::validation(error.to_string()))?;
    let database = &api.runner.database;
    let tried = database.try_password(&login).await;
    tried.map_err(|error| ApiError::validation(error.to_string()))?;
    if login.username == database.admin_name() {
        return Ok(User::Admin);
    }
    Ok(User::Named(login.username))
}

fn answer(entry: &Entry) -> Value {
    let request = &entry.request;
    let progress = entry.progress();
    let mut out = Map::new();
    out.insert("Id".to_owned(), json!(request.id));
    out.insert(
        "CreatedAt".to_owned(),
        super::describe::seconds(request.created_ms),
    );
    out.insert("DbGroups".to_owned(), json!([]));
    out.insert("Status".to_owned(), json!(progress.status.as_str()));
    super::describe::put_target(&mut out, &request.target);
    if let Some(session) = &request.session {
        out.insert("SessionId".to_owned(), json!(session));
    }
    if let Some(pid) = progress.pid {
        out.insert("RedshiftPid".to_owned(), json!(pid));
    }
    if progress.status.is_settled() {
        let has_result = progress.parts.iter().any(|part| part.has_result);
        out.insert("HasResultSet".to_owned(), json!(has_result));
    }
    Value::Object(out)
}
