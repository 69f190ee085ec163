//! The columns that a load fills.

use tokio_postgres::types::Type;

use crate::postgres::{Failure, Link, explain};

/// What a column takes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum FieldType {
    Integer {
        name: &'static str,
        least: i64,
        most: i64,
    },
    Float,
    Decimal {
        precision: u16,
        scale: u16,
    },
    Boolean,
    /// Bytes, at most.
    Varchar(Option<usize>),
    Char(Option<usize>),
    Date,
    Timestamp {
        zoned: bool,
    },
    Time,
    Super,
}

/// A column that a load fills.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) field: FieldType,
    /// As `SYS_LOAD_ERROR_DETAIL` names it.
    pub(crate) type_name: String,
    pub(crate) not_null: bool,
    pub(crate) is_identity: bool,
}

/// A table and its columns.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) id: u32,
    /// Without schema.
    pub(crate) name: String,
    pub(crate) targets: Vec<Target>,
}

impl Table {
    /// Looks up `path` and, when `columns` are given, just these in their order.
    pub(crate) async fn look_up(
        link: &Link,
        path: &str,
        columns: &[String],
        explicit_ids: bool,
    ) -> Result<Self, Failure> {
        let rows = link
            .client
            .query_typed(
                "SELECT a.attrelid, c.relname::text, a.attname::text, a.atttypid, a.atttypmod, \
                        a.attnotnull, a.attidentity <> '', \
                        format_type(a.atttypid, a.atttypmod) \
                 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
                 WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped \
                   AND c.relkind IN ('r', 'p') ORDER BY a.attnum",
                &[(&path, Type::TEXT)],
            )
            .await
            .map_err(|error| explain(&error))?;
        let Some(first) = rows.first() else {
            return Err(Failure::error(format!(
                "Cannot COPY into nonexistent table {path}"
            )));
        };
        let (id, name) = (first.get(0), first.get(1));
        let all = rows.iter().map(target).collect::<Result<Vec<_>, _>>()?;
        let targets = choose(all, columns, explicit_ids)?;
        Ok(Self { id, name, targets })
    }
}

/// An identity column is filled by the database, unless the statement says that files hold it.
fn choose(
    all: Vec<Target>,
    columns: &[String],
    explicit_ids: bool,
) -> Result<Vec<Target>, Failure> {
    if columns.is_empty() {
        return Ok(all
            .into_iter()
            .filter(|t| explicit_ids || !t.is_identity)
            .collect());
    }
    columns
        .iter()
        .map(|column| {
            let wanted = match column
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'))
            {
                Some(quoted) => quoted.replace("\"\"", "\""),
                None => column.to_lowercase(),
            };
            let found = all.iter().find(|target| target.name == wanted).cloned();
            let found = found.ok_or_else(|| {
                Failure::error(format!(
                    "column \"{wanted}\" of the COPY list does not exist"
                ))
            })?;
            if found.is_identity && !explicit_ids {
                return Err(Failure::error(format!(
                    "cannot copy into identity column \"{wanted}\" without EXPLICIT_IDS"
                )));
            }
            Ok(found)
        })
        .collect()
}

fn target(row: &tokio_postgres::Row) -> Result<Target, Failure> {
    let name: String = row.get(2);
    let modifier: i32 = row.get(4);
    let length = usize::try_from(modifier - 4).ok();
    let type_id: u32 = row.get(3);
    let integer = |name, least: i64, most: i64| FieldType::Integer { name, least, most };
    let field = match Type::from_oid(type_id) {
        Some(Type::INT2) => integer("Short", i16::MIN.into(), i16::MAX.into()),
        Some(Type::INT4) => integer("Integer", i32::MIN.into(), i32::MAX.into()),
        Some(Type::INT8) => integer("Long", i64::MIN, i64::MAX),
        Some(Type::FLOAT4 | Type::FLOAT8) => FieldType::Float,
        Some(Type::NUMERIC) if modifier >= 4 => {
            let packed = (modifier - 4).unsigned_abs();
            FieldType::Decimal {
                precision: u16::try_from(packed >> 16).unwrap_or(u16::MAX),
                scale: u16::try_from(packed & 0x7ff).unwrap_or(u16::MAX),
            }
        }
        Some(Type::NUMERIC) => FieldType::Decimal {
            precision: 38,
            scale: 37,
        },
        Some(Type::BOOL) => FieldType::Boolean,
        Some(Type::VARCHAR | Type::TEXT) => FieldType::Varchar(length),
        Some(Type::BPCHAR) => FieldType::Char(length),
        Some(Type::DATE) => FieldType::Date,
        Some(Type::TIMESTAMP) => FieldType::Timestamp { zoned: false },
        Some(Type::TIMESTAMPTZ) => FieldType::Timestamp { zoned: true },
        Some(Type::TIME) => FieldType::Time,
        Some(Type::JSONB) => FieldType::Super,
        _ => {
            let type_name: String = row.get(7);
            return Err(Failure::error(format!(
                "COPY into column \"{name}\" of type {type_name} is not supported by this server"
            )));
        }
    };
    Ok(Target {
        name,
        field,
        type_name: row.get(7),
        not_null: row.get(5),
        is_identity: row.get(6),
    })
}
