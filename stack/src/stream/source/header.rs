//! The first line of a CSV file: where the eight columns stand.

use crate::stream::event::COLUMNS;

/// Where the columns stand in a file's rows. They may come in any order, with others between them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Header {
    /// The field of each of [`COLUMNS`].
    pub positions: [usize; COLUMNS.len()],
    /// How many fields a row has.
    pub width: usize,
}

/// Why a first line is no header of this data set.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum HeaderError {
    /// Columns are not there.
    #[error(
        "no column {missing}; the first line is `{found}`, and the header of the Online Retail data set is \
         needed: {}",
        COLUMNS.join(",")
    )]
    Missing {
        /// Their names.
        missing: String,
        /// The start of the first line.
        found: String,
    },
    /// A column is there twice: which of the two is meant?
    #[error("column `{0}` stands in the header twice: take one out")]
    Twice(&'static str),
}

impl Header {
    /// Reads the fields of a first line.
    ///
    /// # Errors
    ///
    /// When a column is missing or there twice.
    pub fn read<'a>(fields: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, HeaderError> {
        let fields: Vec<_> = fields.into_iter().map(<[u8]>::trim_ascii).collect();
        let mut positions = [None; COLUMNS.len()];
        for (position, field) in fields.iter().enumerate() {
            let Some(column) = COLUMNS.iter().position(|name| name.as_bytes() == *field) else {
                continue;
            };
            if positions[column].replace(position).is_some() {
                return Err(HeaderError::Twice(COLUMNS[column]));
            }
        }
        let missing: Vec<_> = COLUMNS
            .iter()
            .zip(positions)
            .filter(|(_, position)| position.is_none())
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        if !missing.is_empty() {
            let line = String::from_utf8_lossy(&fields.join(&b',')).into_owned();
            let found = line.chars().take(120).collect();
            return Err(HeaderError::Missing {
                missing: missing.join(", "),
                found,
            });
        }
        Ok(Self {
            positions: positions.map(Option::unwrap_or_default),
            width: fields.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Header, HeaderError> {
        Header::read(line.split(',').map(str::as_bytes))
    }

    #[test]
    fn columns_are_found_by_name_wherever_they_stand() {
        let header = read(
            "x,Country,CustomerID,UnitPrice,InvoiceDate,Quantity,Description, StockCode ,InvoiceNo",
        );
        let positions = [8, 7, 6, 5, 4, 3, 2, 1];
        assert_eq!(
            header,
            Ok(Header {
                positions,
                width: 9
            })
        );
    }

    #[test]
    fn a_file_without_the_header_is_refused_with_the_columns_it_lacks() {
        let missing =
            read("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country");
        insta::assert_snapshot!(missing.unwrap_err(), @"no column `UnitPrice`, `CustomerID`; the first line is `InvoiceNo,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country`, and the header of the Online Retail data set is needed: InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country");
        assert!(matches!(read(""), Err(HeaderError::Missing { .. })));
        let twice = read(&format!("{},Country", COLUMNS.join(",")));
        assert_eq!(twice, Err(HeaderError::Twice("Country")));
    }
}
