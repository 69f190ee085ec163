//! A view as a data source.

use templates::tableau::{Column as Element, Connection as ConnectionElement, Folder, Source};

use crate::SCHEMA;
use crate::catalog::{Column, View, caption};
use crate::kind::Kind;

/// Returns the data source of a view. `environment` is part of its caption.
pub(crate) fn of(view: &View, environment: &str, connection: &ConnectionElement) -> Source {
    Source {
        name: format!("federated.{}", view.name),
        caption: format!("{} ({environment})", caption(&view.name)),
        connection: connection.clone(),
        schema: SCHEMA.to_owned(),
        view: view.name.clone(),
        columns: view.columns.iter().map(field).collect(),
        folders: folders(view),
    }
}

/// Returns a column as a field of Tableau.
pub(crate) fn field(column: &Column) -> Element {
    let kind = Kind::of(column);
    Element {
        name: column.name.clone(),
        caption: caption(&column.name),
        description: column.comment.clone(),
        datatype: column.datatype.tableau(),
        role: kind.role(),
        field_type: kind.field_type(),
        aggregation: kind.aggregation(),
        format: kind.format(),
    }
}

/// Groups the columns by folder, in the order of the first column of each.
fn folders(view: &View) -> Vec<Folder> {
    let mut folders: Vec<Folder> = Vec::new();
    for column in &view.columns {
        let name = Kind::of(column).folder();
        match folders.iter_mut().find(|folder| folder.name == name) {
            Some(folder) => folder.columns.push(column.name.clone()),
            None => folders.push(Folder {
                name,
                columns: vec![column.name.clone()],
            }),
        }
    }
    folders
}
