//! Writes rows as Apache Parquet, in row groups of bounded memory.

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;

use futures_util::TryStreamExt;
use parquet::basic::Compression;
use parquet::errors::Result as ParquetResult;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type as Schema;
use tokio_postgres::binary_copy::BinaryCopyOutStream;
use tokio_postgres::types::{FromSql, Type};

use super::disk_failure;
use super::measure::{Column, Measured};
use super::values::Values;
use crate::postgres::{Connection, Failure, explain};
use crate::private;

/// Writes the rows of `query` to the file at `path`, compressed with Snappy. Replaces an existing
/// file. A row group ends at `row_group_bytes` before compression.
pub(super) async fn write(
    connection: &Connection,
    query: &str,
    measured: &Measured,
    row_group_bytes: usize,
    path: &Path,
) -> Result<(), Failure> {
    let mut group = RowGroup::of(&measured.columns)?;
    let mut file = group.file(path)?;
    let sql = format!("COPY ({query}) TO STDOUT (FORMAT binary)");
    let bytes = connection.client.copy_out(&sql).await;
    let types: Vec<Type> = group
        .columns
        .iter()
        .map(|column| column.type_.clone())
        .collect();
    let rows = BinaryCopyOutStream::new(bytes.map_err(|error| explain(&error))?, &types);
    let mut rows = pin!(rows);
    while let Some(row) = rows.try_next().await.map_err(|error| explain(&error))? {
        for at in 0..types.len() {
            let value: Option<Raw<'_>> = row.try_get(at).map_err(|error| explain(&error))?;
            group.push(at, value.map(|Raw(bytes)| bytes))?;
        }
        if group.bytes >= row_group_bytes {
            group
                .write(&mut file)
                .map_err(|error| disk_failure(&error))?;
        }
    }
    if !group.levels.first().is_none_or(Vec::is_empty) {
        group
            .write(&mut file)
            .map_err(|error| disk_failure(&error))?;
    }
    file.close().map(drop).map_err(|error| disk_failure(&error))
}

/// A value in PostgreSQL's binary form.
struct Raw<'r>(&'r [u8]);

impl<'r> FromSql<'r> for Raw<'r> {
    fn from_sql(_: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Rows that are not in the file yet.
struct RowGroup<'c> {
    columns: &'c [Column],
    /// Values of each column that are not NULL.
    values: Vec<Values>,
    /// Definition levels of each column: 1 for a value, 0 for NULL.
    levels: Vec<Vec<i16>>,
    bytes: usize,
}

impl<'c> RowGroup<'c> {
    fn of(columns: &'c [Column]) -> Result<Self, Failure> {
        for (at, column) in columns.iter().enumerate() {
            if columns[..at].iter().any(|other| other.name == column.name) {
                return Err(Failure::error(format!(
                    "column name \"{}\" is duplicated; the columns of a Parquet file need \
                     different names, so add an alias",
                    column.name
                )));
            }
        }
        Ok(Self {
            columns,
            values: columns.iter().map(Values::of).collect::<Result<_, _>>()?,
            levels: vec![Vec::new(); columns.len()],
            bytes: 0,
        })
    }

    fn file(&self, path: &Path) -> Result<SerializedFileWriter<File>, Failure> {
        let fields = self.columns.iter().zip(&self.values);
        let fields: ParquetResult<Vec<_>> = fields
            .map(|(column, values)| values.schema(&column.name))
            .collect();
        let schema = fields.and_then(|fields| {
            let schema = Schema::group_type_builder("schema").with_fields(fields);
            schema.build().map(Arc::new)
        });
        let schema = schema.map_err(Failure::error)?;
        let properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_compression(Compression::SNAPPY)
            .build();
        let file = private::file(path).map_err(|error| disk_failure(&error))?;
        SerializedFileWriter::new(file, schema, Arc::new(properties))
            .map_err(|error| disk_failure(&error))
    }

    fn push(&mut self, at: usize, value: Option<&[u8]>) -> Result<(), Failure> {
        self.levels[at].push(value.is_some().into());
        let Some(value) = value else { return Ok(()) };
        let bytes = self.values[at].push(value).ok_or_else(|| {
            let name = &self.columns[at].name;
            Failure::error(format!(
                "a value of column \"{name}\" cannot be written as Parquet"
            ))
        })?;
        self.bytes += bytes;
        Ok(())
    }

    fn write(&mut self, file: &mut SerializedFileWriter<File>) -> ParquetResult<()> {
        let mut group = file.next_row_group()?;
        for (values, levels) in self.values.iter_mut().zip(&mut self.levels) {
            // The schema has as many columns as there are `values`.
            let Some(mut column) = group.next_column()? else {
                break;
            };
            values.write(&mut column, levels)?;
            column.close()?;
            levels.clear();
        }
        group.close()?;
        self.bytes = 0;
        Ok(())
    }
}
