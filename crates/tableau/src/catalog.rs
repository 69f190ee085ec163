//! The analysts' views, as the database describes them.

use std::collections::BTreeMap;

use crate::datatype::Datatype;
use crate::error::BuildError;

/// A row of the query for the views' columns. The rows are in the order of views and columns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ViewColumn {
    pub view: String,
    pub column: String,
    /// The type as `format_type` prints it: `numeric(18,4)`, `character varying(20)`.
    pub type_name: String,
    /// Empty without a comment.
    pub view_comment: String,
    /// Empty without a comment.
    pub column_comment: String,
}

/// All views by name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Catalog(BTreeMap<String, View>);

/// A view with its columns in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct View {
    pub name: String,
    pub comment: String,
    pub columns: Vec<Column>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Column {
    pub name: String,
    pub comment: String,
    pub datatype: Datatype,
}

impl Catalog {
    /// Collects the rows of the query.
    ///
    /// # Errors
    ///
    /// Fails if Tableau has no data type for the type of a column.
    pub fn new(rows: Vec<ViewColumn>) -> Result<Self, BuildError> {
        let mut views = BTreeMap::new();
        for row in rows {
            let Some(datatype) = Datatype::of(&row.type_name) else {
                return Err(BuildError::UnknownType {
                    view: row.view,
                    column: row.column,
                    type_name: row.type_name,
                });
            };
            let view = views.entry(row.view.clone()).or_insert_with(|| View {
                name: row.view,
                comment: row.view_comment,
                columns: Vec::new(),
            });
            view.columns.push(Column {
                name: row.column,
                comment: row.column_comment,
                datatype,
            });
        }
        Ok(Self(views))
    }

    #[must_use]
    pub fn view(&self, name: &str) -> Option<&View> {
        self.0.get(name)
    }

    /// The views in the order of their names.
    pub fn views(&self) -> impl Iterator<Item = &View> {
        self.0.values()
    }
}

impl View {
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Returns a name of the database as a caption: `net_revenue` is `Net revenue`.
pub(crate) fn caption(name: &str) -> String {
    let words = name.split('_').map(|word| match word {
        "id" => "ID",
        "no" => "number",
        "rfm" => "RFM",
        word => word,
    });
    let text = words.collect::<Vec<_>>().join(" ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_are_words() {
        let captions = ["net_revenue", "customer_id", "invoice_no", "month"].map(caption);
        assert_eq!(
            captions,
            ["Net revenue", "Customer ID", "Invoice number", "Month"]
        );
    }

    #[test]
    fn a_type_that_tableau_does_not_have_is_named_with_its_column() {
        let row = ViewColumn {
            view: "top_items".to_owned(),
            column: "shape".to_owned(),
            type_name: "super".to_owned(),
            view_comment: String::new(),
            column_comment: String::new(),
        };
        let error = Catalog::new(vec![row]).unwrap_err().to_string();
        assert!(
            error.contains("`shape` of the view `analytics.top_items`"),
            "{error}"
        );
        assert!(error.contains("`super`"), "{error}");
    }
}
