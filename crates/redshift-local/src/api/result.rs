//! `GetStatementResult` and `GetStatementResultV2`.

use serde_json::{Value, json};

use super::error::ApiError;
use super::router::Api;
use super::shape::ById;
use super::{describe, page, validate};
use crate::Principal;
use crate::postgres::{Column, Kind, is_case_sensitive, is_signed};
use crate::statement::{Entry, Mode, Page, ResultFormat, Status};

/// Returns a page of a result as typed fields.
pub(crate) async fn get(api: &Api, caller: &Principal, request: ById) -> Result<Value, ApiError> {
    let (page, mut out) = read(api, caller, request, ResultFormat::Json).await?;
    let records: Vec<Vec<Value>> = page
        .rows
        .iter()
        .map(|row| {
            row.iter()
                .zip(&page.columns)
                .map(|(value, column)| field(value.as_deref(), column.kind))
                .collect()
        })
        .collect();
    out["Records"] = json!(records);
    Ok(out)
}

/// Returns a page of a result as CSV, without a header: the columns are described separately.
pub(crate) async fn get_v2(
    api: &Api,
    caller: &Principal,
    request: ById,
) -> Result<Value, ApiError> {
    let (page, mut out) = read(api, caller, request, ResultFormat::Csv).await?;
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Necessary)
        .from_writer(Vec::new());
    for row in &page.rows {
        let fields = row.iter().map(|value| value.as_deref().unwrap_or_default());
        writer
            .write_record(fields)
            .map_err(|_| ApiError::internal())?;
    }
    let bytes = writer.into_inner().map_err(|_| ApiError::internal())?;
    let text = String::from_utf8(bytes).map_err(|_| ApiError::internal())?;
    out["Records"] = json!([{"CSVRecords": text}]);
    out["ResultFormat"] = json!("CSV");
    Ok(out)
}

/// Reads a page, and returns it with the members that both operations have in common.
async fn read(
    api: &Api,
    caller: &Principal,
    request: ById,
    format: ResultFormat,
) -> Result<(Page, Value), ApiError> {
    let (id, part) = validate::statement_id(request.id)?;
    let wait = validate::wait(request.wait_time_seconds)?;
    let entry = describe::find(api, caller, &id)?;
    if !wait.is_zero() {
        entry.settled(wait).await;
    }
    let at = part.map_or(0, |number| number - 1);
    let total = rows(&entry, part, at).ok_or_else(|| {
        ApiError::not_found(
            "Query does not have result. Please check query status with DescribeStatement.",
            &id,
        )
    })?;
    check_format(entry.request.format, format)?;
    let of = format!("{id}:{at}");
    let from = page::position(&of, request.next_token.as_deref())?;
    let page = api.runner.results.page(&id, at, from).map_err(|error| {
        tracing::error!(%error, id, "could not read a result");
        ApiError::internal()
    })?;
    let mut out = json!({
        "Records": [],
        "ColumnMetadata": page.columns.iter().map(metadata).collect::<Vec<_>>(),
        "TotalNumRows": total,
    });
    if let Some(next) = page.next {
        out["NextToken"] = json!(page::token(&of, next));
    }
    Ok((page, out))
}

/// Refuses an operation that returns another format than the statement was submitted with.
fn check_format(submitted: ResultFormat, requested: ResultFormat) -> Result<(), ApiError> {
    if submitted == requested {
        return Ok(());
    }
    let other = match requested {
        ResultFormat::Json => "GetStatementResultV2",
        ResultFormat::Csv => "GetStatementResult",
    };
    Err(ApiError::validation(format!(
        "The result format of the statement needs {other}"
    )))
}

/// Returns the number of rows of the result at index `at`, or `None` if there is no result.
fn rows(entry: &Entry, named: Option<usize>, at: usize) -> Option<i64> {
    let progress = entry.progress();
    let part = progress.parts.get(at)?;
    // In AUTO_COMMIT mode, a committed result exists even if other statements failed.
    let status = match entry.request.mode {
        Mode::Transaction => progress.status,
        Mode::AutoCommit => part.status,
    };
    let named_rightly = entry.request.is_batch == named.is_some();
    (named_rightly && part.has_result && status == Status::Finished).then_some(part.rows)
}

/// Returns a value as a member of the service's `Field` union.
fn field(value: Option<&str>, kind: Kind) -> Value {
    let Some(text) = value else {
        return json!({"isNull": true});
    };
    match kind {
        Kind::Boolean => json!({"booleanValue": text == "true"}),
        Kind::Long => match text.parse::<i64>() {
            Ok(number) => json!({"longValue": number}),
            Err(_) => json!({"stringValue": text}),
        },
        Kind::Double => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => json!({"doubleValue": number}),
            // The protocol represents these as the strings NaN, Infinity and -Infinity.
            _ => json!({"doubleValue": text}),
        },
        Kind::Text => json!({"stringValue": text}),
    }
}

/// Returns the `ColumnMetadata` of a column.
fn metadata(column: &Column) -> Value {
    json!({
        "isCaseSensitive": is_case_sensitive(&column.type_name),
        "isCurrency": false,
        "isSigned": is_signed(&column.type_name),
        "label": column.name,
        "name": column.name,
        "nullable": column.nullable,
        "precision": column.precision,
        "scale": column.scale,
        "schemaName": column.schema_name,
        "tableName": column.table_name,
        "typeName": column.type_name,
        "length": column.length,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_its_field_and_nothing_is_rounded() {
        assert_eq!(field(None, Kind::Long), json!({"isNull": true}));
        assert_eq!(
            field(Some("9223372036854775807"), Kind::Long),
            json!({"longValue": i64::MAX})
        );
        assert_eq!(
            field(Some("true"), Kind::Boolean),
            json!({"booleanValue": true})
        );
        assert_eq!(
            field(Some("0.1"), Kind::Double),
            json!({"doubleValue": 0.1})
        );
        assert_eq!(
            field(Some("NaN"), Kind::Double),
            json!({"doubleValue": "NaN"})
        );
        assert_eq!(
            field(Some("9747747.9340"), Kind::Text),
            json!({"stringValue": "9747747.9340"})
        );
    }
}
