//! Finds the end of each token, by PostgreSQL's lexical rules and the three in which Redshift
//! differs: a backslash escapes in plain strings, `#name` is a name, and there is no `U&`.
//!
//! The rewritten statement is read by PostgreSQL, so a text that PostgreSQL would split in another
//! way must be refused here: a rule would check other words than those that run.
//!
//! Sources: <https://www.postgresql.org/docs/current/sql-syntax-lexical.html>,
//! <https://docs.aws.amazon.com/redshift/latest/dg/r_names.html>

use super::error::SqlError;
use super::token::Kind;

/// Characters of operators.
const OPERATOR: &[u8] = b"~!@#^&|?+-*/%<>=";
/// An operator of several characters may end in `+` or `-` only if it contains one of these.
const BEFORE_SIGN: &[u8] = b"~!@#%^&|?";
/// Tokens of one character that never join an operator.
const SINGLE: &[u8] = b",().;:]";

/// One token, or the white space or comment between two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Lexeme {
    Gap,
    Token(Kind),
}

/// Returns the kind of the lexeme at the start of `text`, which is not empty, and its length in
/// bytes. `after_operand` says that the token before ends an operand and touches this one: `#` is
/// then an operator, and cannot start a name.
///
/// # Errors
///
/// Returns [`SqlError`] for a string, name or comment without an end, and for a character that no
/// statement of Redshift contains outside of them.
pub(super) fn next(text: &str, after_operand: bool) -> Result<(Lexeme, usize), SqlError> {
    let bytes = text.as_bytes();
    if let Some(length) = gap(text)? {
        return Ok((Lexeme::Gap, length));
    }
    let (kind, length) = match bytes[0] {
        b'\'' => (Kind::Literal, string(text, 0, Content::Text)?),
        b'"' => (Kind::Quoted, quoted_name(text)?),
        b'$' => dollar(text)?,
        b'#' if !after_operand && bytes.get(1).copied().is_some_and(in_name) => {
            (Kind::Word, 1 + name(&bytes[1..]))
        }
        first if in_name(first) => word(text)?,
        first if first.is_ascii_digit() || first == b'.' && digits(&bytes[1..]) > 0 => {
            (Kind::Number, number(bytes))
        }
        b'[' => (Kind::Symbol, bracket(text)?),
        b':' if matches!(bytes.get(1), Some(b':' | b'=')) => (Kind::Symbol, 2),
        first if SINGLE.contains(&first) => (Kind::Symbol, 1),
        first if OPERATOR.contains(&first) => (Kind::Symbol, operator(bytes)),
        _ => return Err(SqlError::Syntax(text.chars().take(1).collect())),
    };
    Ok((Lexeme::Token(kind), length))
}

/// Returns whether a name can start with the first character of `text`.
pub(super) fn starts_name(text: &str) -> bool {
    text.bytes().next().is_some_and(in_name)
}

/// Returns whether a name can start with `byte`. Every character outside of ASCII can start one.
fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

/// Returns the length of the name at the start of `bytes`.
fn name(bytes: &[u8]) -> usize {
    count(bytes, |byte| {
        in_name(byte) || byte.is_ascii_digit() || byte == b'$'
    })
}

fn digits(bytes: &[u8]) -> usize {
    count(bytes, |byte| byte.is_ascii_digit())
}

fn count(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| belongs(**byte)).count()
}

/// Returns the length of the white space or comment at the start of `text`, if there is one.
fn gap(text: &str) -> Result<Option<usize>, SqlError> {
    let bytes = text.as_bytes();
    let space = count(bytes, |byte| {
        matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
    });
    if space > 0 {
        return Ok(Some(space));
    }
    if text.starts_with("--") {
        return Ok(Some(count(bytes, |byte| !matches!(byte, b'\n' | b'\r'))));
    }
    text.starts_with("/*").then(|| comment(text)).transpose()
}

/// Returns the length of the comment at the start of `text`; comments nest.
fn comment(text: &str) -> Result<usize, SqlError> {
    let bytes = text.as_bytes();
    let mut depth = 0;
    let mut at = 0;
    while at < bytes.len() {
        let step = match &bytes[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                2
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                2
            }
            _ => 1,
        };
        at += step;
        if depth == 0 {
            return Ok(at);
        }
    }
    Err(unterminated("comment", text))
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Content {
    /// A backslash escapes the next character, and two quotes stand for one.
    Text,
    /// Digits, which have no escapes.
    Bits,
}

