//! Splits a statement into tokens that keep their source text.

use std::borrow::Cow;
use std::str::Chars;

use super::error::SqlError;
use super::scan::{self, Lexeme, starts_name};

/// Kind of a token, as far as the rules distinguish them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Unquoted word: a keyword or a name.
    Word,
    /// Name in double quotes.
    Quoted,
    /// String literal in any spelling except dollar quotes.
    Literal,
    /// Dollar-quoted string.
    Dollar,
    Number,
    /// Any other token.
    Symbol,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Tok<'a> {
    pub(crate) kind: Kind,
    /// Source text, including quotes.
    pub(crate) text: Cow<'a, str>,
    /// Whether white space or a comment precedes the token.
    pub(crate) gap: bool,
}

impl Tok<'_> {
    /// Returns whether this is the unquoted word `word`, in any case.
    pub(crate) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub(crate) fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    /// Returns whether this token can be a name.
    pub(crate) fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Quoted)
    }
}

/// Splits `sql` into tokens. Comments and final semicolons are dropped.
///
/// # Errors
///
/// Returns [`SqlError`] when `sql` cannot be split, or PostgreSQL would split it differently.
pub(crate) fn lex(sql: &str) -> Result<Vec<Tok<'_>>, SqlError> {
    if sql.contains('\0') {
        return Err(SqlError::Syntax("\\0".to_owned()));
    }
    let mut out: Vec<Tok<'_>> = Vec::new();
    let mut rest = sql;
    let mut gap = false;
    while !rest.is_empty() {
        let touched = out.last().filter(|_| !gap);
        let (lexeme, length) = scan::next(rest, touched.is_some_and(ends_operand))?;
        let (text, after) = rest.split_at(length);
        rest = after;
        let Lexeme::Token(kind) = lexeme else {
            gap = true;
            continue;
        };
        if touched.is_some_and(|before| before.kind == Kind::Number)
            && starts_name(text)
            && !names_parameter(&out)
        {
            return Err(SqlError::Syntax(text.to_owned()));
        }
        out.push(Tok {
            kind,
            text: Cow::Borrowed(text),
            gap,
        });
        gap = false;
    }
    while out.last().is_some_and(|last| last.is_symbol(";")) {
        out.pop();
    }
    Ok(out)
}

/// Returns whether an operator can follow this token, rather than a name or a value.
fn ends_operand(token: &Tok<'_>) -> bool {
    token.kind != Kind::Symbol || token.is_symbol(")") || token.is_symbol("]")
}

/// Returns whether the last token, a number, is the start of a parameter's name, as in `:2nd`.
fn names_parameter(tokens: &[Tok<'_>]) -> bool {
    matches!(tokens, [.., colon, number] if colon.is_symbol(":") && !number.gap)
}

/// Prefixes of database users that sign in through IAM or Identity Center. Their names keep the
/// case of the role or person.
const FEDERATED: &[&str] = &["\"IAM:", "\"IAMR:", "\"AWSIDC:"];

/// Returns a name in PostgreSQL's spelling. Redshift folds quoted names to lower case too, unless
/// `enable_case_sensitive_identifier` is on, and accepts `#name` as a name.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_names.html>
pub(crate) fn name(token: &Tok<'_>) -> String {
    match token.kind {
        Kind::Quoted if FEDERATED.iter().any(|start| token.text.starts_with(start)) => {
            token.text.clone().into_owned()
        }
        Kind::Quoted => token.text.to_lowercase(),
        Kind::Word if token.text.contains('#') => format!("\"{}\"", token.text.to_lowercase()),
        _ => token.text.clone().into_owned(),
    }
}

/// Returns a string literal in PostgreSQL's spelling: a backslash is an escape in Redshift's plain
/// strings.
pub(crate) fn literal(text: &str) -> Cow<'_, str> {
    match text.strip_prefix(['n', 'N']) {
        Some(rest) if rest.starts_with('\'') => Cow::Owned(literal(rest).into_owned()),
        _ if text.starts_with('\'') && text.contains('\\') => Cow::Owned(format!("E{text}")),
        _ => Cow::Borrowed(text),
    }
}

/// Returns the value of a plain string literal, or `None` for any other token.
pub(crate) fn value(token: &Tok<'_>) -> Option<String> {
    let inner = token.text.strip_prefix('\'')?.strip_suffix('\'')?;
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(ch) = chars.next() {
        match ch {
            '\'' => out.extend(chars.next()),
            '\\' => out.push(escaped(&mut chars)?),
            other => out.push(other),
        }
    }
    Some(out)
}

/// Returns the character that follows from a backslash and the next characters: a control
/// character, up to three octal digits, or the character itself.
fn escaped(chars: &mut Chars<'_>) -> Option<char> {
    let first = chars.next()?;
    let Some(mut code) = first.to_digit(8) else {
        return Some(match first {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            other => other,
        });
    };
    for _ in 0..2 {
        let Some(digit) = chars.clone().next().and_then(|next| next.to_digit(8)) else {
            break;
        };
        chars.next();
        code = code * 8 + digit;
    }
    char::from_u32(code)
}

/// Returns `text` as a literal in Redshift's spelling.
pub(crate) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_keep_their_text_and_comments_are_dropped() {
        let tokens = lex("select 'it''s' -- why\n, \"A b\"/* x */::int;").unwrap();
        let texts: Vec<_> = tokens
            .iter()
            .map(|token| (token.text.as_ref(), token.gap))
            .collect();
        assert_eq!(
            texts,
            [
                ("select", false),
                ("'it''s'", true),
                (",", true),
                ("\"A b\"", true),
                ("::", true),
                ("int", false)
            ]
        );
    }

    #[test]
    fn quoted_names_fold_to_lower_case_as_in_redshift() {
        let tokens = lex("\"Total\" #Stage \"IAMR:Load\"").unwrap();
        let names: Vec<_> = tokens.iter().map(name).collect();
        assert_eq!(names, ["\"total\"", "\"#stage\"", "\"IAMR:Load\""]);
    }

    #[test]
    fn a_backslash_escapes_in_a_plain_literal() {
        assert_eq!(literal(r"'\\d'"), r"E'\\d'");
        assert_eq!(literal("'plain'"), "'plain'");
        let read = |text| value(&lex(text).unwrap()[0]).unwrap();
        assert_eq!(read(r"'a\\b''c'"), r"a\b'c");
        assert_eq!(read(r"'\t\001\0018\0\x'"), "\t\u{1}\u{1}8\0x");
    }

    #[test]
    fn text_that_postgresql_would_tokenize_differently_is_refused() {
        for sql in [
            "select $1$a$ $a$, f(), $1$b$ $b$",
            "select u&\"s\\0065t_config\"('role', 'admin', false)",
            "select U&'\\0061'",
        ] {
            assert!(lex(sql).is_err(), "{sql}");
        }
        assert_eq!(lex("select $a$ $b$ $a$, u & \"a\"").unwrap().len(), 6);
    }

    #[test]
    fn a_bracketed_path_is_refused_clearly() {
        let error = lex("select a[\"b\"] from t").unwrap_err();
        assert!(matches!(error, SqlError::Unsupported(_)), "{error}");
    }
}
