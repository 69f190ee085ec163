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

#[cfg(test)]
mod tests {
    use super::super::record::RecordFormat;
    use super::*;
    use crate::sql::{Command, plan};

    /// Returns a writer of the columns `id`, which is not NULL, `text` and `n`.
    fn writer(fill: bool) -> RowWriter {
        let sql = "copy t from 's3://b/k' iam_role default csv emptyasnull";
        let Command::Copy(copy) = plan(sql, &[]).unwrap().command else {
            panic!()
        };
        let target = |name: &str, field, not_null| Target {
            name: name.to_owned(),
            field,
            type_name: String::new(),
            not_null,
            is_identity: false,
        };
        let integer = FieldType::Integer {
            name: "Integer",
            least: 0,
            most: 9,
        };
        let targets = vec![
            target("id", FieldType::Char(None), true),
            target("text", FieldType::Super, false),
            target("n", integer, false),
            target("rest", FieldType::Varchar(None), false),
        ];
        RowWriter::new(Converter::new(&copy), targets, fill)
    }

    fn write(writer: &mut RowWriter, row: &str) -> Result<(), RowError> {
        let format = RecordFormat::Csv {
            delimiter: b',',
            quote: b'"',
        };
        let mut record = Record::default();
        let mut input = row.as_bytes();
        assert!(record.read(&mut input, format, &mut 0).unwrap());
        record.split(format).unwrap();
        writer.write_record(&record)
    }

    #[test]
    fn a_rejected_row_leaves_no_text_behind_and_names_column_and_field() {
        let mut writer = writer(false);
        write(&mut writer, "a,1,2,b").unwrap();
        for (row, column, code, field) in [
            ("b,1,x,c", Some(2), 1207, "x"),
            (",1,2,c", Some(0), 1213, ""),
            ("b,1,2", None, 1214, ""),
            ("b,1,2,c,d", None, 1202, ""),
        ] {
            let refused = write(&mut writer, row).unwrap_err();
            assert_eq!((refused.column, refused.error.code), (column, code));
            assert_eq!(refused.field, field.as_bytes());
        }
        write(&mut writer, "c,\"\"\"x\"\"\",3,").unwrap();
        assert_eq!(writer.out, b"a\t1\t2\tb\nc\t\"x\"\t3\t\\N\n");
    }

    #[test]
    fn fields_that_are_missing_at_the_end_are_null_only_if_they_are_filled() {
        let mut writer = writer(true);
        write(&mut writer, "a,1").unwrap();
        assert_eq!(writer.out, b"a\t1\t\\N\t\\N\n");
        let refused = write(&mut writer, "b,1,2,c,d").unwrap_err();
        assert_eq!(refused.error.code, 1202);
    }

    #[test]
    fn an_object_fills_the_columns_of_its_keys_and_super_keeps_the_json() {
        let object = |text: &str| serde_json::from_str::<json::Object>(text).unwrap();
        let mut writer = writer(false);
        let all = "{\"id\":\"a\",\"text\":\"x\",\"n\":7,\"rest\":\"\",\"other\":1}";
        writer.write_object(&object(all)).unwrap();
        writer.write_object(&object("{\"id\":\"b\"}")).unwrap();
        assert_eq!(writer.out, b"a\t\"x\"\t7\t\nb\t\\N\t\\N\t\\N\n");
        for (text, column, code) in [
            ("{\"id\":null}", Some(0), 1213),
            ("{\"id\":\"a\",\"n\":\"\\ud800\"}", Some(2), 1223),
        ] {
            let refused = writer.write_object(&object(text)).unwrap_err();
            assert_eq!((refused.column, refused.error.code), (column, code));
        }
    }
}
