//! Tests of the catalog's table of the staged files.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helper fails by panicking, as a test does"
)]

use events::row::{COLUMNS, CSV_VERSION, ColumnType, STAGED_ROOT, staged_prefix_of};
use serde_json::Value;
use stack::environment::Environment;
use stack::platform::{StackKind, stacks_of};

use crate::reading::{environments, rendered, walk};

/// Returns the name and type of a column in the catalog.
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

/// Returns the strings in an environment's templates that contain the prefix of the staged files.
fn places(environment: &Environment, version: u32) -> Vec<String> {
    let mut found = Vec::new();
    for stack in stacks_of(environment, version) {
        let template: Value = serde_json::from_str(&stack.template.to_json()).unwrap();
        walk(&template, &mut |value| {
            let text = value.as_str().filter(|text| text.contains(STAGED_ROOT));
            found.extend(text.map(ToOwned::to_owned));
        });
    }
    found
}

#[test]
fn grants_and_notifications_hold_for_every_version_of_the_staged_files_and_the_catalog_follows_the_newest()
 {
    for environment in environments() {
        for version in [CSV_VERSION, CSV_VERSION + 1] {
            let (newest, all): (Vec<_>, Vec<_>) = places(&environment, version)
                .into_iter()
                .partition(|text| text.contains(&staged_prefix_of(version)));
            assert!(!newest.is_empty(), "{}", environment.name);
            assert!(all.len() >= 3, "{}: {all:?}", environment.name);
            for text in all {
                let of_every_version =
                    text == STAGED_ROOT || text.ends_with(&format!("{STAGED_ROOT}*"));
                assert!(of_every_version, "{}: {text}", environment.name);
            }
        }
    }
}
