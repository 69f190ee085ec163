//! The definitions of the analysts' views: the comments on them.

use ::report::Definition;
use warehouse::Rows;

/// Reads the rows of the query `Comments`.
pub(super) fn definitions(rows: &Rows) -> Vec<Definition> {
    let mut definitions: Vec<Definition> = Vec::new();
    for position in 0..rows.rows.len() {
        let text = |name| rows.text(position, name).unwrap_or_default().to_owned();
        let (column, comment) = (text("column_name"), text("comment"));
        match definitions.last_mut() {
            Some(definition) if !column.is_empty() => definition.columns.push((column, comment)),
            _ => definitions.push(Definition {
                view: format!("analytics.{}", text("view_name")),
                comment,
                columns: Vec::new(),
            }),
        }
    }
    definitions
}
