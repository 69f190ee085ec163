//! Rewrites queries and expressions, token by token.

mod function;
pub(crate) mod types;

use crate::sql::lexing::{Cursor, Kind, SqlError, Tok, literal, name};
pub(crate) use function::SCHEMA;

/// Maximum depth of parentheses. A deeper statement is refused, because rendering is recursive.
const DEEPEST: usize = 200;

/// Returns the PostgreSQL text of `tokens`.
pub(crate) fn render(tokens: &[Tok<'_>]) -> Result<String, SqlError> {
    check_depth(tokens)?;
    let mut writer = Writer::default();
    writer.write_all(tokens)?;
    Ok(writer.text)
}

fn check_depth(tokens: &[Tok<'_>]) -> Result<(), SqlError> {
    let mut depth = 0_usize;
    for token in tokens {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth = depth.saturating_sub(1);
        }
        if depth > DEEPEST {
            return Err(SqlError::Refused(
                "statement is nested too deeply".to_owned(),
            ));
        }
    }
    Ok(())
}

/// Returns whether the last token of `before` and the first of `after` may become one token if they touch.
fn joins(before: &str, after: &str) -> bool {
    let (Some(last), Some(first)) = (before.chars().last(), after.chars().next()) else {
        return false;
    };
    let in_word = |ch: char| ch.is_alphanumeric() || !ch.is_ascii() || "_$#'\"".contains(ch);
    let in_operator = |ch: char| "~!@#^&|?+-*/%<>=:".contains(ch);
    in_word(last) && in_word(first)
        || in_operator(last) && in_operator(first)
        || last == '.' && first.is_ascii_digit()
        || matches!(last, 'u' | 'U') && first == '&'
}

/// Collects the rewritten text.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    text: String,
}

impl Writer {
    /// Appends `text`, preceded by a space if `gap` is true, or if PostgreSQL would read its start and the end of the
    /// text before it as one token: a token between them may have been dropped or rewritten.
    pub(crate) fn put(&mut self, gap: bool, text: &str) {
        let apart = gap && !self.text.is_empty() && !self.text.ends_with([' ', '(']);
        if apart || joins(&self.text, text) {
            self.text.push(' ');
        }
        self.text.push_str(text);
    }

