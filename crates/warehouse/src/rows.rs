//! Result rows, with the types of the Data API.

use std::fmt;

/// A column of a result.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RowColumn {
    pub name: String,
    /// The type name in the database: `numeric`, `varchar`, `timestamp`.
    pub type_name: String,
}

impl RowColumn {
    /// Whether the type holds numbers. Accepts the names of SQL and those of the catalog, such as `bigint` and `int8`.
    #[must_use]
    pub fn is_number(&self) -> bool {
        const NUMBERS: [&str; 11] = [
            "int2", "int4", "int8", "smallint", "integer", "bigint", "float4", "float8", "numeric",
            "decimal", "real",
        ];
        let name = self.type_name.split('(').next().unwrap_or_default().trim();
        NUMBERS
            .iter()
            .any(|number| number.eq_ignore_ascii_case(name))
            || name.eq_ignore_ascii_case("double precision")
    }
}

/// A value. Decimals, dates and times are returned as text, so they are exact.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Boolean(bool),
    Long(i64),
    /// A binary floating-point number.
    Double(f64),
    /// Text, and values of all types without their own variant.
    Text(String),
    Bytes(Vec<u8>),
}

/// Formats the value as SQL clients do: NULL is empty, bytes are hexadecimal.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Boolean(value) => value.fmt(f),
            Self::Long(value) => value.fmt(f),
            Self::Double(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
            Self::Bytes(bytes) => f.write_str(&hex::encode(bytes)),
        }
    }
}

impl Cell {
    /// Returns the value as an integer, also if it was returned as text.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Long(value) => Some(*value),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Returns the value, if it is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// All rows of a result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Empty if the statement returns no rows.
    pub columns: Vec<RowColumn>,
    /// Each row has one cell for each column.
    pub rows: Vec<Vec<Cell>>,
}

impl Rows {
    /// Returns the cell of column `name` in row `position`.
    #[must_use]
    pub fn cell(&self, position: usize, name: &str) -> Option<&Cell> {
        let column = self.columns.iter().position(|column| column.name == name)?;
        self.rows.get(position)?.get(column)
    }

    /// Returns the integer in column `name` of row `position`.
    #[must_use]
    pub fn long(&self, position: usize, name: &str) -> Option<i64> {
        self.cell(position, name)?.as_i64()
    }

    /// Returns the text in column `name` of row `position`.
    #[must_use]
    pub fn text(&self, position: usize, name: &str) -> Option<&str> {
        self.cell(position, name)?.as_text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_by_column_name_and_read_by_type() {
        let column = |name: &str| RowColumn {
            name: name.into(),
            type_name: "any".into(),
        };
        let rows = Rows {
            columns: vec![column("units"), column("country")],
            rows: vec![vec![Cell::Long(7), Cell::Text("EIRE".into())]],
        };
        assert_eq!(rows.long(0, "units"), Some(7));
        assert_eq!(rows.text(0, "country"), Some("EIRE"));
        assert_eq!(rows.text(0, "units"), None);
        assert_eq!(rows.cell(0, "missing"), None);
        assert_eq!(rows.cell(1, "units"), None);
    }

    #[test]
    fn columns_of_numbers_are_told_by_their_type() {
        let is_number = |type_name: &str| {
            let (name, type_name) = (String::new(), type_name.to_owned());
            RowColumn { name, type_name }.is_number()
        };
        assert!(["int8", "NUMERIC(12,4)", "double precision"].map(is_number) == [true; 3]);
        assert!(["varchar", "date", ""].map(is_number) == [false; 3]);
    }

    #[test]
    fn cells_print_as_sql_clients_print_them() {
        let cells = [
            (Cell::Null, ""),
            (Cell::Boolean(true), "true"),
            (Cell::Long(-3), "-3"),
            (Cell::Double(0.5), "0.5"),
            (Cell::Text("9747747.9340".into()), "9747747.9340"),
            (Cell::Bytes(vec![0, 255]), "00ff"),
        ];
        for (cell, text) in cells {
            assert_eq!(cell.to_string(), text);
        }
    }

    #[test]
    fn an_integer_may_be_returned_as_text() {
        assert_eq!(Cell::Text("5176450".into()).as_i64(), Some(5_176_450));
        assert_eq!(Cell::Text("0.5".into()).as_i64(), None);
        assert_eq!(Cell::Null.as_i64(), None);
    }
}
