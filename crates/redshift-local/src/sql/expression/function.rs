//! Function calls that PostgreSQL would reject or evaluate differently.
//!
//! Redshift functions that can be written as SQL functions are in the compatibility schema instead.

use super::types;
use super::{Writer, render};
use crate::sql::lexing::{Cursor, Kind, SqlError, Tok, split};

/// Schema of the compatibility functions.
pub(crate) const SCHEMA: &str = "redshift_compat";

/// Writes the call of `word`, whose opening parenthesis is the next token of `cursor`. Returns
/// false, with nothing taken, if no rule exists for the function.
pub(crate) fn write(
    out: &mut Writer,
    word: &Tok<'_>,
    cursor: &mut Cursor<'_, '_>,
) -> Result<bool, SqlError> {
    let name = word.text.to_ascii_lowercase();
    let rule: Rule = match name.as_str() {
        "nvl" => |out, arguments| call(out, "coalesce", &split(arguments)),
        "nvl2" => nvl2,
        "decode" => decode,
        "dateadd" | "date_add" => |out, arguments| with_part(out, "dateadd", arguments),
        "datediff" | "date_diff" => |out, arguments| with_part(out, "datediff", arguments),
        "date_part" | "pgdate_part" => date_part,
        "extract" => extract,
        "concat" => concat,
        "convert" => convert,
        "cast" => cast,
        "median" => median,
        "json_serialize" => json_serialize,
        "json_extract_path_text" => json_extract_path_text,
        "to_timestamp" => to_timestamp,
        "listagg" => return listagg(out, word, cursor).map(|()| true),
        _ => return Ok(false),
    };
    let arguments = cursor.parenthesised()?;
    out.put(word.gap, "");
    rule(out, arguments)?;
    Ok(true)
}

