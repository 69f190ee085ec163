//! Removes passwords from statements before they are stored.

use super::parameter::{Parameter, name_at};
use super::token::{Kind, Tok, lex};

/// Replaces a password in a stored statement.
const HIDDEN: &str = "***";

/// Replaces the passwords that `CREATE USER` and `ALTER USER` set, in statements and parameters, by
/// `***`. Idempotent.
pub(crate) fn hide_passwords(sqls: &mut [String], parameters: &mut [Parameter]) {
    for sql in sqls {
        if !sql.to_ascii_uppercase().contains("PASSWORD") {
            continue;
        }
        let hidden = match lex(sql) {
            Ok(tokens) => {
                let Some(at) = password(&tokens) else {
                    continue;
                };
                if let Some((name, _)) = name_at(&tokens, at) {
                    let named = parameters.iter_mut().filter(|own| own.name == name);
                    named.for_each(|own| HIDDEN.clone_into(&mut own.value));
                    continue;
                }
                without(&tokens, at)
            }
            // The password's position is unknown, so the whole statement is replaced.
            Err(_) => HIDDEN.to_owned(),
        };
        *sql = hidden;
    }
}

/// Returns the index of the token that holds a password, unless it is hidden already.
fn password(tokens: &[Tok<'_>]) -> Option<usize> {
    let [verb, object, ..] = tokens else {
        return None;
    };
    if !verb.is_any(&["CREATE", "ALTER"]) || !object.is("USER") {
        return None;
    }
    let at = tokens.iter().position(|token| token.is("PASSWORD"))? + 1;
    tokens.get(at).filter(|token| !token.is("DISABLE"))?;
    (!tokens[at].is_symbol(HIDDEN)).then_some(at)
}

/// Returns the statement without the password at `hidden` and the literals after it, which SQL joins to one.
fn without(tokens: &[Tok<'_>], hidden: usize) -> String {
    let is_literal = |token: &Tok<'_>| matches!(token.kind, Kind::Literal | Kind::Dollar);
    let more = tokens[hidden + 1..]
        .iter()
        .take_while(|token| is_literal(token));
    let next = hidden + 1 + more.count();
    let mut out = String::new();
    for (at, token) in tokens.iter().enumerate() {
        if (hidden + 1..next).contains(&at) {
            continue;
        }
        if token.gap && at > 0 {
            out.push(' ');
        }
        out.push_str(if at == hidden { HIDDEN } else { &token.text });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(sql: &str) -> String {
        let mut sqls = [sql.to_owned()];
        hide_passwords(&mut sqls, &mut []);
        let [sql] = sqls;
        sql
    }

    #[test]
    fn a_password_is_hidden_and_nothing_else() {
        assert_eq!(
            hidden("Create user \"a\" with /* why */ password 'Abc''12'  valid until '2030-01-01'"),
            "Create user \"a\" with password *** valid until '2030-01-01'"
        );
        assert_eq!(
            hidden("alter user a password $$x$$"),
            "alter user a password ***"
        );
        assert_eq!(hidden("alter user a password '"), "***");
        assert_eq!(
            hidden("alter user a password 'Abc'\n'def12345' createdb"),
            "alter user a password *** createdb"
        );
        let once = hidden("alter user a password 'Abcdef12' createdb");
        assert_eq!(hidden(&once), once);
        for sql in [
            "create user a password disable",
            "select 'password'  from t where password = 'x'",
            "alter user a rename to b",
            "select '",
        ] {
            assert_eq!(hidden(sql), sql);
        }
    }

    #[test]
    fn a_password_that_is_a_parameter_is_hidden_there() {
        let parameter = |name: &str| Parameter {
            name: name.to_owned(),
            value: "Abcdef12".to_owned(),
        };
        let mut sqls = ["alter user a password :new".to_owned()];
        let mut parameters = [parameter("new"), parameter("other")];
        hide_passwords(&mut sqls, &mut parameters);
        assert_eq!(sqls[0], "alter user a password :new");
        let values = parameters.map(|parameter| parameter.value);
        assert_eq!(values, ["***", "Abcdef12"]);
    }
}
