//! Converts the values of one column from PostgreSQL's binary form to Parquet's.
//!
//! AWS does not document the physical types that Redshift writes. These are types that `COPY` and
//! Redshift Spectrum read: decimals in the fewest bytes for their precision, and timestamps in
//! microseconds.

use std::mem::take;
use std::sync::Arc;

use axum::body::Bytes;
use parquet::basic::{ConvertedType, Repetition, Type as Physical};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray,
    FixedLenByteArrayType, FloatType, Int32Type, Int64Type,
};
use parquet::errors::Result as ParquetResult;
use parquet::file::writer::SerializedColumnWriter;
use parquet::schema::types::{Type as Schema, TypePtr};
use tokio_postgres::types::Type;

use super::measure::{Column, Dimension};
use super::numeric::{scaled, width};
use crate::postgres::Failure;

/// Days from 1970, the epoch of Parquet, to 2000, the epoch of PostgreSQL.
const DAYS: i32 = 10_957;
const MICROSECONDS: i64 = DAYS as i64 * 24 * 60 * 60 * 1_000_000;

/// Values of a column that wait for their row group, without NULLs.
#[derive(Debug)]
pub(super) enum Values {
    Boolean(Vec<bool>),
    Short(Vec<i32>),
    Integer(Vec<i32>),
    Long(Vec<i64>),
    Real(Vec<f32>),
    Double(Vec<f64>),
    Text(Texts),
    Json(Texts),
    Date(Vec<i32>),
    /// Without time zone, as the documentation of UNLOAD says: "only the timestamp values are
    /// unloaded".
    Timestamp(Vec<i64>),
    Decimal {
        precision: u16,
        scale: u16,
        values: Vec<i128>,
    },
}

