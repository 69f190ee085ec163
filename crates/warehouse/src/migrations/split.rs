//! Splits a SQL file into its statements.

/// Returns the statements of `text`, each without its `;` and without leading comments.
///
/// A `;` inside quotes, `$$` bodies or comments does not end a statement. Parts with only comments are left
/// out.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut statements = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = statement_end(rest);
        let statement = without_leading_comments(&rest[..end]);
        if !statement.is_empty() {
            statements.push(statement.to_owned());
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    statements
}

/// Returns `text` with each comment replaced by a blank.
pub(super) fn without_comments(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(piece(rest));
        bare.push_str(if is_comment(piece) { " " } else { piece });
        rest = after;
    }
    bare
}

/// Returns the position of the `;` that ends the first statement, or the end.
fn statement_end(text: &str) -> usize {
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        if *byte == b';' {
            return at;
        }
        at += piece(&text[at..]);
    }
    text.len()
}

/// Returns the length of the first token: a quoted string, a comment or a single character.
fn piece(text: &str) -> usize {
    match text.as_bytes().first() {
        Some(b'\'') => quoted(text, "'"),
        Some(b'"') => quoted(text, "\""),
        Some(b'$') if text.starts_with("$$") => quoted(text, "$$"),
        Some(b'-') if text.starts_with("--") => text.find('\n').unwrap_or(text.len()),
        Some(b'/') if text.starts_with("/*") => text.find("*/").map_or(text.len(), |end| end + 2),
        _ => text.chars().next().map_or(1, char::len_utf8),
    }
}

fn is_comment(piece: &str) -> bool {
    piece.starts_with("--") || piece.starts_with("/*")
}

/// Returns the length of the quoted string at the start of `text`; a doubled quote starts the next token.
fn quoted(text: &str, quote: &str) -> usize {
    let inside = &text[quote.len()..];
    inside
        .find(quote)
        .map_or(text.len(), |end| end + 2 * quote.len())
}

fn without_leading_comments(statement: &str) -> &str {
    let mut statement = statement.trim();
    while is_comment(statement) {
        statement = statement[piece(statement)..].trim_start();
    }
    statement
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn statements_end_at_semicolons_outside_of_quotes_and_comments() {
        let text = "-- first; of all\nSELECT ';', \";\" ; /* ; */ SELECT 'it''s; here';\n\
                    CREATE PROCEDURE p() AS $$ BEGIN; END; $$;\n-- the end\n";
        assert_eq!(
            split(text),
            [
                "SELECT ';', \";\"",
                "SELECT 'it''s; here'",
                "CREATE PROCEDURE p() AS $$ BEGIN; END; $$"
            ]
        );
    }

    #[test]
    fn an_unclosed_quote_or_comment_runs_to_the_end() {
        for text in [
            "SELECT 'a; b",
            "SELECT \"a; b",
            "SELECT 1 /* a; b",
            "SELECT $$ a; b",
        ] {
            assert_eq!(split(text), [text]);
        }
    }

    #[test]
    fn comments_become_blanks_except_in_quotes() {
        let text = "/* why */ TRUNCATE -- all of it\nx /* now */, '-- a', \"/* b */\", $$ -- c $$";
        let bare = "  TRUNCATE  \nx  , '-- a', \"/* b */\", $$ -- c $$";
        assert_eq!(without_comments(text), bare);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_or_lose_a_literal(text in "[a;'\"$/*\\-\n£ ]{0,40}", literal in "[a;£-]{1,9}") {
            split(&text);
            let statement = format!("SELECT '{literal}'");
            prop_assert_eq!(split(&format!("{statement};\n{statement};")), [statement.clone(), statement]);
        }
    }
}