    pub(crate) fn write_all(&mut self, tokens: &[Tok<'_>]) -> Result<(), SqlError> {
        let mut cursor = Cursor::new(tokens);
        let mut before: Option<&Tok<'_>> = None;
        while let Some(token) = cursor.peek() {
            self.write_one(&mut cursor, before)?;
            before = Some(token);
        }
        Ok(())
    }

    fn write_one(
        &mut self,
        cursor: &mut Cursor<'_, '_>,
        before: Option<&Tok<'_>>,
    ) -> Result<(), SqlError> {
        let Some(token) = cursor.peek() else {
            return Ok(());
        };
        if token.is_symbol("(") {
            let gap = token.gap;
            let inner = cursor.parenthesised()?;
            self.put(gap, "(");
            self.write_all(inner)?;
            self.put(false, ")");
            return Ok(());
        }
        if token.kind == Kind::Word {
            let qualified = before.is_some_and(|before| before.is_symbol("."));
            return self.write_word(cursor, token, before, qualified);
        }
        cursor.next();
        match token.kind {
            Kind::Literal => {
                let text = literal(&token.text);
                let apart =
                    token.gap || (text.starts_with('E') && before.is_some_and(Tok::is_name));
                self.put(apart, &text);
            }
            Kind::Quoted => self.put(token.gap, &name(token)),
            Kind::Symbol if token.text == "::" => {
                self.put(token.gap, "::");
                let cast = types::cast(cursor)?;
                self.put(false, &cast);
            }
            _ => self.put(token.gap, &token.text),
        }
        Ok(())
    }

    fn write_word(
        &mut self,
        cursor: &mut Cursor<'_, '_>,
        token: &Tok<'_>,
        before: Option<&Tok<'_>>,
        qualified: bool,
    ) -> Result<(), SqlError> {
        cursor.next();
        let call = cursor.peek().is_some_and(|next| next.is_symbol("("));
        if call && !qualified && function::write(self, token, cursor)? {
            return Ok(());
        }
        match token.text.to_ascii_uppercase().as_str() {
            _ if qualified => self.put(token.gap, &name(token)),
            "SELECT" => self.write_select(cursor, token)?,
            "SYSDATE" => self.put(token.gap, "localtimestamp"),
            "MINUS" => self.put(token.gap, "EXCEPT"),
            "APPROXIMATE" => {}
            "INTO" if !before.is_some_and(|word| word.is_any(&["INSERT", "MERGE"])) => {
                let temporary = cursor.peek().is_some_and(|next| next.text.starts_with('#'));
                self.put(token.gap, if temporary { "INTO TEMP" } else { "INTO" });
            }
            _ => self.put(token.gap, &name(token)),
        }
        Ok(())
    }

    /// Writes `SELECT TOP n …` as `SELECT … LIMIT n`, with the limit at the end of the same query.
    fn write_select(
        &mut self,
        cursor: &mut Cursor<'_, '_>,
        token: &Tok<'_>,
    ) -> Result<(), SqlError> {
        self.put(token.gap, &token.text);
        let mut ahead = cursor.clone();
        if !ahead.eat(&["TOP"]) {
            return Ok(());
        }
        let Ok(limit) = ahead.integer() else {
            return Ok(());
        };
        *cursor = ahead;
        let rest = cursor.take_rest();
        if outside(rest)
            .any(|token| token.is_any(&["UNION", "EXCEPT", "INTERSECT", "MINUS", "LIMIT"]))
        {
            return Err(SqlError::unsupported(
                "TOP together with a set operation or LIMIT",
            ));
        }
        self.write_all(rest)?;
        self.put(true, &format!("LIMIT {limit}"));
        Ok(())
    }

    /// Appends an argument in parentheses, so that surrounding operators apply to all of it.
    pub(crate) fn operand(&mut self, tokens: &[Tok<'_>]) -> Result<(), SqlError> {
        self.put(false, "(");
        self.write_all(tokens)?;
        self.put(false, ")");
        Ok(())
    }

    /// Appends arguments, separated by commas.
    pub(crate) fn arguments(&mut self, arguments: &[&[Tok<'_>]]) -> Result<(), SqlError> {
        for (at, argument) in arguments.iter().enumerate() {
            self.put(false, if at == 0 { "" } else { ", " });
            self.write_all(argument)?;
        }
        Ok(())
    }
}

/// Returns the tokens outside of parentheses.
pub(crate) fn outside<'t, 'a>(tokens: &'t [Tok<'a>]) -> impl Iterator<Item = &'t Tok<'a>> {
    let mut depth = 0_usize;
    tokens.iter().filter(move |token| {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth = depth.saturating_sub(1);
        }
        depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lexing::lex;

    fn rendered(sql: &str) -> String {
        render(&lex(sql).unwrap()).unwrap()
    }

    #[test]
    fn text_without_redshift_syntax_is_unchanged() {
        let sql =
            "SELECT a.\"b c\", 'x''y', 1.50 FROM s.t AS a WHERE a.n <> 2 AND f(a, (b)) IS NULL";
        assert_eq!(rendered(sql), sql);
    }

    #[test]
    fn top_becomes_a_limit_of_its_own_query() {
        assert_eq!(
            rendered("select * from (select top 3 a from t order by a) x"),
            "select * from (select a from t order by a LIMIT 3) x"
        );
        assert_eq!(rendered("select top, 1 from t"), "select top, 1 from t");
    }

    #[test]
    fn literals_with_backslashes_keep_redshifts_meaning() {
        assert_eq!(rendered(r"select x like'a\\_%'"), r"select x like E'a\\_%'");
    }

    #[test]
    fn keywords_are_rewritten_but_column_names_are_not() {
        assert_eq!(
            rendered("select sysdate minus select t.sysdate"),
            "select localtimestamp EXCEPT select t.sysdate"
        );
        assert_eq!(
            rendered("select a into #x from t"),
            "select a INTO TEMP \"#x\" from t"
        );
        assert_eq!(
            rendered("insert into #x select 1"),
            "insert into \"#x\" select 1"
        );
    }

    #[test]
    fn deeply_nested_parentheses_are_an_error_and_not_a_crash() {
        let sql = format!("select {}1{}", "(".repeat(5_000), ")".repeat(5_000));
        assert!(render(&lex(&sql).unwrap()).is_err());
    }
}
