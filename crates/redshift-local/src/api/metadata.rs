//! `ListDatabases`, `ListSchemas`, `ListTables` and `DescribeTable`: queries of the catalog as the
//! caller's database user.

use serde_json::{Value, json};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::error::ApiError;
use super::router::Api;
use super::shape::Metadata;
use super::{page, submit};
use crate::Principal;
use crate::postgres::{ColumnType, explain, is_case_sensitive, is_signed};
use crate::sql::SCHEMA;

/// Default and maximum number of items on a page.
const PAGE: usize = 1_000;

pub(crate) async fn databases(
    api: &Api,
    caller: &Principal,
    mut request: Metadata,
) -> Result<Value, ApiError> {
    let fallback = || api.runner.database.name().to_owned();
    request.connection.database.get_or_insert_with(fallback);
    let sql = "SELECT datname::text FROM pg_catalog.pg_database WHERE datallowconn \
               AND NOT datistemplate ORDER BY 1";
    let rows = ask(api, caller, &request, sql, &[]).await?;
    let names: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    paged(
        &request,
        "Databases",
        names.into_iter().map(Value::from).collect(),
    )
}

pub(crate) async fn schemas(
    api: &Api,
    caller: &Principal,
    request: Metadata,
) -> Result<Value, ApiError> {
    let sql = format!(
        "SELECT nspname::text FROM pg_catalog.pg_namespace WHERE nspname LIKE $1 \
         AND nspname NOT LIKE 'pg\\_t%' AND nspname <> '{SCHEMA}' ORDER BY 1"
    );
    let pattern = pattern(request.schema_pattern.as_ref());
    let rows = ask(api, caller, &request, &sql, &[(&pattern, Type::TEXT)]).await?;
    let names: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    paged(
        &request,
        "Schemas",
        names.into_iter().map(Value::from).collect(),
    )
}

pub(crate) async fn tables(
    api: &Api,
    caller: &Principal,
    request: Metadata,
) -> Result<Value, ApiError> {
    let sql = format!(
        "SELECT c.relname::text, n.nspname::text, CASE \
           WHEN n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind = 'r' \
             THEN 'SYSTEM TABLE' \
           WHEN n.nspname IN ('pg_catalog', 'information_schema') THEN 'SYSTEM VIEW' \
           WHEN c.relpersistence = 't' THEN 'LOCAL TEMPORARY' \
           WHEN c.relkind IN ('v', 'm') THEN 'VIEW' ELSE 'TABLE' END \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname LIKE $1 AND c.relname LIKE $2 \
         AND n.nspname NOT LIKE 'pg\\_t%' AND n.nspname <> '{SCHEMA}' ORDER BY 2, 1"
    );
    let schemas = pattern(request.schema_pattern.as_ref());
    let names = pattern(request.table_pattern.as_ref());
    let rows = ask(
        api,
        caller,
        &request,
        &sql,
        &[(&schemas, Type::TEXT), (&names, Type::TEXT)],
    )
    .await?;
    let tables = rows.iter().map(|row| {
        let (name, schema, kind): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        json!({"name": name, "schema": schema, "type": kind})
    });
    paged(&request, "Tables", tables.collect())
}

pub(crate) async fn describe_table(
    api: &Api,
    caller: &Principal,
    request: Metadata,
) -> Result<Value, ApiError> {
    let sql = format!(
        "SELECT a.attname::text, t.typname::text, a.atttypmod, a.attnotnull, n.nspname::text, \
                c.relname::text, pg_catalog.pg_get_expr(d.adbin, d.adrelid) \
         FROM pg_catalog.pg_attribute a \
         JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
         LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
         WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm') \
         AND ($1 = '' OR n.nspname = $1) AND ($2 = '' OR c.relname = $2) \
         AND n.nspname <> '{SCHEMA}' ORDER BY n.nspname, c.relname, a.attnum"
    );
    let schema = request.schema.clone().unwrap_or_default();
    let table = request.table.clone().unwrap_or_default();
    let rows = ask(
        api,
        caller,
        &request,
        &sql,
        &[(&schema, Type::TEXT), (&table, Type::TEXT)],
    )
    .await?;
    let mut out = paged(&request, "ColumnList", rows.iter().map(column).collect())?;
    out["TableName"] = json!(table);
    Ok(out)
}

fn column(row: &Row) -> Value {
    let name: String = row.get(0);
    let pg_type: String = row.get(1);
    let modifier: i32 = row.get(2);
    let not_null: bool = row.get(3);
    let (schema, table): (String, String) = (row.get(4), row.get(5));
    let shape = ColumnType::of(&pg_type, modifier);
    let mut out = json!({
        "isCaseSensitive": is_case_sensitive(shape.type_name),
        "isCurrency": false,
        "isSigned": is_signed(shape.type_name),
        "label": name, "name": name, "nullable": i32::from(!not_null),
        "precision": shape.precision, "scale": shape.scale,
        "schemaName": schema, "tableName": table, "typeName": shape.type_name,
        "length": shape.precision,
    });
    if let Some(default) = row.get::<_, Option<String>>(6) {
        out["columnDefault"] = json!(default);
    }
    out
}

fn pattern(given: Option<&String>) -> String {
    given.cloned().unwrap_or_else(|| "%".to_owned())
}

async fn ask(
    api: &Api,
    caller: &Principal,
    request: &Metadata,
    sql: &str,
    values: &[(&(dyn ToSql + Sync), Type)],
) -> Result<Vec<Row>, ApiError> {
    let (target, user) = submit::connect_as(api, caller, &request.connection).await?;
    let database = match &request.connected_database {
        Some(connected) => {
            if *connected != target.database {
                return Err(ApiError::validation(
                    "queries across databases are not supported by this server",
                ));
            }
            connected
        }
        None => &target.database,
    };
    let _turn = api.runner.catalog_queries.acquire().await;
    let connection = api
        .runner
        .database
        .connect(database, &user, "redshift")
        .await?;
    let rows = connection.client.query_typed(sql, values).await;
    rows.map_err(|error| ApiError::connection(explain(&error).message))
}

fn paged(request: &Metadata, member: &str, items: Vec<Value>) -> Result<Value, ApiError> {
    let token = request.next_token.as_deref();
    let (items, next) = page::paginate(member, items, token, request.max_results, PAGE)?;
    let mut out = json!({ member: items });
    if let Some(next) = next {
        out["NextToken"] = json!(next);
    }
    Ok(out)
}
