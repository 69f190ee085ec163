//! Property tests of the whole rewriter.

use proptest::prelude::*;

use super::lexing::{Tok, lex, name};
use super::{Command, Parameter, plan};

fn main(sql: &str) -> Option<String> {
    match plan(sql, &[]).ok()?.command {
        Command::Sql { main, .. } => Some(main),
        _ => None,
    }
}

/// Generates keywords and symbols that reach every parser.
fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_#\"'$(),.;:*%=<>\\\\0-9 \\[\\]-]{0,6}",
        prop::sample::select(vec![
            "select",
            "top",
            "create",
            "table",
            "temp",
            "view",
            "copy",
            "unload",
            "merge",
            "into",
            "using",
            "when",
            "matched",
            "then",
            "grant",
            "role",
            "to",
            "from",
            "as",
            "with",
            "user",
            "password",
            "disable",
            "decode(",
            "listagg(",
            "dateadd(",
            "cast(",
            "extract(",
            "over (",
            "order by",
            "distkey",
            "sortkey",
            "identity(",
            "varchar(",
            "max)",
            "'x'",
            "$$",
            "::",
            "(",
            ")",
            ",",
            "alter",
            "add",
            "column",
            "set",
            "procedure",
            "language",
            "generate_series(",
        ])
        .prop_map(str::to_owned),
    ]
}

/// A dropped or rewritten token must not let its neighbours become one token, in which a name is hidden.
#[test]
fn neighbours_of_a_rewritten_token_do_not_join() {
    for sql in [
        "select 1 /approximate*'*/ , set_config($$role$$,$$admin$$,false) --'",
        r#"select u approximate&"s\0065t_config"($$role$$,$$admin$$,false)"#,
        "with t as (select 1 as \"select$$\") select (select top 1$$, \
         set_config($q$role$q$,$q$admin$q$,false)) from t -- $$)",
        "select null::varbyte(5)$$, set_config($q$role$q$,$q$admin$q$,false) -- $$",
        r"select top 1'\', set_config(''role'',''admin'',false) --'",
    ] {
        let Some(text) = main(sql) else { continue };
        let tokens = lex(&text).unwrap();
        let is_call = |token: &Tok<'_>| name(token).contains("set_config");
        assert!(
            !tokens.iter().any(|token| token.is_name() && is_call(token)),
            "{text}"
        );
        assert!(!text.contains("u&\""), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_rewriter_panic(sql in "\\PC{0,80}") {
        let _ = plan(&sql, &[]);
    }

    #[test]
    fn no_mix_of_words_makes_the_rewriter_panic(parts in prop::collection::vec(fragment(), 0..24)) {
        let parameter = Parameter { name: "a".to_owned(), value: "1".to_owned() };
        let _ = plan(&parts.join(" "), &[parameter]);
    }

    #[test]
    fn a_literal_comes_through_as_it_was(text in "[^\\\\\\x00]{0,40}") {
        let literal = format!("'{}'", text.replace('\'', "''"));
        let sql = format!("select nvl(a, {literal}), decode(b, 1, {literal}) from t where c = {literal}");
        let out = main(&sql).unwrap();
        prop_assert_eq!(out.matches(&literal).count(), 3, "{}", out);
    }

    #[test]
    fn a_literal_with_backslashes_keeps_its_text_behind_an_e(text in "[a-z\\\\]{0,20}") {
        let doubled = text.replace('\\', "\\\\");
        let out = main(&format!("select '{doubled}'")).unwrap();
        let mark = if text.contains('\\') { "E" } else { "" };
        prop_assert_eq!(out, format!("select {mark}'{doubled}'"));
    }

    #[test]
    fn a_quoted_name_in_lower_case_comes_through_as_it_was(name in "[a-z #.;(-]{1,20}") {
        let out = main(&format!("select \"{name}\" from t")).unwrap();
        prop_assert_eq!(out, format!("select \"{name}\" from t"));
    }
}
