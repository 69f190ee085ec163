//! Strict rendering of templates.

use handlebars::{Handlebars, RenderErrorReason, no_escape};
use serde::Serialize;

use crate::quote;

/// The values of an SQL template.
pub trait Sql: Serialize {
    /// The name of the template, for errors and the warehouse's query history.
    const NAME: &'static str;
    /// The text with placeholders.
    const TEMPLATE: &'static str;
}

/// A template could not be rendered: a mistake in the template, or a value that is not allowed in SQL.
#[derive(Debug, thiserror::Error)]
#[error("cannot render template `{name}`")]
pub struct RenderError {
    pub name: String,
    /// The position and the cause.
    #[source]
    pub source: Box<handlebars::RenderError>,
}

/// Renders the template of `values`.
///
/// # Errors
///
/// Fails if a placeholder has no value or a value is not allowed in its place.
pub fn render<T: Sql>(values: &T) -> Result<String, RenderError> {
    render_text(T::NAME, T::TEMPLATE, values)
}

/// Renders `template`, for sets of files that share one struct.
pub(crate) fn render_text(
    name: &str,
    template: &str,
    values: &impl Serialize,
) -> Result<String, RenderError> {
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    handlebars.register_escape_fn(no_escape);
    handlebars.register_helper("identifier", Box::new(quote::identifier));
    handlebars.register_helper("literal", Box::new(quote::literal));
    handlebars.register_helper("json", Box::new(quote::json));
    handlebars
        .render_template(template, values)
        .map_err(|source| RenderError {
            name: name.to_owned(),
            source: Box::new(source),
        })
}

/// Renders `template` as XML: every value is escaped for attributes and text. `partials` are names and texts of the
/// templates that it includes.
pub(crate) fn render_xml(
    name: &str,
    template: &str,
    partials: &[(&str, &str)],
    values: &impl Serialize,
) -> Result<String, RenderError> {
    let failed = |source: handlebars::RenderError| RenderError {
        name: name.to_owned(),
        source: Box::new(source),
    };
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    handlebars.register_escape_fn(quote::xml);
    for (partial, text) in partials {
        let registered = handlebars.register_partial(partial, text);
        registered.map_err(|error| failed(RenderErrorReason::from(error).into()))?;
    }
    handlebars.render_template(template, values).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Gap {
        there: &'static str,
    }

    impl Sql for Gap {
        const NAME: &'static str = "gap";
        const TEMPLATE: &'static str = "SELECT {{there}}, {{missing}}";
    }

    #[test]
    fn a_placeholder_without_a_value_is_an_error_that_names_the_template() {
        let error = render(&Gap { there: "1" }).unwrap_err();
        assert_eq!(error.to_string(), "cannot render template `gap`");
        assert!(error.source.to_string().contains("missing"));
    }
}
