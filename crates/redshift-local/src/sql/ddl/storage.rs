//! Storage options of Redshift, which have no meaning in PostgreSQL.

use crate::sql::lexing::{Cursor, SqlError};

/// Takes `BACKUP`, `DISTSTYLE`, `DISTKEY`, `SORTKEY`, `ENCODE AUTO` and `AUTO REFRESH`, in any
/// order, as they follow a table, a query or a materialized view.
///
/// # Errors
///
/// Returns a syntax error for an option that Redshift would not accept either.
pub(crate) fn skip_storage(cursor: &mut Cursor<'_, '_>) -> Result<(), SqlError> {
    loop {
        let known = skip_backup(cursor)? || skip_distribution(cursor)? || skip_sort(cursor)?;
        if !known {
            return Ok(());
        }
    }
}

fn skip_backup(cursor: &mut Cursor<'_, '_>) -> Result<bool, SqlError> {
    if cursor.eat(&["ENCODE", "AUTO"]) {
        return Ok(true);
    }
    if !cursor.eat(&["BACKUP"]) && !cursor.eat(&["AUTO", "REFRESH"]) {
        return Ok(false);
    }
    match cursor.eat_any(&["YES", "NO"]) {
        Some(_) => Ok(true),
        None => Err(cursor.unexpected()),
    }
}

fn skip_distribution(cursor: &mut Cursor<'_, '_>) -> Result<bool, SqlError> {
    if cursor.eat(&["DISTSTYLE"]) {
        return match cursor.eat_any(&["AUTO", "EVEN", "KEY", "ALL"]) {
            Some(_) => Ok(true),
            None => Err(cursor.unexpected()),
        };
    }
    if !cursor.eat(&["DISTKEY"]) {
        return Ok(false);
    }
    match cursor.names()?.len() {
        1 => Ok(true),
        _ => Err(SqlError::Refused(
            "cannot specify more than one column in DISTKEY".to_owned(),
        )),
    }
}

fn skip_sort(cursor: &mut Cursor<'_, '_>) -> Result<bool, SqlError> {
    let styled = cursor.eat_any(&["COMPOUND", "INTERLEAVED"]).is_some();
    if !cursor.eat(&["SORTKEY"]) {
        return if styled {
            Err(cursor.unexpected())
        } else {
            Ok(false)
        };
    }
    if cursor.eat_any(&["AUTO", "NONE"]).is_none() {
        cursor.names()?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lexing::lex;

    fn left_over(sql: &str) -> Result<usize, SqlError> {
        let tokens = lex(sql)?;
        let mut cursor = Cursor::new(&tokens);
        skip_storage(&mut cursor)?;
        Ok(cursor.rest().len())
    }

    #[test]
    fn storage_options_are_read_in_any_order() {
        let sql = "sortkey(a, b) diststyle key distkey(a) backup no encode auto as select";
        assert_eq!(left_over(sql).unwrap(), 2);
        assert_eq!(
            left_over("interleaved sortkey (a) sortkey auto").unwrap(),
            0
        );
    }

    #[test]
    fn an_unknown_style_is_an_error() {
        assert!(left_over("diststyle sometimes").is_err());
        assert!(left_over("distkey(a, b)").is_err());
    }
}
