//! What the catalog says of the staged files.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helper fails by panicking, as a test does"
)]

use events::row::{COLUMNS, ColumnType};
use serde_json::Value;
use stack::platform::StackKind;

use crate::reading::{environments, rendered};

/// A column's name and type in the catalog.
fn spelled(column: &Value) -> (&str, &str) {
    let text = |key: &str| column[key].as_str().unwrap();
    (text("Name"), text("Type"))
}

#[test]
fn the_catalog_has_the_columns_of_the_staged_csv_in_its_order_as_its_reader_takes_them() {
    let expected = COLUMNS.map(|column| match column.kind {
        ColumnType::Integer => (column.name, "int"),
        ColumnType::Text { .. } | ColumnType::Decimal { .. } | ColumnType::Timestamp => {
            (column.name, "string")
        }
    });
    for environment in environments() {
        let template = rendered(&environment, StackKind::Pipeline);
        let table = &template["Resources"]["StagedTable"]["Properties"]["TableInput"];
        let columns = table["StorageDescriptor"]["Columns"].as_array().unwrap();
        let columns: Vec<_> = columns.iter().map(spelled).collect();
        assert_eq!(columns, expected, "{}", environment.name);
    }
}