type Rule = fn(&mut Writer, &[Tok<'_>]) -> Result<(), SqlError>;

fn call(out: &mut Writer, name: &str, arguments: &[&[Tok<'_>]]) -> Result<(), SqlError> {
    out.put(false, name);
    out.put(false, "(");
    out.arguments(arguments)?;
    out.put(false, ")");
    Ok(())
}

fn wrong_arguments(name: &str) -> SqlError {
    SqlError::Refused(format!(
        "function {name} was called with a wrong number of arguments"
    ))
}

fn nvl2(out: &mut Writer, arguments: &[Tok<'_>]) -> Result<(), SqlError> {
    let [tested, then, otherwise] = split(arguments)[..] else {
        return Err(wrong_arguments("nvl2"));
    };
    out.put(false, "CASE WHEN ");
    out.operand(tested)?;
    out.put(false, " IS NOT NULL THEN ");
    out.operand(then)?;
    out.put(false, " ELSE ");
    out.operand(otherwise)?;
    out.put(false, " END");
    Ok(())
}

/// Writes `DECODE` as `CASE`; in `DECODE`, two NULLs are equal.
fn decode(out: &mut Writer, arguments: &[Tok<'_>]) -> Result<(), SqlError> {
    let parts = split(arguments);
    let Some((subject, pairs)) = parts.split_first().filter(|(_, pairs)| pairs.len() >= 2) else {
        return Err(wrong_arguments("decode"));
    };
    out.put(false, "CASE");
    let (pairs, default) = pairs.as_chunks::<2>();
    for [search, result] in pairs {
        out.put(false, " WHEN ");
        out.operand(subject)?;
        out.put(false, " IS NOT DISTINCT FROM ");
        out.operand(search)?;
        out.put(false, " THEN ");
        out.operand(result)?;
    }
    if let [default] = default {
        out.put(false, " ELSE ");
        out.operand(default)?;
    }
    out.put(false, " END");
    Ok(())
}

/// Writes a function whose first argument is a bare word, such as `month`.
fn with_part(out: &mut Writer, name: &str, arguments: &[Tok<'_>]) -> Result<(), SqlError> {
    let parts = split(arguments);
    let Some((part, rest)) = parts.split_first() else {
        return Err(wrong_arguments(name));
    };
    out.put(false, &format!("{name}({}", part_of_date(part)?));
    for argument in rest {
        out.put(false, ", ");
        out.write_all(argument)?;
    }
    out.put(false, ")");
    Ok(())
}

fn part_of_date(part: &[Tok<'_>]) -> Result<String, SqlError> {
    match part {
        [word] if word.kind == Kind::Word => Ok(format!("'{}'", word.text.to_ascii_lowercase())),
        _ => render(part),
    }
}

/// Writes `DATE_PART`; Redshift knows more names of date parts than PostgreSQL.
fn date_part(out: &mut Writer, arguments: &[Tok<'_>]) -> Result<(), SqlError> {
    let [part, value] = split(arguments)[..] else {
        return Err(wrong_arguments("date_part"));
    };
    let part = part_of_date(part)?;
    out.put(
        false,
        &format!(
            "date_part({SCHEMA}.part_of_date({part}), {})",
            render(value)?
        ),
    );
    Ok(())
}

/// Writes `TO_TIMESTAMP`. Redshift requires a format; PostgreSQL's one-argument form reads seconds.
fn to_timestamp(out: &mut Writer, arguments: &[Tok<'_>]) -> Result<(), SqlError> {
    match split(arguments)[..] {
        [text, format] => call(out, "to_timestamp", &[text, format]),
        [_, _, _] => Err(SqlError::unsupported("TO_TIMESTAMP with is_strict")),
        _ => Err(wrong_arguments("to_timestamp")),
    }
}

/// Writes `JSON_EXTRACT_PATH_TEXT`. With a last argument of `true`, invalid JSON gives NULL.
fn json_extract_path_text(out: &mut Writer, arguments: &[Tok<'_>]) -> Result<(), SqlError> {
    match split(arguments)[..] {
        [ref path @ .., [last]] if last.is("TRUE") => {
            call(out, &format!("{SCHEMA}.json_path_or_null"), path)
        }
        [ref path @ .., [last]] if last.is("FALSE") => call(out, "json_extract_path_text", path),
        ref path => call(out, "json_extract_path_text", path),
    }
}

/// Writes `EXTRACT`, which returns an integer in Redshift and a numeric in PostgreSQL.
fn extract(out: &mut Writer, arguments: &[Tok<'_>]) -> Result<(), SqlError> {
    let [part, from, value @ ..] = arguments else {
        return Err(wrong_arguments("extract"));
    };
    if !from.is("FROM") || value.is_empty() {
        return Err(SqlError::Syntax(from.text.clone().into_owned()));
    }
    let part = part.text.trim_matches('\'').to_ascii_lowercase();
    if !part
        .chars()
        .all(|ch| ch.is_ascii_alphanumeric() || ch == '_')
    {
        return Err(SqlError::Syntax(part));
    }
    out.put(false, &format!("{SCHEMA}.extract_part('{part}', "));
    out.write_all(value)?;
    out.put(false, ")");
    Ok(())
}

/// Writes `CONCAT`, which takes two arguments in Redshift and returns NULL if one of them is NULL.
fn concat(out: &mut Writer, arguments: &[Tok<'_>]) -> Result<(), SqlError> {
    let [left, right] = split(arguments)[..] else {
        return Err(wrong_arguments("concat"));
    };
    out.put(false, "(");
    out.operand(left)?;
    out.put(false, "::text || ");
    out.operand(right)?;
    out.put(false, "::text)");
    Ok(())
}

/// Writes `CONVERT(type, value)`.
fn convert(out: &mut Writer, arguments: &[Tok<'_>]) -> Result<(), SqlError> {
    let [target, value] = split(arguments)[..] else {
        return Err(wrong_arguments("convert"));
    };
    let mut cursor = Cursor::new(target);
    let target = types::cast(&mut cursor)?;
    cursor.finish()?;
    out.put(false, "CAST(");
    out.write_all(value)?;
    out.put(false, &format!(" AS {target})"));
    Ok(())
}

fn cast(out: &mut Writer, arguments: &[Tok<'_>]) -> Result<(), SqlError> {
    let mut depth = 0_i32;
    let split_at = arguments.iter().rposition(|token| {
        depth += i32::from(token.is_symbol(")")) - i32::from(token.is_symbol("("));
        depth == 0 && token.is("AS")
    });
    let Some(at) = split_at else {
        return Err(SqlError::End);
    };
    let mut cursor = Cursor::new(&arguments[at + 1..]);
    let target = types::cast(&mut cursor)?;
    cursor.finish()?;
    out.put(false, "CAST(");
    out.write_all(&arguments[..at])?;
    out.put(false, &format!(" AS {target})"));
    Ok(())
}

fn median(out: &mut Writer, arguments: &[Tok<'_>]) -> Result<(), SqlError> {
    out.put(false, "percentile_cont(0.5) WITHIN GROUP (ORDER BY ");
    out.write_all(arguments)?;
    out.put(false, ")");
    Ok(())
}

/// Writes `JSON_SERIALIZE`. PostgreSQL 17 has a syntax of the same name with another meaning.
fn json_serialize(out: &mut Writer, arguments: &[Tok<'_>]) -> Result<(), SqlError> {
    out.put(false, &format!("{SCHEMA}.json_serialize("));
    out.write_all(arguments)?;
    out.put(false, ")");
    Ok(())
}

/// Writes `LISTAGG([DISTINCT] x [, delimiter]) [WITHIN GROUP (ORDER BY …)]`, which skips empty
/// strings.
///
/// PostgreSQL can order distinct values only by themselves, so they must not be cast to text first.
fn listagg(out: &mut Writer, word: &Tok<'_>, cursor: &mut Cursor<'_, '_>) -> Result<(), SqlError> {
    let mut arguments = Cursor::new(cursor.parenthesised()?);
    let distinct = arguments.eat(&["DISTINCT"]);
    arguments.eat(&["ALL"]);
    let (value, delimiter) = match split(arguments.rest())[..] {
        [value] => (value, "''".to_owned()),
        [value, delimiter] => (value, render(delimiter)?),
        _ => return Err(wrong_arguments("listagg")),
    };
    let value = render(value)?;
    let mut order = String::new();
    if cursor.eat(&["WITHIN", "GROUP"]) {
        order = format!(" {}", render(cursor.parenthesised()?)?);
    }
    if cursor.peek().is_some_and(|token| token.is("OVER")) {
        return Err(SqlError::unsupported("LISTAGG as a window function"));
    }
    let text = if distinct {
        format!("{SCHEMA}.listagg(DISTINCT {value}, {delimiter}{order})")
    } else {
        format!("string_agg(NULLIF(({value})::text, ''), {delimiter}{order})")
    };
    out.put(word.gap, &text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lexing::lex;

    fn rendered(sql: &str) -> String {
        render(&lex(sql).unwrap()).unwrap()
    }

    #[test]
    fn calls_are_rewritten_inside_each_other() {
        insta::assert_snapshot!(
            rendered("select decode(nvl(a, 0), 1, dateadd(month, -1, d), null)"),
            @"select CASE WHEN (coalesce(a, 0)) IS NOT DISTINCT FROM (1) THEN (dateadd('month', -1, d)) ELSE (null) END"
        );
    }

    #[test]
    fn casts_map_their_types_and_keep_nested_ones() {
        assert_eq!(
            rendered("select cast(cast(a as decimal) as varchar(max)), b::super"),
            "select CAST(CAST(a AS numeric(18,0)) AS varchar(65535)), b::jsonb"
        );
        assert_eq!(
            rendered("select convert(int, '7')"),
            "select CAST('7' AS int)"
        );
    }

    #[test]
    fn listagg_takes_its_order_as_an_argument() {
        assert_eq!(
            rendered("select listagg(distinct a, ', ') within group (order by a desc) from t"),
            "select redshift_compat.listagg(DISTINCT a, ', ' order by a desc) from t"
        );
        assert_eq!(
            rendered("select listagg(a) within group (order by aa) from t"),
            "select string_agg(NULLIF((a)::text, ''), '' order by aa) from t"
        );
        assert!(render(&lex("select listagg(a) over (partition by b)").unwrap()).is_err());
    }

    #[test]
    fn date_parts_need_no_quotes() {
        assert_eq!(
            rendered("select DATEDIFF(Day, a, b)"),
            "select datediff('day', a, b)"
        );
        assert_eq!(
            rendered("select extract(year from a)"),
            "select redshift_compat.extract_part('year', a)"
        );
    }

    #[test]
    fn a_column_with_the_name_of_a_function_is_not_a_call() {
        assert_eq!(
            rendered("select t.nvl, nvl from t"),
            "select t.nvl, nvl from t"
        );
    }
}
