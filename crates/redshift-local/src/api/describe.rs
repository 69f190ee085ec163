//! `DescribeStatement`, `CancelStatement` and `ListStatements`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::page::ListPosition;
use super::router::Api;
use super::shape::{ById, List};
use super::{page, validate};
use crate::Principal;
use crate::statement::{Entry, Filter, Mode, Part, Progress, ResultFormat, Status, Target};

/// Default and maximum number of statements on a page.
const PAGE: usize = 100;

/// Returns a timestamp in the protocol's format: seconds since 1970, with milliseconds.
pub(crate) fn seconds(ms: i64) -> Value {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a double holds milliseconds for 285,000 years"
    )]
    let seconds = ms as f64 / 1000.0;
    json!(seconds)
}

/// Adds the warehouse and the database user of a request.
pub(crate) fn put_target(out: &mut Map<String, Value>, target: &Target) {
    out.insert("Database".to_owned(), json!(target.database));
    out.insert("DbUser".to_owned(), json!(target.db_user));
    let optional = [
        ("ClusterIdentifier", &target.cluster_identifier),
        ("WorkgroupName", &target.workgroup_name),
        ("SecretArn", &target.secret_arn),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            out.insert(name.to_owned(), json!(value));
        }
    }
}

/// Returns the statement with this id if it belongs to the caller; the account's root sees all
/// statements.
pub(crate) fn find(api: &Api, caller: &Principal, id: &str) -> Result<Arc<Entry>, ApiError> {
    let found = api.runner.registry.get(id);
    found
        .filter(|entry| *caller == Principal::Root || entry.request.owner == caller.key())
        .ok_or_else(|| ApiError::not_found("Query does not exist.", id))
}

/// Describes a statement or a part of a batch.
pub(crate) async fn describe(
    api: &Api,
    caller: &Principal,
    request: ById,
) -> Result<Value, ApiError> {
    let (id, part) = validate::statement_id(request.id)?;
    let wait = validate::wait(request.wait_time_seconds)?;
    let entry = find(api, caller, &id)?;
    if !wait.is_zero() {
        entry.settled(wait).await;
    }
    match part {
        Some(number) => describe_part(&entry, number),
        None => Ok(describe_whole(&entry)),
    }
}

fn describe_whole(entry: &Entry) -> Value {
    let request = &entry.request;
    let progress = entry.progress();
    let mut out = common(entry);
    out.insert("Id".to_owned(), json!(request.id));
    out.insert("Status".to_owned(), json!(progress.status.as_str()));
    out.insert("CreatedAt".to_owned(), seconds(request.created_ms));
    out.insert("UpdatedAt".to_owned(), seconds(progress.updated_ms));
    out.insert("Duration".to_owned(), json!(progress.duration_ns));
    if let Some(error) = &progress.error {
        out.insert("Error".to_owned(), json!(error));
    }
    let has_result = progress.parts.iter().any(|part| part.has_result);
    out.insert("HasResultSet".to_owned(), json!(has_result));
    // A batch has the sums of its parts.
    let (rows, size, query_id) = match progress.parts.first().filter(|_| !request.is_batch) {
        Some(part) => (part.rows, part.size, part.query_id),
        None => (
            progress.sum(|part| part.rows),
            progress.sum(|part| part.size),
            0,
        ),
    };
    out.insert("ResultRows".to_owned(), json!(rows));
    out.insert("ResultSize".to_owned(), json!(size));
    out.insert("RedshiftQueryId".to_owned(), json!(query_id));
    out.insert(
        "RedshiftQueryUuid".to_owned(),
        json!(request.query_uuid(None).to_string()),
    );
    if request.is_batch {
        put_batch(&mut out, entry, &progress);
    } else {
        out.insert("QueryString".to_owned(), json!(request.sqls[0]));
    }
    Value::Object(out)
}

/// Adds the members that only batches have.
fn put_batch(out: &mut Map<String, Value>, entry: &Entry, progress: &Progress) {
    let mode = match entry.request.mode {
        Mode::Transaction => "TRANSACTION",
        Mode::AutoCommit => "AUTO_COMMIT",
    };
    out.insert("ExecutionMode".to_owned(), json!(mode));
    let parts = progress.parts.iter().enumerate();
    let parts: Vec<_> = parts
        .map(|(at, part)| Value::Object(sub(entry, at, part)))
        .collect();
    out.insert("SubStatements".to_owned(), json!(parts));
}

fn describe_part(entry: &Entry, number: usize) -> Result<Value, ApiError> {
    let progress = entry.progress();
    let part = progress
        .parts
        .get(number - 1)
        .filter(|_| entry.request.is_batch);
    let part = part.ok_or_else(|| {
        let id = format!("{}:{number}", entry.request.id);
        ApiError::not_found("Query does not exist.", &id)
    })?;
    let mut out = common(entry);
    out.extend(sub(entry, number - 1, part));
    Ok(Value::Object(out))
}

