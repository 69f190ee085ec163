//! Checks of a finished file that Tableau's schema does not make: every name resolves, down to a column of the database.

mod reference;
mod sheet;
mod source;

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node};

use crate::catalog::Catalog;

/// What is wrong in a file.
#[derive(Debug, thiserror::Error)]
pub enum LintError {
    /// The file is not well-formed XML.
    #[error("the file is not well-formed XML")]
    Xml(#[from] roxmltree::Error),
    /// Names that do not resolve, one a line.
    #[error("the file has names that Tableau could not resolve:\n  {}", .0.join("\n  "))]
    Names(Vec<String>),
}

/// The names of the columns of each data source, by its name.
type Sources<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Checks a workbook (`.twb`) or a data source (`.tds`):
///
/// - the class of each connection is one of `redshift`, `postgres` and `hyper`, and no connection has a password;
/// - each relation is a view of the database, and each column and folder item a column of that view;
/// - each field on a shelf, in an encoding, a label, a filter or a sort is a field of its sheet, whose column is in its
///   data source;
/// - each zone, window and viewpoint names a sheet or the dashboard.
///
/// # Errors
///
/// Lists everything that is wrong.
pub fn lint(text: &str, catalog: &Catalog) -> Result<(), LintError> {
    let document = Document::parse(text)?;
    let root = document.root_element();
    let mut findings = Vec::new();
    let sources = source::check(root, catalog, &mut findings);
    for worksheet in elements(root, "worksheet") {
        sheet::check(worksheet, &sources, &mut findings);
    }
    check_places(root, &mut findings);
    if findings.is_empty() {
        Ok(())
    } else {
        Err(LintError::Names(findings))
    }
}

/// Checks that zones, windows and viewpoints name sheets, and that each sheet has a window and a zone.
fn check_places(root: Node<'_, '_>, findings: &mut Vec<String>) {
    let names = |element: &'static str| -> BTreeSet<&str> {
        elements(root, element)
            .filter_map(|node| node.attribute("name"))
            .collect()
    };
    let (sheets, dashboards) = (names("worksheet"), names("dashboard"));
    for element in ["zone", "viewpoint"] {
        for name in names(element).difference(&sheets) {
            findings.push(format!("{element} `{name}`: there is no such sheet"));
        }
    }
    for window in elements(root, "window") {
        let name = window.attribute("name").unwrap_or_default();
        let (kind, known) = match window.attribute("class") {
            Some("dashboard") => ("dashboard", &dashboards),
            _ => ("sheet", &sheets),
        };
        if !known.contains(name) {
            findings.push(format!("window `{name}`: there is no such {kind}"));
        }
    }
    for (element, names) in [("zone", names("zone")), ("window", names("window"))] {
        for sheet in sheets.difference(&names) {
            findings.push(format!("sheet `{sheet}`: it has no {element}"));
        }
    }
}

/// All elements with this name below `root`, and `root` itself.
fn elements<'a, 'input: 'a>(
    root: Node<'a, 'input>,
    name: &'a str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    root.descendants()
        .filter(move |node| node.has_tag_name(name))
}

/// The name in brackets of an attribute: `[net_revenue]` is `net_revenue`.
fn bracketed<'a>(node: Node<'a, '_>, attribute: &str) -> &'a str {
    let value = node.attribute(attribute).unwrap_or_default();
    let inner = value
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inner.unwrap_or(value)
}
