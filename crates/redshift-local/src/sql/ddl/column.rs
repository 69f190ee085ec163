//! Column definitions.

use crate::sql::expression::{render, types};
use crate::sql::lexing::{Cursor, SqlError, Tok};

/// A column definition in PostgreSQL's spelling.
#[derive(Debug)]
pub(crate) struct Column {
    /// Name, quoted if it was quoted in the statement.
    pub(crate) name: String,
    /// Type, default and identity.
    pub(crate) definition: String,
    /// Whether NULL is refused. A primary key implies it, and is otherwise not enforced.
    pub(crate) not_null: bool,
}

/// Keywords that can follow a default.
const ATTRIBUTES: &[&str] = &[
    "IDENTITY",
    "GENERATED",
    "ENCODE",
    "DISTKEY",
    "SORTKEY",
    "COLLATE",
    "NOT",
    "NULL",
    "UNIQUE",
    "PRIMARY",
    "REFERENCES",
    "CHECK",
    "CONSTRAINT",
    "DEFAULT",
];

/// Encodings that a column can have.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/c_Compression_encodings.html>
const ENCODINGS: &[&str] = &[
    "AZ64",
    "BYTEDICT",
    "DELTA",
    "DELTA32K",
    "LZO",
    "MOSTLY8",
    "MOSTLY16",
    "MOSTLY32",
    "RAW",
    "RUNLENGTH",
    "TEXT255",
    "TEXT32K",
    "ZSTD",
    "AUTO",
];

impl Column {
    /// Parses `name type attribute …`.
    pub(crate) fn parse(tokens: &[Tok<'_>]) -> Result<Self, SqlError> {
        let mut cursor = Cursor::new(tokens);
        let name = cursor.name()?;
        let definition = types::column(&mut cursor)?;
        let mut column = Self {
            name,
            definition,
            not_null: false,
        };
        while cursor.peek().is_some() {
            column.attribute(&mut cursor)?;
        }
        Ok(column)
    }

    /// Returns the whole definition.
    pub(crate) fn text(&self) -> String {
        let not_null = if self.not_null { " NOT NULL" } else { "" };
        format!("{} {}{not_null}", self.name, self.definition)
    }

    fn attribute(&mut self, cursor: &mut Cursor<'_, '_>) -> Result<(), SqlError> {
        if cursor.eat(&["NOT", "NULL"]) || cursor.eat(&["PRIMARY", "KEY"]) {
            self.not_null = true;
        } else if cursor.eat(&["NULL"])
            || cursor.eat(&["UNIQUE"])
            || cursor.eat(&["DISTKEY"])
            || cursor.eat(&["SORTKEY"])
        {
        } else if cursor.eat(&["DEFAULT"]) {
            let value = cursor.until(|token| token.is_any(ATTRIBUTES))?;
            self.definition = format!("{} DEFAULT {}", self.definition, render(value)?);
        } else if cursor.eat(&["ENCODE"]) {
            encoding(cursor)?;
        } else if cursor.eat(&["REFERENCES"]) {
            cursor.path()?;
            if cursor.peek().is_some_and(|token| token.is_symbol("(")) {
                cursor.names()?;
            }
        } else if cursor.eat(&["COLLATE"]) {
            collation(cursor)?;
        } else {
            self.identity(cursor)?;
        }
        Ok(())
    }

    fn identity(&mut self, cursor: &mut Cursor<'_, '_>) -> Result<(), SqlError> {
        let by_default = cursor.eat(&["GENERATED", "BY", "DEFAULT", "AS"]);
        if !cursor.eat(&["IDENTITY"]) {
            return Err(match cursor.peek() {
                Some(token) if token.is_any(&["CHECK", "GENERATED", "CONSTRAINT"]) => {
                    SqlError::not_in_redshift(&format!("column attribute {}", token.text))
                }
                _ => cursor.unexpected(),
            });
        }
        let mut inner = Cursor::new(cursor.parenthesised()?);
        let seed = inner.integer()?;
        inner.expect_symbol(",")?;
        let step = inner.integer()?;
        inner.finish()?;
        let when = if by_default { "BY DEFAULT" } else { "ALWAYS" };
        let bound = if step < 0 { "MAXVALUE" } else { "MINVALUE" };
        self.definition = format!(
            "{} GENERATED {when} AS IDENTITY (START WITH {seed} INCREMENT BY {step} {bound} {seed})",
            self.definition
        );
        Ok(())
    }
}

fn encoding(cursor: &mut Cursor<'_, '_>) -> Result<(), SqlError> {
    match cursor.peek() {
        Some(token) if token.is_any(ENCODINGS) => {
            cursor.next();
            Ok(())
        }
        Some(token) => Err(SqlError::Refused(format!(
            "encoding type \"{}\" does not exist",
            token.text
        ))),
        None => Err(SqlError::End),
    }
}

fn collation(cursor: &mut Cursor<'_, '_>) -> Result<(), SqlError> {
    if cursor.eat(&["CASE_SENSITIVE"]) || cursor.eat(&["CS"]) {
        return Ok(());
    }
    if cursor.eat(&["CASE_INSENSITIVE"]) || cursor.eat(&["CI"]) {
        return Err(SqlError::unsupported("COLLATE CASE_INSENSITIVE"));
    }
    Err(cursor.unexpected())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lexing::lex;

    fn text(sql: &str) -> Result<String, SqlError> {
        Ok(Column::parse(&lex(sql)?)?.text())
    }

    #[test]
    fn storage_and_keys_are_dropped_and_the_rest_is_kept() {
        assert_eq!(
            text("a varchar(8) encode zstd distkey not null default 'x'::varchar(3) unique")
                .unwrap(),
            "a varchar(8) DEFAULT 'x'::varchar(3) NOT NULL"
        );
        assert_eq!(
            text("a int primary key references t(b)").unwrap(),
            "a int NOT NULL"
        );
        assert_eq!(
            text("id bigint identity(0, 1)").unwrap(),
            "id bigint GENERATED ALWAYS AS IDENTITY (START WITH 0 INCREMENT BY 1 MINVALUE 0)"
        );
    }

    #[test]
    fn an_unknown_attribute_is_refused() {
        for sql in [
            "a int check (a > 0)",
            "a int encode lz4",
            "a int auto_increment",
            "a serial",
        ] {
            assert!(text(sql).is_err(), "{sql}");
        }
    }
}