/// Returns the members that a statement and its parts have in common.
fn common(entry: &Entry) -> Map<String, Value> {
    let request = &entry.request;
    let mut out = Map::new();
    put_target(&mut out, &request.target);
    if let Some(pid) = entry.progress().pid {
        out.insert("RedshiftPid".to_owned(), json!(pid));
    }
    if !request.parameters.is_empty() {
        out.insert("QueryParameters".to_owned(), json!(request.parameters));
    }
    if let Some(session) = &request.session {
        out.insert("SessionId".to_owned(), json!(session));
    }
    out.insert("ResultFormat".to_owned(), format_name(request.format));
    out
}

fn format_name(format: ResultFormat) -> Value {
    json!(match format {
        ResultFormat::Json => "JSON",
        ResultFormat::Csv => "CSV",
    })
}

fn sub(entry: &Entry, at: usize, part: &Part) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert(
        "Id".to_owned(),
        json!(format!("{}:{}", entry.request.id, at + 1)),
    );
    out.insert("Status".to_owned(), json!(part.status.as_str()));
    out.insert("CreatedAt".to_owned(), seconds(part.created_ms));
    out.insert("UpdatedAt".to_owned(), seconds(part.updated_ms));
    out.insert("Duration".to_owned(), json!(part.duration_ns));
    out.insert("QueryString".to_owned(), json!(entry.request.sqls[at]));
    out.insert("ResultRows".to_owned(), json!(part.rows));
    out.insert("ResultSize".to_owned(), json!(part.size));
    out.insert("HasResultSet".to_owned(), json!(part.has_result));
    out.insert("RedshiftQueryId".to_owned(), json!(part.query_id));
    out.insert(
        "RedshiftQueryUuid".to_owned(),
        json!(entry.request.query_uuid(Some(at)).to_string()),
    );
    if let Some(error) = &part.error {
        out.insert("Error".to_owned(), json!(error));
    }
    out
}

/// Requests the cancellation of a statement, which may still finish. Fails if it has ended already.
pub(crate) fn cancel(api: &Api, caller: &Principal, request: ById) -> Result<Value, ApiError> {
    let (id, part) = validate::statement_id(request.id)?;
    if part.is_some() {
        return Err(ApiError::validation(
            "A part of a batch cannot be cancelled on its own",
        ));
    }
    let entry = find(api, caller, &id)?;
    let status = entry.progress().status;
    if status.is_settled() {
        return Err(ApiError::validation(format!(
            "Could not cancel a query that is already in {} state with ID: {id}",
            status.as_str()
        )));
    }
    entry.cancel.request();
    Ok(json!({"Status": true}))
}

/// Lists the caller's own statements, the latest first. Without a status, only finished ones.
pub(crate) fn list(api: &Api, caller: &Principal, request: &List) -> Result<Value, ApiError> {
    validate::list_target(request)?;
    let status = match request.status.as_deref() {
        None => Some(Status::Finished),
        Some("ALL") => None,
        Some(name) => Some(status(name)?),
    };
    let filter = Filter {
        owner: caller.key(),
        name_prefix: request.statement_name.clone(),
        status,
        cluster_identifier: request.cluster_identifier.clone(),
        workgroup_name: request.workgroup_name.clone(),
        database: request.database.clone(),
    };
    let found = api.runner.registry.list(&filter);
    let place = |entry: &Arc<Entry>| ListPosition {
        created_ms: entry.request.created_ms,
        id: entry.request.id.clone(),
    };
    let (entries, next) = page::paginate_latest("statements", found, place, request, PAGE)?;
    let statements: Vec<Value> = entries.iter().map(|entry| listed(entry)).collect();
    let mut out = json!({"Statements": statements});
    if let Some(next) = next {
        out["NextToken"] = json!(next);
    }
    Ok(out)
}

fn status(name: &str) -> Result<Status, ApiError> {
    let known = [
        Status::Submitted,
        Status::Picked,
        Status::Started,
        Status::Finished,
        Status::Aborted,
        Status::Failed,
    ];
    known
        .into_iter()
        .find(|status| status.as_str() == name)
        .ok_or_else(|| {
            let rule = "Member must satisfy enum value set: \
                    [SUBMITTED, PICKED, STARTED, FINISHED, ABORTED, FAILED, ALL]";
            validate::violation(name, "status", rule)
        })
}

fn listed(entry: &Entry) -> Value {
    let request = &entry.request;
    let progress = entry.progress();
    let mut out = json!({
        "Id": request.id,
        "Status": progress.status.as_str(),
        "CreatedAt": seconds(request.created_ms),
        "UpdatedAt": seconds(progress.updated_ms),
        "IsBatchStatement": request.is_batch,
        "ResultFormat": format_name(request.format),
    });
    if request.is_batch {
        out["QueryStrings"] = json!(request.sqls);
    } else {
        out["QueryString"] = json!(request.sqls[0]);
    }
    if !request.parameters.is_empty() {
        out["QueryParameters"] = json!(request.parameters);
    }
    let optional = [
        ("StatementName", &request.name),
        ("SecretArn", &request.target.secret_arn),
        ("SessionId", &request.session),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            out[name] = json!(value);
        }
    }
    out
}
