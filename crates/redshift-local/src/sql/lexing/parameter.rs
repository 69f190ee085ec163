//! Named parameters, `:name`.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::error::SqlError;
use super::token::{Kind, Tok, lex, quote};

/// A value for `:name`. It is always text; the database converts it to the type that its place
/// needs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Parameter {
    /// Name without the colon.
    pub(crate) name: String,
    /// Value, at least one character long. NULL cannot be passed.
    pub(crate) value: String,
}

/// Returns the parameter name at `at` and the number of its tokens after the colon, if there is
/// one. A name that begins with a digit is more than one token.
pub(super) fn name_at(tokens: &[Tok<'_>], at: usize) -> Option<(String, usize)> {
    tokens.get(at).filter(|token| token.is_symbol(":"))?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let parts: Vec<&str> = tokens[at + 1..]
        .iter()
        .take_while(|token| !token.gap && token.text.bytes().all(fits))
        .map(|token| token.text.as_ref())
        .collect();
    (!parts.is_empty()).then(|| (parts.concat(), parts.len()))
}

/// Replaces the placeholders by their values as string literals. The database types them like
/// untyped parameters, and no value can end its literal.
pub(crate) fn bind<'a>(tokens: Vec<Tok<'a>>, parameters: &[Parameter]) -> Vec<Tok<'a>> {
    if parameters.is_empty() {
        return tokens;
    }
    let mut out: Vec<Tok<'a>> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        let found = name_at(&tokens, at - 1).and_then(|(name, length)| {
            let parameter = parameters.iter().find(|own| own.name == name)?;
            Some((parameter, length))
        });
        out.push(match found {
            Some((parameter, length)) => {
                at += length;
                Tok {
                    kind: Kind::Literal,
                    text: Cow::Owned(quote(&parameter.value)),
                    // A letter before it would change how PostgreSQL reads the literal: `x'41'`.
                    gap: true,
                }
            }
            None => token.clone(),
        });
    }
    out
}

/// Returns the parameter names in `sql`, or none if `sql` cannot be split into tokens.
fn referenced(sql: &str) -> BTreeSet<String> {
    let Ok(tokens) = lex(sql) else {
        return BTreeSet::new();
    };
    (0..tokens.len())
        .filter_map(|at| name_at(&tokens, at))
        .map(|(name, _)| name)
        .collect()
}

/// Checks that each parameter is used in a statement and each name used has a value.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html>
pub(crate) fn check_parameters(sqls: &[String], parameters: &[Parameter]) -> Result<(), SqlError> {
    if parameters.is_empty() {
        return Ok(());
    }
    let used: BTreeSet<String> = sqls.iter().flat_map(|sql| referenced(sql)).collect();
    let given: BTreeSet<String> = parameters.iter().map(|p| p.name.clone()).collect();
    if given.len() != parameters.len() {
        return Err(SqlError::Refused(
            "Parameters list contains duplicate parameters".to_owned(),
        ));
    }
    let list = |names: Vec<&String>| {
        names
            .into_iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let unused: Vec<_> = given.difference(&used).collect();
    if !unused.is_empty() {
        let unused = list(unused);
        return Err(SqlError::Refused(format!(
            "Parameters list contains unused parameters. Unused parameters: [{unused}]"
        )));
    }
    let missing: Vec<_> = used.difference(&given).collect();
    if !missing.is_empty() {
        let missing = list(missing);
        return Err(SqlError::Refused(format!(
            "Parameters list is missing values for parameters: [{missing}]"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, value: &str) -> Parameter {
        Parameter {
            name: name.to_owned(),
            value: value.to_owned(),
        }
    }

    fn bound(sql: &str, parameters: &[Parameter]) -> String {
        let tokens = bind(lex(sql).unwrap(), parameters);
        tokens
            .iter()
            .map(|token| token.text.as_ref())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn a_parameter_becomes_a_literal_that_it_cannot_leave() {
        assert_eq!(
            bound(
                "select :a::int, ':a'",
                &[parameter("a", "1'; drop table t; --\\")]
            ),
            "select '1''; drop table t; --\\\\' :: int , ':a'"
        );
    }

    #[test]
    fn a_name_may_begin_with_a_digit() {
        let sqls = ["select :1, :2nd::int, :0x1_, x.y".to_owned()];
        let parameters = [
            parameter("1", "a"),
            parameter("2nd", "b"),
            parameter("0x1_", "c"),
        ];
        check_parameters(&sqls, &parameters).unwrap();
        assert_eq!(
            bound(&sqls[0], &parameters),
            "select 'a' , 'b' :: int , 'c' , x . y"
        );
    }

    #[test]
    fn unused_missing_and_repeated_parameters_are_refused() {
        let sqls = ["select :a".to_owned()];
        let check = |parameters: &[Parameter]| check_parameters(&sqls, parameters);
        assert!(check(&[parameter("a", "1")]).is_ok());
        let unused = check(&[parameter("a", "1"), parameter("b", "1")]).unwrap_err();
        assert!(unused.to_string().contains("[b]"), "{unused}");
        let missing = check_parameters(&["select :x".to_owned()], &[parameter("a", "1")]);
        assert!(missing.is_err());
        assert!(check(&[parameter("a", "1"), parameter("a", "2")]).is_err());
    }
}
