//! Errors of rejected rows.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_Load_Error_Reference.html>

/// Redshift's code and message for an invalid field or row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct LoadError {
    pub(crate) code: i32,
    pub(crate) message: String,
}

impl LoadError {
    pub(crate) fn new(code: i32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    pub(crate) fn too_few_fields() -> Self {
        Self::new(1214, "Delimiter not found")
    }

    pub(crate) fn too_many_fields() -> Self {
        Self::new(1202, "Extra column(s) found")
    }

    pub(crate) fn too_long() -> Self {
        Self::new(1204, "String length exceeds DDL length")
    }

    pub(crate) fn missing() -> Self {
        Self::new(1213, "Missing data for not-null field")
    }

    pub(crate) fn quotes() -> Self {
        Self::new(1214, "Invalid quote formatting for CSV")
    }

    pub(crate) fn digit(bytes: &[u8], at: usize, type_name: &str) -> Self {
        let shown = bytes.get(at).map_or(' ', |byte| char::from(*byte));
        Self::new(
            1207,
            format!("Invalid digit, Value '{shown}', Pos {at}, Type: {type_name}"),
        )
    }

    pub(crate) fn overflow(text: &[u8], type_name: &str) -> Self {
        let text = String::from_utf8_lossy(text);
        Self::new(1204, format!("Overflow, Value '{text}', Type: {type_name}"))
    }

    pub(crate) fn timestamp(format: &str) -> Self {
        Self::new(
            1206,
            format!("Invalid timestamp format or value [{format}]"),
        )
    }

    pub(crate) fn date(format: &str) -> Self {
        Self::new(1205, format!("Invalid date format or value [{format}]"))
    }

    pub(crate) fn utf8(bytes: &[u8]) -> Self {
        let hex: Vec<_> = bytes
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let hex = hex.join(" ");
        Self::new(
            1220,
            format!(
                "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: {hex}"
            ),
        )
    }
}

/// A rejected row, as `SYS_LOAD_ERROR_DETAIL` shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RejectedRow {
    pub(crate) file: String,
    pub(crate) line: u64,
    /// Index of the column, if the error concerns one.
    pub(crate) column: Option<usize>,
    pub(crate) error: LoadError,
    pub(crate) raw_line: String,
    pub(crate) raw_field: String,
}
