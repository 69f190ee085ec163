//! The HTML of the analysts' report. Unlike SQL, every value is escaped for HTML, except those that are HTML.

use handlebars::Handlebars;
use serde::Serialize;

use crate::render::RenderError;

/// The values of a part of the report.
pub trait Html: Serialize {
    /// The name of the template, for errors.
    const NAME: &'static str;
    /// The text with placeholders: `{{value}}` is escaped, `{{{html}}}` is not.
    const TEMPLATE: &'static str;
}

/// The whole file.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    pub environment: String,
    /// Empty without data.
    pub data_as_of: String,
    pub written_at: String,
    /// The CSS variables of the colors.
    pub colors: String,
    pub sections: Vec<Section>,
}

impl Html for Document {
    const NAME: &'static str = "report/document.html";
    const TEMPLATE: &'static str = include_str!("../report/document.html.hbs");
}

/// A page of the report.
#[derive(Clone, Debug, Serialize)]
pub struct Section {
    pub id: String,
    pub title: String,
    /// The content, as HTML.
    pub body: String,
    pub definitions: Vec<Definitions>,
}

/// A view that the page reads.
#[derive(Clone, Debug, Serialize)]
pub struct Definitions {
    pub view: String,
    pub comment: String,
    pub columns: Vec<Term>,
}

/// A column of a view and its comment.
#[derive(Clone, Debug, Serialize)]
pub struct Term {
    pub name: String,
    pub comment: String,
}

/// A chart with the table of its data.
#[derive(Clone, Debug, Serialize)]
pub struct Chart {
    pub id: String,
    pub title: String,
    /// The text alternative.
    pub description: String,
    /// SVG for a desktop; empty without data.
    pub wide: String,
    /// SVG for a phone; empty without data.
    pub narrow: String,
    /// The table as HTML; empty without data.
    pub table: String,
}

impl Html for Chart {
    const NAME: &'static str = "report/chart.html";
    const TEMPLATE: &'static str = include_str!("../report/chart.html.hbs");
}

#[derive(Clone, Debug, Serialize)]
pub struct Table {
    pub title: String,
    pub columns: Vec<Column>,
    /// Each cell with whether it is a number.
    pub rows: Vec<Vec<(String, bool)>>,
}

impl Html for Table {
    const NAME: &'static str = "report/table.html";
    const TEMPLATE: &'static str = include_str!("../report/table.html.hbs");
}

/// The header of a column.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    pub title: String,
    /// Numbers are aligned by their last digit.
    pub is_number: bool,
}

/// A row of figures.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    pub title: String,
    pub figures: Vec<Figure>,
}

impl Html for Figures {
    const NAME: &'static str = "report/figures.html";
    const TEMPLATE: &'static str = include_str!("../report/figures.html.hbs");
}

/// A number with its name.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    pub title: String,
    pub value: String,
}

/// Renders the template of `values`.
///
/// # Errors
///
/// Fails if a placeholder has no value.
pub fn render<T: Html>(values: &T) -> Result<String, RenderError> {
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    let failed = |source| RenderError {
        name: T::NAME.to_owned(),
        source: Box::new(source),
    };
    handlebars
        .register_partial("style", include_str!("../report/style.css"))
        .map_err(|error| failed(error.into()))?;
    handlebars
        .render_template(T::TEMPLATE, values)
        .map_err(failed)
}
