//! Mapping of a file's columns to the fields of an event.

use std::str::FromStr;

use crate::event::COLUMNS;

/// Names of three of [`COLUMNS`] in the second file, "Online Retail II", with their positions.
const SECOND_NAMES: [(&str, usize); 3] = [("Invoice", 0), ("Price", 5), ("Customer ID", 6)];

/// Mapping given by the user for a file with other column names: `Amount=UnitPrice,No=InvoiceNo`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Columns {
    /// Column name in the file, and its index in [`COLUMNS`].
    named: Vec<(String, usize)>,
}

/// Why a text is not a mapping of columns.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum ColumnsError {
    /// A part has no `=`, or nothing before it.
    #[error("`{0}` is not a pair NAME_IN_FILE=FIELD")]
    NoPair(String),
    /// An event has no such field.
    #[error("unknown field `{field}`; expected one of: {}", COLUMNS.join(", "))]
    Unknown { field: String },
    /// A field or a column occurs twice.
    #[error("`{0}` occurs twice: remove one")]
    Twice(String),
}

impl FromStr for Columns {
    type Err = ColumnsError;

    /// Parses parts separated by commas. A part that contains a comma is quoted as in CSV: `"Price, net"=UnitPrice`.
    fn from_str(text: &str) -> Result<Self, ColumnsError> {
        let no_pair = |part: &str| ColumnsError::NoPair(part.to_owned());
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        if !reader.read_record(&mut record).map_err(|_| no_pair(text))? {
            return Err(no_pair(text));
        }
        let mut named: Vec<(String, usize)> = Vec::new();
        for part in &record {
            let (theirs, ours) = part.rsplit_once('=').ok_or_else(|| no_pair(part))?;
            let (theirs, ours) = (theirs.trim(), ours.trim());
            if theirs.is_empty() {
                return Err(no_pair(part));
            }
            let column = COLUMNS
                .iter()
                .position(|name| *name == ours)
                .ok_or_else(|| ColumnsError::Unknown {
                    field: ours.to_owned(),
                })?;
            if let Some((name, other)) = named
                .iter()
                .find(|(name, other)| name == theirs || *other == column)
            {
                let twice = if name == theirs {
                    theirs
                } else {
                    COLUMNS[*other]
                };
                return Err(ColumnsError::Twice(twice.to_owned()));
            }
            named.push((theirs.to_owned(), column));
        }
        Ok(Self { named })
    }
}

impl Columns {
    /// Returns the user's name for one of [`COLUMNS`].
    pub(super) fn named(&self, column: usize) -> Option<&str> {
        let found = self.named.iter().find(|(_, named)| *named == column)?;
        Some(&found.0)
    }

    /// Returns the index in [`COLUMNS`] of a file's column by its known names, unless the user mapped that column.
    pub(super) fn known(&self, name: &str) -> Option<usize> {
        if self.named.iter().any(|(named, _)| named == name) {
            return None;
        }
        COLUMNS
            .iter()
            .position(|column| *column == name)
            .or_else(|| {
                let found = SECOND_NAMES.iter().find(|(second, _)| *second == name)?;
                Some(found.1)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_and_a_name_with_a_comma_is_quoted() {
        let columns: Columns = "No = InvoiceNo,\"Price, net\"=UnitPrice,a=b=Country"
            .parse()
            .unwrap();
        assert_eq!(columns.named(0), Some("No"));
        assert_eq!(columns.named(5), Some("Price, net"));
        assert_eq!(columns.named(7), Some("a=b"));
        assert_eq!(columns.named(1), None);
    }

    #[test]
    fn what_is_no_pair_or_no_field_or_there_twice_is_refused_by_name() {
        let refused = |text: &str| text.parse::<Columns>().unwrap_err();
        assert_eq!(refused("Price"), ColumnsError::NoPair("Price".into()));
        assert_eq!(
            refused("=UnitPrice"),
            ColumnsError::NoPair("=UnitPrice".into())
        );
        assert_eq!(refused(""), ColumnsError::NoPair(String::new()));
        assert_eq!(
            refused("a=Country,b=Country"),
            ColumnsError::Twice("Country".into())
        );
        assert_eq!(
            refused("a=Country,a=Quantity"),
            ColumnsError::Twice("a".into())
        );
        insta::assert_snapshot!(refused("Price=Unitprice"), @"unknown field `Unitprice`; expected one of: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country");
    }
}
