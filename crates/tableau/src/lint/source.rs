//! Checks data sources against the database.

use std::collections::BTreeSet;

use roxmltree::Node;

use super::{Sources, bracketed, elements};
use crate::SCHEMA;
use crate::catalog::{Catalog, View};
use crate::connection::CLASSES;

/// Checks all data sources of a file, and returns the columns of each.
pub(super) fn check<'a>(
    root: Node<'a, '_>,
    catalog: &Catalog,
    findings: &mut Vec<String>,
) -> Sources<'a> {
    let mut sources = Sources::new();
    // In a sheet, the element `datasource` only links to one of these.
    let defined = elements(root, "datasource").filter(|node| node.has_attribute("version"));
    for source in defined {
        let name = source
            .attribute("name")
            .or(source.attribute("formatted-name"))
            .unwrap_or_default();
        check_connections(name, source, findings);
        let columns = check_columns(name, source, catalog, findings);
        if sources.insert(name, columns).is_some() {
            findings.push(format!("data source `{name}`: another has the same name"));
        }
    }
    sources
}

fn check_connections(name: &str, source: Node<'_, '_>, findings: &mut Vec<String>) {
    let named: BTreeSet<_> = elements(source, "named-connection")
        .filter_map(|node| node.attribute("name"))
        .collect();
    let connections = elements(source, "named-connection")
        .flat_map(|node| node.children())
        .filter(|node| node.has_tag_name("connection"));
    for connection in connections {
        let class = connection.attribute("class").unwrap_or_default();
        if !CLASSES.contains(&class) {
            findings.push(format!(
                "data source `{name}`: the class `{class}` of its connection is not one of {}",
                CLASSES.join(", ")
            ));
        }
        if connection.has_attribute("password") {
            findings.push(format!(
                "data source `{name}`: its connection has a password"
            ));
        }
    }
    for relation in elements(source, "relation") {
        let connection = relation.attribute("connection").unwrap_or_default();
        if !named.contains(connection) {
            findings.push(format!(
                "data source `{name}`: it has no connection `{connection}`"
            ));
        }
    }
}

/// Checks that relation, columns and folders are those of a view. Returns the columns.
fn check_columns<'a>(
    name: &str,
    source: Node<'a, '_>,
    catalog: &Catalog,
    findings: &mut Vec<String>,
) -> BTreeSet<&'a str> {
    let views: Vec<&View> = elements(source, "relation")
        .filter_map(|node| {
            let table = node.attribute("table").unwrap_or_default();
            let view = catalog
                .views()
                .find(|view| table == format!("[{SCHEMA}].[{}]", view.name));
            if view.is_none() {
                findings.push(format!("data source `{name}`: there is no view `{table}`"));
            }
            view
        })
        .collect();
    let columns: BTreeSet<_> = source
        .children()
        .filter(|node| node.has_tag_name("column"))
        .map(|node| bracketed(node, "name"))
        .collect();
    for column in &columns {
        if views.iter().all(|view| view.column(column).is_none()) {
            findings.push(format!(
                "data source `{name}`: the view has no column `{column}`"
            ));
        }
    }
    for item in elements(source, "folder-item").map(|node| bracketed(node, "name")) {
        if !columns.contains(item) {
            findings.push(format!(
                "data source `{name}`: a folder has `{item}`, which is no column"
            ));
        }
    }
    columns
}
