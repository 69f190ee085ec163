use proptest::prelude::*;

use super::super::token::lex;

fn split(sql: &str) -> Vec<String> {
    let tokens = lex(sql).unwrap();
    tokens.iter().map(|token| token.text.to_string()).collect()
}

fn refusal(sql: &str) -> String {
    lex(sql).unwrap_err().to_string()
}

#[test]
fn operators_end_where_postgresql_ends_them() {
    assert_eq!(split("a=-1"), ["a", "=", "-", "1"]);
    assert_eq!(split("a @- b"), ["a", "@-", "b"]);
    assert_eq!(split("a<=/* x */b>=--c\n1"), ["a", "<=", "b", ">=", "1"]);
    assert_eq!(split("a||'b'::text"), ["a", "||", "'b'", "::", "text"]);
    assert_eq!(
        split("count(*)*+2"),
        ["count", "(", "*", ")", "*", "+", "2"]
    );
}

#[test]
fn numbers_end_where_postgresql_ends_them() {
    assert_eq!(split("1.5e-3+.5"), ["1.5e-3", "+", ".5"]);
    assert_eq!(split("1..2"), ["1", ".", ".2"]);
    assert_eq!(split("1e+2, 1.e5"), ["1e+2", ",", "1.e5"]);
}

#[test]
fn a_hash_starts_a_name_unless_it_follows_an_operand() {
    assert_eq!(split("from #stage"), ["from", "#stage"]);
    assert_eq!(split("a#b, 5#3, (1)#c"), split("a # b , 5 # 3 , ( 1 ) # c"));
}

#[test]
fn comments_nest() {
    assert_eq!(split("1 /* a /* b */ c */, 2"), ["1", ",", "2"]);
    assert_eq!(
        refusal("1 /* /* */"),
        "unterminated comment at or near \"/* /* */\""
    );
}

#[test]
fn strings_and_names_end_at_their_quote() {
    assert_eq!(
        split(r"'a\'b' 'c''d' b'01''10'"),
        [r"'a\'b'", "'c''d'", "b'01'", "'10'"]
    );
    assert_eq!(
        split("\"a\"\"b\" $x$ $y$ ' $x$ a$b$"),
        ["\"a\"\"b\"", "$x$ $y$ ' $x$", "a$b$"]
    );
    for sql in ["'a", r"'a\'", "\"a", "$a$ $b$", "e'"] {
        assert!(refusal(sql).starts_with("unterminated"), "{sql}");
    }
}

#[test]
fn characters_that_no_statement_contains_are_refused() {
    for sql in [
        "select `a`",
        "{a}",
        r"\d",
        "\u{1}",
        "$",
        "1a",
        "1'a'x'41'1x'41'",
    ] {
        assert!(refusal(sql).starts_with("syntax error"), "{sql}");
    }
}

/// Generates statements in which tokens of all kinds touch each other.
fn statement() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[a-zéN_#$0-9.]{1,4}",
        r"[-+*/<>=~!@#%^&|?:]{1,4}",
        r"[ebxnu]?'[a-z'\\ $-]{0,5}'",
        r#"["'$\\ \n(),;\[\]]"#,
        "\\$[a-z]?\\$",
        Just("--".to_owned()),
        Just("/*".to_owned()),
        Just("*/".to_owned()),
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tokens_cover_the_statement_but_for_spaces_comments_and_final_semicolons(sql in statement()) {
        let Ok(tokens) = lex(&sql) else { return Ok(()) };
        let mut rest = sql.as_str();
        for token in &tokens {
            let at = token.text.as_ptr().addr() - rest.as_ptr().addr();
            prop_assert!(at == 0 || token.gap, "{:?} in {sql:?}", &rest[..at]);
            prop_assert!(lex(&rest[..at]).unwrap().is_empty(), "{:?} in {sql:?}", &rest[..at]);
            rest = &rest[at + token.text.len()..];
        }
        prop_assert!(lex(rest).unwrap().is_empty());
    }

    #[test]
    fn printed_tokens_are_split_into_the_same_tokens(sql in statement()) {
        let Ok(tokens) = lex(&sql) else { return Ok(()) };
        let printed: String = tokens
            .iter()
            .flat_map(|token| [if token.gap { " " } else { "" }, &token.text])
            .collect();
        prop_assert_eq!(lex(&printed).unwrap(), tokens, "{}", printed);
    }
}