/// Returns the length of the string whose opening quote is at `open`.
fn string(text: &str, open: usize, content: Content) -> Result<usize, SqlError> {
    let bytes = text.as_bytes();
    let mut at = open + 1;
    while let Some(byte) = bytes.get(at) {
        at += match byte {
            b'\\' if content == Content::Text => 2,
            b'\'' if content == Content::Text && bytes.get(at + 1) == Some(&b'\'') => 2,
            b'\'' => return Ok(at + 1),
            _ => 1,
        };
    }
    Err(unterminated("quoted string", text))
}

/// Returns the length of the name in double quotes at the start of `text`.
fn quoted_name(text: &str) -> Result<usize, SqlError> {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        at += match byte {
            b'"' if bytes.get(at + 1) == Some(&b'"') => 2,
            b'"' => return Ok(at + 1),
            _ => 1,
        };
    }
    Err(unterminated("quoted identifier", text))
}

/// Reads a word, or the string that a prefix of one letter announces.
fn word(text: &str) -> Result<(Kind, usize), SqlError> {
    let bytes = text.as_bytes();
    let length = name(bytes);
    let content = match (&bytes[..length], bytes.get(length)) {
        ([b'u' | b'U'], Some(b'&')) if matches!(bytes.get(2), Some(b'\'' | b'"')) => {
            return Err(SqlError::not_in_redshift("U&"));
        }
        ([b'e' | b'E' | b'n' | b'N'], Some(b'\'')) => Content::Text,
        ([b'b' | b'B' | b'x' | b'X'], Some(b'\'')) => Content::Bits,
        _ => return Ok((Kind::Word, length)),
    };
    Ok((Kind::Literal, string(text, length, content)?))
}

/// Reads a dollar-quoted string, or an argument of a function that is written in SQL, `$1`.
fn dollar(text: &str) -> Result<(Kind, usize), SqlError> {
    let bytes = text.as_bytes();
    let argument = digits(&bytes[1..]);
    if argument > 0 {
        let next = bytes.get(1 + argument).copied();
        if next.is_some_and(|next| in_name(next) || next == b'$') {
            return Err(SqlError::Syntax(text[..=argument].to_owned()));
        }
        return Ok((Kind::Symbol, 1 + argument));
    }
    let tag = 1 + count(&bytes[1..], |byte| in_name(byte) || byte.is_ascii_digit());
    if bytes.get(tag) != Some(&b'$') {
        return Err(SqlError::Syntax("$".to_owned()));
    }
    let (tag, rest) = text.split_at(tag + 1);
    let end = rest.find(tag);
    let end = end.ok_or_else(|| unterminated("dollar-quoted string", text))?;
    Ok((Kind::Dollar, end + 2 * tag.len()))
}

/// Returns the length of the number at the start of `bytes`. `1..2` is two numbers around `..`.
fn number(bytes: &[u8]) -> usize {
    let mut end = digits(bytes);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1) != Some(&b'.') {
        end += 1 + digits(&bytes[end + 1..]);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(bytes.get(end + 1 + sign..).unwrap_or_default());
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

/// Returns the length of `[`, unless it opens a path of a `SUPER` value.
fn bracket(text: &str) -> Result<usize, SqlError> {
    let inside = text[1..].trim_ascii_start().as_bytes().first();
    if inside.is_some_and(|first| *first == b'"' || in_name(*first)) {
        let path = text.split_inclusive(']').next().unwrap_or(text);
        return Err(SqlError::unsupported(format!("a path such as {path}")));
    }
    Ok(1)
}

/// Returns the length of the operator at the start of `bytes`: the longest run of operator
/// characters that contains no comment, less the signs at its end.
fn operator(bytes: &[u8]) -> usize {
    let run = count(bytes, |byte| OPERATOR.contains(&byte));
    let comment = |at: &usize| matches!(&bytes[*at..run], [b'-', b'-', ..] | [b'/', b'*', ..]);
    let name = |at: &usize| bytes[*at] == b'#' && bytes.get(at + 1).copied().is_some_and(in_name);
    let mut end = (1..run).find(|at| comment(at) || name(at)).unwrap_or(run);
    while end > 1
        && matches!(bytes[end - 1], b'+' | b'-')
        && !bytes[..end].iter().any(|byte| BEFORE_SIGN.contains(byte))
    {
        end -= 1;
    }
    end
}

fn unterminated(what: &str, text: &str) -> SqlError {
    const SHOWN: usize = 40;
    let shown: String = text.chars().take(SHOWN).collect();
    SqlError::Refused(format!("unterminated {what} at or near \"{shown}\""))
}

#[cfg(test)]
mod tests;
