//! Splits a statement into tokens that keep their source text.

use std::borrow::Cow;
use std::str::Chars;

use sqlparser::dialect::RedshiftSqlDialect;
use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};

use super::error::SqlError;

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

/// Splits `sql` into tokens. Comments are dropped, because the two engines end them at different
/// characters.
///
/// # Errors
///
/// Returns [`SqlError`] when `sql` cannot be split, or PostgreSQL would split it differently.
pub(crate) fn lex(sql: &str) -> Result<Vec<Tok<'_>>, SqlError> {
    if sql.contains('\0') {
        return Err(SqlError::Syntax("\\0".to_owned()));
    }
    let dialect = RedshiftSqlDialect {};
    let tokens = Tokenizer::new(&dialect, sql)
        .with_unescape(false)
        .tokenize_with_location()
        .map_err(|error| SqlError::Refused(error.message))?;
    let mut position = Position::new(sql);
    let mut out = Vec::with_capacity(tokens.len());
    let mut gap = false;
    for spanned in tokens {
        let text = position.advance_to(spanned.span.end.line, spanned.span.end.column);
        if is_space(&spanned.token) {
            gap = true;
            continue;
        }
        let kind = kind(&spanned.token, text)?;
        if kind == Kind::Dollar && !postgresql_agrees_on_its_end(text) {
            return Err(SqlError::Syntax(text.to_owned()));
        }
        out.push(Tok {
            kind,
            text: Cow::Borrowed(text),
            gap,
        });
        gap = false;
    }
    check_unicode(&out)?;
    while out.last().is_some_and(|last| last.is_symbol(";")) {
        out.pop();
    }
    Ok(out)
}

/// Returns whether PostgreSQL ends this dollar-quoted string where the tokenizer did: at the first
/// repetition of its tag, which must not start with a digit.
fn postgresql_agrees_on_its_end(dollar: &str) -> bool {
    let Some(end) = dollar[1..].find('$').map(|at| at + 2) else {
        return false;
    };
    let (tag, rest) = dollar.split_at(end);
    !tag[1..].starts_with(|ch: char| ch.is_ascii_digit())
        && rest
            .find(tag)
            .is_some_and(|at| at + tag.len() == rest.len())
}

/// Rejects `U&"…"`: it can spell any name in a way that no rule here reads.
fn check_unicode(tokens: &[Tok<'_>]) -> Result<(), SqlError> {
    let found = tokens.windows(3).any(|three| {
        three[0].is("U")
            && three[1].is_symbol("&")
            && matches!(three[2].kind, Kind::Quoted | Kind::Literal)
            && !three[1].gap
            && !three[2].gap
    });
    if found {
        return Err(SqlError::not_in_redshift("U&"));
    }
    Ok(())
}

fn is_space(token: &Token) -> bool {
    matches!(
        token,
        Token::Whitespace(
            Whitespace::Space
                | Whitespace::Newline
                | Whitespace::Tab
                | Whitespace::SingleLineComment { .. }
                | Whitespace::MultiLineComment(_)
        )
    )
}

fn kind(token: &Token, text: &str) -> Result<Kind, SqlError> {
    Ok(match token {
        Token::Word(word) => match word.quote_style {
            None => Kind::Word,
            Some('"') => Kind::Quoted,
            Some(_) => return Err(SqlError::unsupported(format!("a path such as {text}"))),
        },
        Token::SingleQuotedString(_)
        | Token::NationalStringLiteral(_)
        | Token::EscapedStringLiteral(_)
        | Token::HexStringLiteral(_)
        | Token::SingleQuotedByteStringLiteral(_) => Kind::Literal,
        Token::DollarQuotedString(_) => Kind::Dollar,
        Token::Number(..) => Kind::Number,
        // Arguments of functions that are written in SQL.
        Token::Placeholder(mark) if mark.starts_with('$') => Kind::Symbol,
        Token::UnicodeStringLiteral(_)
        | Token::TripleSingleQuotedString(_)
        | Token::TripleDoubleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::DoubleQuotedByteStringLiteral(_)
        | Token::TripleSingleQuotedByteStringLiteral(_)
        | Token::TripleDoubleQuotedByteStringLiteral(_)
        | Token::SingleQuotedRawStringLiteral(_)
        | Token::DoubleQuotedRawStringLiteral(_)
        | Token::TripleSingleQuotedRawStringLiteral(_)
        | Token::TripleDoubleQuotedRawStringLiteral(_)
        | Token::QuoteDelimitedStringLiteral(_)
        | Token::NationalQuoteDelimitedStringLiteral(_)
        | Token::Char(_)
        | Token::Placeholder(_)
        | Token::EOF => return Err(SqlError::Syntax(text.to_owned())),
        _ => Kind::Symbol,
    })
}

/// Follows the tokenizer's lines and columns (both from 1, in characters) through the text.
struct Position<'a> {
    rest: &'a str,
    line: u64,
    column: u64,
}

impl<'a> Position<'a> {
    fn new(sql: &'a str) -> Self {
        Self {
            rest: sql,
            line: 1,
            column: 1,
        }
    }

    /// Returns the text from here up to `line` and `column`, which become the new position.
    fn advance_to(&mut self, line: u64, column: u64) -> &'a str {
        let mut end = self.rest.len();
        for (at, ch) in self.rest.char_indices() {
            if (self.line, self.column) == (line, column) {
                end = at;
                break;
            }
            if ch == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        text
    }
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
