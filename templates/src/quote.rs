//! Quotes values: Handlebars helpers for SQL and JSON, and the escape function for XML.

use handlebars::{
    Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderErrorReason,
};

/// The maximum length of an identifier: Redshift truncates longer ones at 127 bytes and PostgreSQL at 63.
///
/// Source: <https://docs.aws.amazon.com/redshift/latest/dg/r_names.html>
const MAX_IDENTIFIER_BYTES: usize = 63;

/// Returns whether `name` is allowed as an identifier: 1 to 63 letters, digits and `_ : -`, as in
/// `IAMR:riverhouse-dev-load`.
///
/// Only these characters are allowed, so no quote, dot or space can end an identifier early.
#[must_use]
pub fn is_identifier(name: &str) -> bool {
    (1..=MAX_IDENTIFIER_BYTES).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_:-".contains(&byte))
}

/// `{{identifier name}}`: a name in double quotes. Fails if the name does not pass [`is_identifier`].
pub(crate) fn identifier(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let name = text("identifier", helper)?;
    if !is_identifier(name) {
        let reason =
            format!("`{name}` is not an identifier: use letters, digits, `_`, `:` and `-`");
        return Err(RenderErrorReason::Other(reason).into());
    }
    out.write("\"")?;
    out.write(name)?;
    out.write("\"")?;
    Ok(())
}

/// `{{literal text}}`: a text in single quotes.
///
/// Fails for a backslash, which is an escape in a literal of Redshift but not of PostgreSQL, and for NUL,
/// which neither supports.
pub(crate) fn literal(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let value = text("literal", helper)?;
    if value.contains(['\\', '\0']) {
        let reason = format!(
            "{value:?} contains a backslash or NUL, which Redshift and PostgreSQL read differently: remove it"
        );
        return Err(RenderErrorReason::Other(reason).into());
    }
    out.write("'")?;
    out.write(&value.replace('\'', "''"))?;
    out.write("'")?;
    Ok(())
}

/// `{{json value}}`: a value as JSON.
pub(crate) fn json(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let value = helper
        .param(0)
        .filter(|param| !param.is_value_missing())
        .ok_or(RenderErrorReason::ParamNotFoundForIndex("json", 0))?;
    out.write(&value.value().to_string())?;
    Ok(())
}

/// Escapes a value for an attribute or a text of XML. Line breaks and tabs become spaces, as an XML parser reads them in
/// attributes; characters that XML forbids become U+FFFD.
///
/// Source: <https://www.w3.org/TR/xml/#charsets>
pub(crate) fn xml(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' | '\r' | '\t' => escaped.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(letter),
        }
    }
    escaped
}

fn text<'a>(name: &'static str, helper: &'a Helper<'_>) -> Result<&'a str, RenderErrorReason> {
    helper
        .param(0)
        .and_then(|param| param.value().as_str())
        .ok_or(RenderErrorReason::ParamNotFoundForIndex(name, 0))
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use crate::{Sql, render};

    #[derive(Serialize)]
    struct Name<'a> {
        it: &'a str,
    }

    impl Sql for Name<'_> {
        const NAME: &'static str = "name";
        const TEMPLATE: &'static str = "{{identifier it}}";
    }

    #[derive(Serialize)]
    struct Text<'a> {
        it: &'a str,
    }

    impl Sql for Text<'_> {
        const NAME: &'static str = "text";
        const TEMPLATE: &'static str = "{{literal it}}";
    }

    #[test]
    fn a_name_of_allowed_characters_is_quoted() {
        for it in ["sales_line", "IAMR:riverhouse-dev-load", "A1"] {
            assert_eq!(render(&Name { it }).unwrap(), format!("\"{it}\""));
        }
    }

    #[test]
    fn a_name_that_could_end_early_is_refused() {
        let long = "x".repeat(64);
        for it in ["", "a\"b", "a.b", "a b", "a;b", "a'b", "ä", "a\nb", &long] {
            let error = render(&Name { it }).unwrap_err();
            assert!(format!("{error:?}").contains("not an identifier"), "{it}");
        }
    }

    #[test]
    fn a_quote_in_a_text_is_doubled_and_html_is_unchanged() {
        assert_eq!(render(&Text { it: "it's <b>" }).unwrap(), "'it''s <b>'");
    }

    #[test]
    fn a_text_that_dialects_read_differently_is_refused() {
        for it in ["a\\'; DROP TABLE x; --", "a\0b"] {
            assert!(render(&Text { it }).is_err(), "{it:?}");
        }
    }

    #[test]
    fn xml_keeps_every_character_that_it_allows() {
        assert_eq!(
            super::xml("<&\"'> 🚢\n\t\u{1}\u{ffff}"),
            "&lt;&amp;&quot;&apos;&gt; 🚢  \u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn a_helper_without_its_value_is_refused() {
        #[derive(Serialize)]
        struct Empty {}
        impl Sql for Empty {
            const NAME: &'static str = "empty";
            const TEMPLATE: &'static str = "{{literal it}}";
        }
        assert!(render(&Empty {}).is_err());
    }
}
