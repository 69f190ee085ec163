//! Type names.
//!
//! Source: <https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html>

use crate::sql::lexing::{Cursor, Kind, SqlError};

/// Maximum length of a VARCHAR, in bytes.
const LONGEST_VARCHAR: i64 = 65_535;
/// Maximum length of a CHAR, in bytes.
const LONGEST_CHAR: i64 = 4_096;
/// Type of a VARCHAR or TEXT column without a length.
const DEFAULT_VARCHAR: &str = "varchar(256)";
/// Type of a DECIMAL without a precision, in columns and casts.
const DEFAULT_DECIMAL: &str = "numeric(18,0)";

/// Takes a type after `::` or `AS` and returns it in PostgreSQL's spelling.
pub(crate) fn cast(cursor: &mut Cursor<'_, '_>) -> Result<String, SqlError> {
    read(cursor, false)
}

/// Takes the type of a column. A character type without a length gets Redshift's default length.
pub(crate) fn column(cursor: &mut Cursor<'_, '_>) -> Result<String, SqlError> {
    read(cursor, true)
}

fn read(cursor: &mut Cursor<'_, '_>, is_column: bool) -> Result<String, SqlError> {
    let word = match cursor.peek() {
        Some(token) if token.kind == Kind::Word => token.text.to_ascii_lowercase(),
        _ => return Err(cursor.unexpected()),
    };
    cursor.next();
    let found = match word.as_str() {
        "smallint" | "int2" | "integer" | "int" | "int4" | "bigint" | "int8" | "real"
        | "float4" | "float8" | "boolean" | "bool" | "date" | "timestamptz" | "timetz" | "oid"
        | "regclass" | "name" | "refcursor" | "record" | "void" => word.clone(),
        "float" => with_length(cursor, "float")?,
        "double" => {
            cursor.expect("PRECISION")?;
            "double precision".to_owned()
        }
        "decimal" | "numeric" | "dec" => decimal(cursor)?,
        "char" | "character" | "nchar" | "bpchar" => {
            if word == "character" && cursor.eat(&["VARYING"]) {
                varchar(cursor, is_column)?
            } else {
                character(cursor, &word, is_column)?
            }
        }
        "varchar" | "nvarchar" | "text" => varchar(cursor, is_column)?,
        "timestamp" | "time" => date_time(cursor, &word)?,
        "datetime" => "timestamp".to_owned(),
        "interval" => interval(cursor),
        "super" => "jsonb".to_owned(),
        "varbyte" | "varbinary" => {
            length(cursor)?;
            "bytea".to_owned()
        }
        "geometry" | "geography" | "hllsketch" => {
            return Err(SqlError::unsupported(format!("type {word}")));
        }
        _ => return Err(SqlError::Refused(format!("type \"{word}\" does not exist"))),
    };
    if cursor.peek().is_some_and(|token| token.is_symbol("[")) {
        return Err(SqlError::not_in_redshift("array type"));
    }
    Ok(found)
}

/// Takes `(n)` or `(MAX)`, if present.
fn length(cursor: &mut Cursor<'_, '_>) -> Result<Option<i64>, SqlError> {
    if !cursor.peek().is_some_and(|token| token.is_symbol("(")) {
        return Ok(None);
    }
    let mut inner = Cursor::new(cursor.parenthesised()?);
    let length = if inner.eat(&["MAX"]) {
        LONGEST_VARCHAR
    } else {
        inner.integer()?
    };
    inner.finish()?;
    Ok(Some(length))
}

fn with_length(cursor: &mut Cursor<'_, '_>, name: &str) -> Result<String, SqlError> {
    Ok(match length(cursor)? {
        Some(length) => format!("{name}({length})"),
        None => name.to_owned(),
    })
}

fn varchar(cursor: &mut Cursor<'_, '_>, is_column: bool) -> Result<String, SqlError> {
    match length(cursor)? {
        Some(n) if n > LONGEST_VARCHAR => Err(SqlError::Refused(
            "length for type varchar cannot exceed 65535".to_owned(),
        )),
        Some(n) => Ok(format!("varchar({n})")),
        None if is_column => Ok(DEFAULT_VARCHAR.to_owned()),
        None => Ok("varchar".to_owned()),
    }
}

fn character(cursor: &mut Cursor<'_, '_>, word: &str, is_column: bool) -> Result<String, SqlError> {
    match length(cursor)? {
        Some(n) if n > LONGEST_CHAR => Err(SqlError::Refused(
            "length for type bpchar cannot exceed 4096".to_owned(),
        )),
        Some(n) => Ok(format!("char({n})")),
        None if word == "bpchar" && is_column => Ok("char(256)".to_owned()),
        None => Ok(word.replace("nchar", "char")),
    }
}

fn decimal(cursor: &mut Cursor<'_, '_>) -> Result<String, SqlError> {
    if !cursor.peek().is_some_and(|token| token.is_symbol("(")) {
        return Ok(DEFAULT_DECIMAL.to_owned());
    }
    let mut inner = Cursor::new(cursor.parenthesised()?);
    let precision = inner.integer()?;
    let scale = if inner.eat_symbol(",") {
        inner.integer()?
    } else {
        0
    };
    inner.finish()?;
    if !(1..=38).contains(&precision) {
        return Err(SqlError::Refused(format!(
            "DECIMAL precision {precision} must be between 1 and 38"
        )));
    }
    if !(0..=precision.min(37)).contains(&scale) {
        return Err(SqlError::Refused(format!(
            "DECIMAL scale {scale} must be between 0 and {}",
            precision.min(37)
        )));
    }
    Ok(format!("numeric({precision},{scale})"))
}

fn date_time(cursor: &mut Cursor<'_, '_>, word: &str) -> Result<String, SqlError> {
    let base = with_length(cursor, word)?;
    if cursor.eat(&["WITH", "TIME", "ZONE"]) {
        return Ok(format!("{base} with time zone"));
    }
    cursor.eat(&["WITHOUT", "TIME", "ZONE"]);
    Ok(base)
}

fn interval(cursor: &mut Cursor<'_, '_>) -> String {
    if cursor.eat(&["YEAR", "TO", "MONTH"]) {
        "interval year to month".to_owned()
    } else if cursor.eat(&["DAY", "TO", "SECOND"]) {
        "interval day to second".to_owned()
    } else {
        "interval".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lexing::lex;

    fn read_as(sql: &str, is_column: bool) -> Result<String, SqlError> {
        let tokens = lex(sql)?;
        let mut cursor = Cursor::new(&tokens);
        let found = read(&mut cursor, is_column)?;
        cursor.finish()?;
        Ok(found)
    }

    #[test]
    fn a_column_gets_redshifts_default_lengths() {
        assert_eq!(read_as("VARCHAR", true).unwrap(), "varchar(256)");
        assert_eq!(read_as("text", true).unwrap(), "varchar(256)");
        assert_eq!(read_as("DECIMAL", true).unwrap(), "numeric(18,0)");
        assert_eq!(
            read_as("CHARACTER VARYING(MAX)", true).unwrap(),
            "varchar(65535)"
        );
        assert_eq!(read_as("SUPER", true).unwrap(), "jsonb");
        assert_eq!(
            read_as("timestamp without time zone", true).unwrap(),
            "timestamp"
        );
    }

    #[test]
    fn types_that_redshift_lacks_are_refused() {
        for sql in [
            "serial",
            "jsonb",
            "uuid",
            "text[]",
            "int[3]",
            "decimal(39,2)",
            "varchar(70000)",
        ] {
            assert!(read_as(sql, true).is_err(), "{sql}");
        }
    }
}
