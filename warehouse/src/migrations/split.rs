//! A file's statements.

/// The statements of `text`, each without its `;` and without comments around it.
///
/// A `;` inside quotes, `$$` bodies or comments closes nothing. Only-comment pieces are left out.
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

/// Where the first statement's `;` is, or the end.
fn statement_end(text: &str) -> usize {
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        let rest = &text[at..];
        at += match byte {
            b';' => return at,
            b'\'' => quoted(rest, "'"),
            b'"' => quoted(rest, "\""),
            b'$' if rest.starts_with("$$") => quoted(rest, "$$"),
            b'-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
    }
    text.len()
}

/// Length of the quoted piece that `text` starts with; a doubled quote simply opens the next piece.
fn quoted(text: &str, quote: &str) -> usize {
    let inside = &text[quote.len()..];
    inside
        .find(quote)
        .map_or(text.len(), |end| end + 2 * quote.len())
}

fn without_leading_comments(statement: &str) -> &str {
    let mut statement = statement.trim();
    while let Some(comment) = statement.strip_prefix("--") {
        statement = comment
            .split_once('\n')
            .map_or("", |(_, rest)| rest)
            .trim_start();
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
                "/* ; */ SELECT 'it''s; here'",
                "CREATE PROCEDURE p() AS $$ BEGIN; END; $$"
            ]
        );
    }

    #[test]
    fn what_is_left_open_runs_to_the_end() {
        for text in [
            "SELECT 'a; b",
            "SELECT \"a; b",
            "SELECT 1 /* a; b",
            "SELECT $$ a; b",
        ] {
            assert_eq!(split(text), [text]);
        }
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