/// Strings in one buffer, so that many short ones need little more memory than their bytes.
#[derive(Debug, Default)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Values {
    /// Returns the empty values of `column`.
    ///
    /// # Errors
    ///
    /// Returns [`Failure`] if Parquet or this server has no counterpart of the column's type.
    pub(super) fn of(column: &Column) -> Result<Self, Failure> {
        Ok(match (&column.type_, column.dimension) {
            (&Type::BOOL, _) => Self::Boolean(Vec::new()),
            (&Type::INT2, _) => Self::Short(Vec::new()),
            (&Type::INT4, _) => Self::Integer(Vec::new()),
            (&Type::INT8, _) => Self::Long(Vec::new()),
            (&Type::FLOAT4, _) => Self::Real(Vec::new()),
            (&Type::FLOAT8, _) => Self::Double(Vec::new()),
            (&(Type::VARCHAR | Type::TEXT | Type::BPCHAR | Type::NAME), _) => {
                Self::Text(Texts::default())
            }
            (&Type::JSONB, _) => Self::Json(Texts::default()),
            (&Type::DATE, _) => Self::Date(Vec::new()),
            (&(Type::TIMESTAMP | Type::TIMESTAMPTZ), _) => Self::Timestamp(Vec::new()),
            (&Type::NUMERIC, Dimension::Digits { precision, scale }) => Self::Decimal {
                precision,
                scale,
                values: Vec::new(),
            },
            (&Type::BYTEA, _) => {
                return Err(Failure::error(format!(
                    "VARBYTE column \"{}\" can only be unloaded to text or CSV",
                    column.name
                )));
            }
            (other, _) => {
                return Err(Failure::error(format!(
                    "UNLOAD of column \"{}\" of type {other} to Parquet is not supported by this \
                     server",
                    column.name
                )));
            }
        })
    }

    /// Returns the column's type in the Parquet schema.
    pub(super) fn schema(&self, name: &str) -> ParquetResult<TypePtr> {
        let (physical, meaning) = match self {
            Self::Boolean(_) => (Physical::BOOLEAN, ConvertedType::NONE),
            Self::Short(_) => (Physical::INT32, ConvertedType::INT_16),
            Self::Integer(_) => (Physical::INT32, ConvertedType::NONE),
            Self::Long(_) => (Physical::INT64, ConvertedType::NONE),
            Self::Real(_) => (Physical::FLOAT, ConvertedType::NONE),
            Self::Double(_) => (Physical::DOUBLE, ConvertedType::NONE),
            Self::Text(_) => (Physical::BYTE_ARRAY, ConvertedType::UTF8),
            Self::Json(_) => (Physical::BYTE_ARRAY, ConvertedType::JSON),
            Self::Date(_) => (Physical::INT32, ConvertedType::DATE),
            Self::Timestamp(_) => (Physical::INT64, ConvertedType::TIMESTAMP_MICROS),
            Self::Decimal { .. } => (Physical::FIXED_LEN_BYTE_ARRAY, ConvertedType::DECIMAL),
        };
        let mut schema = Schema::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_converted_type(meaning);
        if let Self::Decimal {
            precision, scale, ..
        } = self
        {
            let length = i32::try_from(width(*precision)).unwrap_or(i32::MAX);
            schema = schema
                .with_length(length)
                .with_precision((*precision).into())
                .with_scale((*scale).into());
        }
        schema.build().map(Arc::new)
    }

    /// Appends one value from its binary form and returns its size in bytes. Returns `None` if
    /// Parquet cannot represent the value, such as an infinite date.
    pub(super) fn push(&mut self, raw: &[u8]) -> Option<usize> {
        match self {
            Self::Boolean(values) => values.push(raw == [1]),
            Self::Short(values) => values.push(i16::from_be_bytes(raw.try_into().ok()?).into()),
            Self::Integer(values) => values.push(i32::from_be_bytes(raw.try_into().ok()?)),
            Self::Long(values) => values.push(i64::from_be_bytes(raw.try_into().ok()?)),
            Self::Real(values) => values.push(f32::from_be_bytes(raw.try_into().ok()?)),
            Self::Double(values) => values.push(f64::from_be_bytes(raw.try_into().ok()?)),
            Self::Text(values) => values.push(raw),
            // The first byte is the version of the binary format.
            Self::Json(values) => values.push(raw.strip_prefix(&[1])?),
            Self::Date(values) => {
                let days = i32::from_be_bytes(raw.try_into().ok()?);
                values.push(finite(days, i32::MIN, i32::MAX)?.checked_add(DAYS)?);
            }
            Self::Timestamp(values) => {
                let micros = i64::from_be_bytes(raw.try_into().ok()?);
                values.push(finite(micros, i64::MIN, i64::MAX)?.checked_add(MICROSECONDS)?);
            }
            Self::Decimal {
                precision,
                scale,
                values,
            } => values.push(scaled(raw, *precision, *scale)?),
        }
        Some(raw.len())
    }

    /// Writes the values, with their definition levels, and clears them.
    pub(super) fn write(
        &mut self,
        writer: &mut SerializedColumnWriter<'_>,
        levels: &[i16],
    ) -> ParquetResult<()> {
        match self {
            Self::Boolean(values) => put::<BoolType>(writer, &take(values), levels),
            Self::Short(values) | Self::Integer(values) | Self::Date(values) => {
                put::<Int32Type>(writer, &take(values), levels)
            }
            Self::Long(values) | Self::Timestamp(values) => {
                put::<Int64Type>(writer, &take(values), levels)
            }
            Self::Real(values) => put::<FloatType>(writer, &take(values), levels),
            Self::Double(values) => put::<DoubleType>(writer, &take(values), levels),
            Self::Text(values) | Self::Json(values) => {
                put::<ByteArrayType>(writer, &take(values).into_values(), levels)
            }
            Self::Decimal {
                precision, values, ..
            } => {
                let values = fixed(&take(values), width(*precision));
                put::<FixedLenByteArrayType>(writer, &values, levels)
            }
        }
    }
}

impl Texts {
    fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
    }

    fn into_values(self) -> Vec<ByteArray> {
        let bytes = Bytes::from(self.bytes);
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let spans = starts.zip(&self.ends);
        spans
            .map(|(start, end)| bytes.slice(start..*end).into())
            .collect()
    }
}

/// Returns the last `width` bytes of each number.
fn fixed(numbers: &[i128], width: usize) -> Vec<FixedLenByteArray> {
    let bytes = |number: &i128| number.to_be_bytes()[size_of::<i128>() - width..].to_vec();
    numbers.iter().map(|number| bytes(number).into()).collect()
}

fn put<T: DataType>(
    writer: &mut SerializedColumnWriter<'_>,
    values: &[T::T],
    levels: &[i16],
) -> ParquetResult<()> {
    let written = writer.typed::<T>().write_batch(values, Some(levels), None);
    written.map(drop)
}

/// Returns `None` for PostgreSQL's infinities, which are the first and the last number of the type.
fn finite<T: Copy + PartialEq>(value: T, first: T, last: T) -> Option<T> {
    (value != first && value != last).then_some(value)
}
