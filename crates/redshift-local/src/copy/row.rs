//! Writes rows as lines of PostgreSQL's COPY text.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::convert::Converter;
use super::json;
use super::load_error::LoadError;
use super::record::Record;
use super::table::{FieldType, Target};

/// Writes rows one after another. A rejected row leaves no text behind.
#[derive(Debug)]
pub(crate) struct RowWriter {
    converter: Converter,
    targets: Vec<Target>,
    fill: bool,
    /// Text written so far.
    pub(crate) out: Vec<u8>,
}

/// A rejected row: the column, the error and the text of the field.
#[derive(Debug)]
pub(crate) struct RowError {
    pub(crate) column: Option<usize>,
    pub(crate) error: LoadError,
    pub(crate) field: Vec<u8>,
}

impl From<LoadError> for RowError {
    fn from(error: LoadError) -> Self {
        Self {
            column: None,
            error,
            field: Vec::new(),
        }
    }
}

impl RowWriter {
    /// Creates a writer. With `fill`, fields may be missing at the end of a row.
    pub(crate) fn new(converter: Converter, targets: Vec<Target>, fill: bool) -> Self {
        Self {
            converter,
            targets,
            fill,
            out: Vec::new(),
        }
    }

    /// Writes a row of CSV or delimited text.
    pub(crate) fn write_record(&mut self, record: &Record) -> Result<(), RowError> {
        if record.len() > self.targets.len() {
            return Err(LoadError::too_many_fields().into());
        }
        if record.len() < self.targets.len() && !self.fill {
            return Err(LoadError::too_few_fields().into());
        }
        self.write_fields(|at, target| {
            let missing =
                matches!(target.field, FieldType::Varchar(_)).then_some((&b""[..], false));
            let field = record.get(at).or(missing);
            Ok(field.map(|(bytes, quoted)| Text {
                bytes: bytes.into(),
                quoted,
            }))
        })
    }

    /// Writes a JSON object. Keys that no column has are ignored.
    pub(crate) fn write_object(
        &mut self,
        object: &BTreeMap<String, Box<RawValue>>,
    ) -> Result<(), RowError> {
        self.write_fields(|_, target| {
            let Some(value) = object.get(&target.name) else {
                return Ok(None);
            };
            let text = match target.field {
                FieldType::Super => Some(value.get().to_owned()),
                _ => json::text(value)?,
            };
            Ok(text.map(|text| Text {
                bytes: text.into_bytes().into(),
                quoted: true,
            }))
        })
    }

    fn write_fields<'f>(
        &mut self,
        field: impl Fn(usize, &Target) -> Result<Option<Text<'f>>, LoadError>,
    ) -> Result<(), RowError> {
        let from = self.out.len();
        for (at, target) in self.targets.iter().enumerate() {
            if at > 0 {
                self.out.push(b'\t');
            }
            let text = field(at, target);
            let written = match &text {
                Ok(Some(text)) => {
                    self.converter
                        .write(target, &text.bytes, text.quoted, &mut self.out)
                }
                Ok(None) => Converter::write_null(target, &mut self.out),
                Err(error) => Err(error.clone()),
            };
            if let Err(error) = written {
                self.out.truncate(from);
                let text = text.ok().flatten();
                let field = text.map(|text| text.bytes.into_owned()).unwrap_or_default();
                return Err(RowError {
                    column: Some(at),
                    error,
                    field,
                });
            }
        }
        self.out.push(b'\n');
        Ok(())
    }
}

struct Text<'f> {
    bytes: std::borrow::Cow<'f, [u8]>,
    quoted: bool,
}
