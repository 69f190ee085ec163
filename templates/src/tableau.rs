//! Tableau's files: a data source (`.tds`) and a workbook (`.twb`), as XML.
//!
//! The texts of the structs are written as they are, and escaped for XML. References such as `[source].[field]` are
//! built and checked by the crate `tableau`.

use serde::Serialize;

use crate::render::{RenderError, render_xml};

/// The parts that the two files share.
const PARTIALS: [(&str, &str); 3] = [
    ("column", include_str!("../tableau/column.xml.hbs")),
    ("source", include_str!("../tableau/source.xml.hbs")),
    ("worksheet", include_str!("../tableau/worksheet.xml.hbs")),
];

/// A data source: one view of the warehouse.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    /// The name by which references name the data source.
    pub name: String,
    pub caption: String,
    pub connection: Connection,
    pub schema: String,
    pub view: String,
    pub columns: Vec<Column>,
    pub folders: Vec<Folder>,
}

/// How Tableau reaches the database.
#[derive(Clone, Debug, Serialize)]
pub struct Connection {
    /// The name by which the relation names the connection.
    pub name: String,
    pub caption: String,
    /// The attributes of the element `connection`, with the class.
    pub attributes: Vec<Attribute>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Attribute {
    pub name: &'static str,
    pub value: String,
}

/// A column of the view as a field of Tableau.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    /// The name of the column in the view.
    pub name: String,
    pub caption: String,
    pub description: String,
    pub datatype: &'static str,
    pub role: &'static str,
    #[serde(rename = "type")]
    pub field_type: &'static str,
    /// The aggregation that Tableau uses when an analyst drags the field.
    pub aggregation: &'static str,
    /// The number format; empty for Tableau's default.
    pub format: &'static str,
}

/// A folder of fields in Tableau's data pane.
#[derive(Clone, Debug, Serialize)]
pub struct Folder {
    pub name: &'static str,
    /// The names of columns.
    pub columns: Vec<String>,
}

/// A file with one data source.
#[derive(Debug, Serialize)]
pub struct SourceFile<'a> {
    pub source: &'a Source,
}

/// A file with data sources, sheets and one dashboard.
#[derive(Clone, Debug, Serialize)]
pub struct Workbook {
    pub sources: Vec<Source>,
    pub sheets: Vec<Worksheet>,
    pub dashboard: Dashboard,
}

/// A sheet with one chart of one data source.
#[derive(Clone, Debug, Serialize)]
pub struct Worksheet {
    pub name: String,
    /// The caption, also the text for people who cannot see the chart.
    pub description: String,
    pub source: Source,
    /// The columns that the sheet uses.
    pub columns: Vec<Column>,
    /// The fields of the sheet: columns with their aggregation.
    pub instances: Vec<Instance>,
    /// Filters that keep one value of a field, applied before all others.
    pub members: Vec<MemberFilter>,
    /// Filters that keep the largest values of a field.
    pub tops: Vec<TopFilter>,
    /// At most one.
    pub sorts: Vec<Sort>,
    /// References of all fields with a filter.
    pub slices: Vec<String>,
    pub mark: &'static str,
    pub encodings: Vec<Encoding>,
    /// The parts of the label of a mark, texts and references in `<>`; empty for Tableau's default.
    pub label: Vec<String>,
    pub rows: String,
    pub cols: String,
    /// UUID in braces.
    pub id: String,
    /// UUID in braces of the sheet's window.
    pub window_id: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Instance {
    pub column: String,
    pub derivation: &'static str,
    pub name: String,
    #[serde(rename = "type")]
    pub field_type: &'static str,
}

#[derive(Clone, Debug, Serialize)]
pub struct MemberFilter {
    pub field: String,
    pub level: String,
    pub member: &'static str,
}

#[derive(Clone, Debug, Serialize)]
pub struct TopFilter {
    pub field: String,
    pub level: String,
    pub count: u32,
    /// The formula of the measure that ranks the values.
    pub expression: String,
}

/// Sorts a field by a measure, the largest first.
#[derive(Clone, Debug, Serialize)]
pub struct Sort {
    pub field: String,
    pub by: String,
}

/// A field that determines the look of the marks.
#[derive(Clone, Debug, Serialize)]
pub struct Encoding {
    pub channel: &'static str,
    pub field: String,
}

/// A page with all sheets.
#[derive(Clone, Debug, Serialize)]
pub struct Dashboard {
    pub name: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// In the unit of the zones.
    pub title_height: u32,
    pub zones: Vec<Zone>,
    pub id: String,
    pub window_id: String,
}

/// The place of a sheet, in hundred-thousandths of the dashboard's width and height.
#[derive(Clone, Debug, Serialize)]
pub struct Zone {
    pub id: usize,
    pub sheet: String,
    pub x: u32,
    pub y: u32,
    pub w: u32,
    pub h: u32,
}

impl SourceFile<'_> {
    /// Renders the `.tds` file.
    ///
    /// # Errors
    ///
    /// Fails if the template uses a name that the data source does not have.
    pub fn render(&self) -> Result<String, RenderError> {
        let template = include_str!("../tableau/source.tds.hbs");
        render_xml("source.tds", template, &PARTIALS, self)
    }
}

impl Workbook {
    /// Renders the `.twb` file.
    ///
    /// # Errors
    ///
    /// Fails if the template uses a name that the workbook does not have.
    pub fn render(&self) -> Result<String, RenderError> {
        let template = include_str!("../tableau/workbook.twb.hbs");
        render_xml("workbook.twb", template, &PARTIALS, self)
    }
}
