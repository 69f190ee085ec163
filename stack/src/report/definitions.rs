//! The definitions of the analysts' views: the comments on them.

use ::report::Definition;
use warehouse::Rows;

/// Reads the definitions from the columns of the views, which are in the order of views.
pub(super) fn definitions(columns: &Rows) -> Vec<Definition> {
    let mut definitions: Vec<Definition> = Vec::new();
    for position in 0..columns.rows.len() {
        let text = |name| columns.text(position, name).unwrap_or_default().to_owned();
        let view = format!("analytics.{}", text("view_name"));
        let column = (text("column_name"), text("column_comment"));
        match definitions.last_mut() {
            Some(definition) if definition.view == view => definition.columns.push(column),
            _ => definitions.push(Definition {
                view,
                comment: text("view_comment"),
                columns: vec![column],
            }),
        }
    }
    definitions
}
