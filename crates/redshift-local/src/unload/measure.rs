//! Counts the rows of a query and describes its columns.

use tokio_postgres::types::Type;

use crate::postgres::{ColumnType, Connection, Failure, explain};

/// Maximum precision of a DECIMAL.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_Numeric_types201.html>
const MAX_DIGITS: u16 = 38;

#[derive(Debug)]
pub(super) struct Measured {
    pub(super) rows: i64,
    pub(super) columns: Vec<Column>,
}

#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) type_: Type,
    pub(super) dimension: Dimension,
}

/// Length or precision of a type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Dimension {
    None,
    /// Maximum length of a character type, in bytes.
    Length(u32),
    /// Precision and scale of a decimal.
    Digits {
        precision: u16,
        scale: u16,
    },
}

/// Runs `query` to count its rows and to measure its decimals. The rows that are written later are
/// the same, because both run in one transaction with one snapshot.
pub(super) async fn measure(connection: &Connection, query: &str) -> Result<Measured, Failure> {
    let statement = connection.client.prepare(query).await;
    let statement = statement.map_err(|error| explain(&error))?;
    let found = statement.columns();
    let names: Vec<_> = (0..found.len()).map(|at| format!("c{at}")).collect();
    let scales: String = names
        .iter()
        .map(|name| format!(", coalesce(max(scale({name})), 0)"))
        .zip(found)
        .filter(|(_, column)| is_unbounded(column))
        .map(|(scale, _)| scale)
        .collect();
    let sql = format!(
        "SELECT count(*){scales} FROM ({query}) AS unloaded({})",
        names.join(", ")
    );
    let row = connection.client.query_typed_one(&sql, &[]).await;
    let row = row.map_err(|error| explain(&error))?;
    let mut numbers = 1..row.len();
    let columns = found.iter().map(|column| {
        let scale = is_unbounded(column).then(|| numbers.next()).flatten();
        let scale: Option<i32> = scale.map(|at| row.try_get(at)).transpose()?;
        Ok(Column {
            name: column.name().to_owned(),
            type_: column.type_().clone(),
            dimension: dimension(column, scale),
        })
    });
    let columns = columns.collect::<Result<_, _>>();
    Ok(Measured {
        columns: columns.map_err(|error| explain(&error))?,
        rows: row.try_get(0).map_err(|error| explain(&error))?,
    })
}

/// Returns whether the column is a computed decimal, whose scale only its values tell.
fn is_unbounded(column: &tokio_postgres::Column) -> bool {
    *column.type_() == Type::NUMERIC && column.type_modifier() < 4
}

fn dimension(column: &tokio_postgres::Column, measured_scale: Option<i32>) -> Dimension {
    let shape = ColumnType::of(column.type_().name(), column.type_modifier());
    let digits = |number: i32| u16::try_from(number).unwrap_or(u16::MAX);
    match (shape.type_name, measured_scale) {
        ("numeric", Some(scale)) => Dimension::Digits {
            precision: MAX_DIGITS,
            scale: digits(scale),
        },
        ("numeric", None) => Dimension::Digits {
            precision: digits(shape.precision),
            scale: digits(shape.scale),
        },
        ("varchar" | "bpchar", _) if shape.precision > 0 => {
            Dimension::Length(shape.precision.unsigned_abs())
        }
        _ => Dimension::None,
    }
}
