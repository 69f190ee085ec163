//! The header of a table: positions of the eight columns.

use super::Columns;
use crate::event::COLUMNS;

/// Maximum number of characters of a header in an error.
const SHOWN: usize = 300;

/// Positions of the columns in a table. They may be in any order, with other columns between them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Header {
    /// Position of each of [`COLUMNS`].
    pub positions: [usize; COLUMNS.len()],
    /// Number of fields in a row.
    pub width: usize,
}

/// Why a first line is not a header of order lines.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum HeaderError {
    /// There is no first line.
    #[error("it is empty: its first line must be a header such as {}", COLUMNS.join(","))]
    Empty,
    /// Columns are missing.
    #[error(
        "no column for {}; the header has {found}: map your columns with --columns {}",
        quoted(missing),
        example(missing)
    )]
    Missing {
        /// Fields without a column.
        missing: Vec<&'static str>,
        /// Columns of the header, possibly cut.
        found: String,
    },
    /// A column that the user named is missing.
    #[error("--columns names `{name}`, but the header has {found}")]
    NotThere {
        name: String,
        /// Columns of the header, possibly cut.
        found: String,
    },
    /// A column occurs twice.
    #[error("column `{0}` is in the header twice: remove one")]
    Twice(String),
    /// Two columns match the same field.
    #[error(
        "`{first}` and `{second}` are both columns of field {field}: choose one, as with --columns '{first}={field}'"
    )]
    Ambiguous {
        first: String,
        second: String,
        field: &'static str,
    },
}

fn quoted(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn example(missing: &[&str]) -> String {
    let pairs: Vec<_> = missing
        .iter()
        .map(|name| format!("NAME_IN_FILE={name}"))
        .collect();
    pairs.join(",")
}

impl Header {
    /// Reads a header from the fields of the first line.
    ///
    /// The names in `columns` have priority over the known names.
    ///
    /// # Errors
    ///
    /// When a column is missing, or more than one column matches a field.
    pub(crate) fn read(fields: &[impl AsRef<str>], columns: &Columns) -> Result<Self, HeaderError> {
        let fields: Vec<&str> = fields.iter().map(|field| field.as_ref().trim()).collect();
        if fields.iter().all(|field| field.is_empty()) {
            return Err(HeaderError::Empty);
        }
        let mut positions = [0; COLUMNS.len()];
        let mut missing = Vec::new();
        for (column, (position, field)) in positions.iter_mut().zip(COLUMNS).enumerate() {
            match find(&fields, column, columns)? {
                Some(found) => *position = found,
                None => missing.push(field),
            }
        }
        if !missing.is_empty() {
            let found = found(&fields);
            return Err(HeaderError::Missing { missing, found });
        }
        Ok(Self {
            positions,
            width: fields.len(),
        })
    }
}

/// Returns the position of `column` of [`COLUMNS`] among `fields`.
fn find(fields: &[&str], column: usize, columns: &Columns) -> Result<Option<usize>, HeaderError> {
    let named = columns.named(column);
    let is_it = |field: &str| match named {
        Some(name) => field == name,
        None => columns.known(field) == Some(column),
    };
    let mut found = (0..fields.len()).filter(|position| is_it(fields[*position]));
    match (found.next(), found.next(), named) {
        (None, _, Some(name)) => Err(HeaderError::NotThere {
            name: name.to_owned(),
            found: self::found(fields),
        }),
        (first, None, _) => Ok(first),
        (Some(first), Some(second), _) if fields[first] == fields[second] => {
            Err(HeaderError::Twice(fields[first].to_owned()))
        }
        (first, Some(second), _) => Err(HeaderError::Ambiguous {
            first: fields[first.unwrap_or_default()].to_owned(),
            second: fields[second].to_owned(),
            field: COLUMNS[column],
        }),
    }
}

/// Formats the columns of a header for an error.
fn found(fields: &[&str]) -> String {
    // Control characters of a binary file must not reach the terminal.
    let all = quoted(fields).replace(char::is_control, "\u{fffd}");
    match all.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &all[..end]),
        None => all,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str, columns: &str) -> Result<Header, HeaderError> {
        let columns = match columns {
            "" => Columns::default(),
            pairs => pairs.parse().unwrap(),
        };
        Header::read(&line.split(',').collect::<Vec<_>>(), &columns)
    }

    fn refused(line: &str, columns: &str) -> String {
        read(line, columns).unwrap_err().to_string()
    }

    #[test]
    fn columns_are_found_by_name_wherever_they_are() {
        let header = read(
            "x,Country,CustomerID,UnitPrice,InvoiceDate,Quantity,Description, StockCode ,InvoiceNo",
            "",
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
    fn the_header_of_online_retail_ii_is_known() {
        let header = read(
            "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country",
            "",
        );
        assert_eq!(header.unwrap().positions, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn other_names_are_given_by_hand_and_come_before_known_ones() {
        let line = "no,StockCode,what,Quantity,InvoiceDate,Price,net,CustomerID,Country";
        let columns = "no=InvoiceNo,what=Description,net=UnitPrice";
        let header = read(line, columns).unwrap();
        assert_eq!(header.positions, [0, 1, 2, 3, 4, 6, 7, 8]);
    }

    #[test]
    fn a_table_without_the_header_is_refused_with_what_it_has_and_lacks() {
        let line = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,Amount,Customer,Country";
        insta::assert_snapshot!(refused(line, ""), @"no column for `UnitPrice`, `CustomerID`; the header has `InvoiceNo`, `StockCode`, `Description`, `Quantity`, `InvoiceDate`, `Amount`, `Customer`, `Country`: map your columns with --columns NAME_IN_FILE=UnitPrice,NAME_IN_FILE=CustomerID");
        insta::assert_snapshot!(refused(line, "amount=UnitPrice"), @"--columns names `amount`, but the header has `InvoiceNo`, `StockCode`, `Description`, `Quantity`, `InvoiceDate`, `Amount`, `Customer`, `Country`");
        assert!(refused(&"é".repeat(400), "").contains('…'));
        assert_eq!(read("", ""), Err(HeaderError::Empty));
    }

    #[test]
    fn two_columns_for_one_field_are_refused_until_one_is_named() {
        let twice = format!("{},Country", COLUMNS.join(","));
        insta::assert_snapshot!(refused(&twice, ""), @"column `Country` is in the header twice: remove one");
        let two = format!("{},Price", COLUMNS.join(","));
        insta::assert_snapshot!(refused(&two, ""), @"`UnitPrice` and `Price` are both columns of field UnitPrice: choose one, as with --columns 'UnitPrice=UnitPrice'");
        assert_eq!(read(&two, "Price=UnitPrice").unwrap().positions[5], 8);
    }
}
