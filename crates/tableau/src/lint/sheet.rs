//! Checks that every field of a sheet resolves: shelf, field, column, data source.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::Node;

use super::reference::{names, references};
use super::{Sources, bracketed, elements};
use crate::sheet::By;

/// The columns and fields that a sheet declares of one data source.
#[derive(Default)]
struct Declared<'a> {
    columns: BTreeSet<&'a str>,
    fields: BTreeSet<&'a str>,
}

/// Checks one sheet.
pub(super) fn check(worksheet: Node<'_, '_>, sources: &Sources<'_>, findings: &mut Vec<String>) {
    let name = worksheet.attribute("name").unwrap_or_default();
    let mut add = |finding: String| findings.push(format!("sheet `{name}`: {finding}"));
    let declared = declared(worksheet, sources, &mut add);
    for (place, text) in texts(worksheet) {
        for reference in references(text) {
            let known = declared
                .get(reference.source)
                .is_some_and(|declared| declared.fields.contains(reference.field));
            if !known {
                add(format!(
                    "`{place}` has the field `[{}].[{}]`, which the sheet does not declare",
                    reference.source, reference.field
                ));
            }
        }
    }
    for filter in elements(worksheet, "groupfilter") {
        let level = bracketed(filter, "level");
        if !level.is_empty() && declared.values().all(|all| !all.fields.contains(level)) {
            add(format!(
                "a filter has the level `{level}`, which the sheet does not declare"
            ));
        }
        for column in names(filter.attribute("expression").unwrap_or_default()) {
            if declared.values().all(|all| !all.columns.contains(column)) {
                add(format!(
                    "a filter ranks by the column `{column}`, which the sheet does not declare"
                ));
            }
        }
    }
}

/// Reads and checks the declarations of a sheet, by data source.
fn declared<'a>(
    worksheet: Node<'a, '_>,
    sources: &Sources<'_>,
    add: &mut impl FnMut(String),
) -> BTreeMap<&'a str, Declared<'a>> {
    let mut all = BTreeMap::new();
    for dependencies in elements(worksheet, "datasource-dependencies") {
        let source = dependencies.attribute("datasource").unwrap_or_default();
        let Some(real) = sources.get(source) else {
            add(format!("there is no data source `{source}`"));
            continue;
        };
        let mut declared = Declared::default();
        for column in elements(dependencies, "column").map(|node| bracketed(node, "name")) {
            if !real.contains(column) {
                add(format!(
                    "the data source `{source}` has no column `{column}`"
                ));
            }
            declared.columns.insert(column);
        }
        for instance in elements(dependencies, "column-instance") {
            check_instance(instance, &declared, add);
            declared.fields.insert(bracketed(instance, "name"));
        }
        all.insert(source, declared);
    }
    all
}

/// Checks that a field is of a declared column, and that its name says its aggregation and type.
fn check_instance(instance: Node<'_, '_>, declared: &Declared<'_>, add: &mut impl FnMut(String)) {
    let (name, column) = (bracketed(instance, "name"), bracketed(instance, "column"));
    if !declared.columns.contains(column) {
        add(format!(
            "the field `{name}` is of the column `{column}`, which the sheet does not declare"
        ));
    }
    let derivation = instance.attribute("derivation").unwrap_or_default();
    let Some(by) = By::ALL.iter().find(|by| by.derivation() == derivation) else {
        add(format!(
            "the field `{name}` has the unknown aggregation `{derivation}`"
        ));
        return;
    };
    let suffix = match instance.attribute("type") {
        Some("nominal") => "nk",
        Some("ordinal") => "ok",
        _ => "qk",
    };
    let expected = format!("{}:{column}:{suffix}", by.prefix());
    if name != expected {
        add(format!("the field `{name}` should be named `{expected}`"));
    }
}

/// The texts and attributes of a sheet that may have references, with the name of their element. Descriptions are those
/// of the database, and may have any text.
fn texts<'a>(worksheet: Node<'a, '_>) -> Vec<(&'a str, &'a str)> {
    let table = elements(worksheet, "table");
    let nodes = table
        .flat_map(|table| table.descendants())
        .filter(|node| !node.ancestors().any(|above| above.has_tag_name("desc")));
    let mut texts = Vec::new();
    for node in nodes.filter(Node::is_element) {
        let place = node.tag_name().name();
        texts.extend(
            node.attributes()
                .map(|attribute| (place, attribute.value())),
        );
        texts.extend(node.text().map(|text| (place, text)));
    }
    texts
}
