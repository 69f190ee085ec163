//! Tableau's files, written from a real environment and read by Tableau's own schemas and document API.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::environment::{Environment, beside_others};
use crate::python;

const REQUIREMENTS: &str = include_str!("python/tableau/requirements.txt");

/// The views that the unit tests of the crate `tableau` use.
const VIEWS: &str = include_str!("../../crates/tableau/tests/views.csv");

/// Runs `stack tableau`, and returns the paths that it printed.
fn write(environment: &Environment, folder: &Path, options: &[&str]) -> Vec<PathBuf> {
    let out = folder.to_str().unwrap();
    let arguments = [&["tableau", environment.name, "--out", out], options].concat();
    let printed = environment.stack(&arguments);
    printed.lines().map(PathBuf::from).collect()
}

/// Runs `stack tableau`, which must fail, and returns its error.
fn refused(environment: &Environment, folder: &Path, options: &[&str]) -> String {
    let out = folder.to_str().unwrap();
    let arguments = [&["tableau", environment.name, "--out", out], options].concat();
    let output = environment.run(&arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Reads the files of an environment with Tableau's schemas and document API.
fn read(workbook: &Path, package: &Path, sources: &[&PathBuf]) -> Value {
    let asked = json!({ "workbook": workbook, "package": package, "sources": sources });
    python::run_with(REQUIREMENTS, "tableau.py", &asked)
}

/// Each view with its columns in alphabetical order, as the database has them.
fn views(environment: &Environment) -> Value {
    let sql = "SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'analytics' ORDER BY table_name, column_name";
    let mut views = json!({});
    for row in environment.query(sql) {
        let columns = &mut views[row["table_name"].as_str().unwrap()];
        if columns.is_null() {
            *columns = json!([]);
        }
        columns
            .as_array_mut()
            .unwrap()
            .push(row["column_name"].clone());
    }
    views
}

#[test]
fn tableaus_files_pass_its_schemas_and_name_what_the_database_has() {
    let (environment, _kept) = Environment::own("local-tableau");
    environment.deploy();
    environment.stack(&[
        "stream",
        "--synthetic",
        "3000",
        "--env",
        environment.name,
        "--wait",
    ]);
    let (first, second) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let paths = write(&environment, first.path(), &[]);
    for (path, again) in paths.iter().zip(write(&environment, second.path(), &[])) {
        assert_eq!(path.file_name(), again.file_name());
        assert_eq!(
            std::fs::read(path).unwrap(),
            std::fs::read(&again).unwrap(),
            "{path:?}"
        );
    }
    let file = |name: &str| first.path().join(name);
    let (workbook, package) = (
        file("riverhouse-local-tableau.twb"),
        file("riverhouse-local-tableau.twbx"),
    );
    let sources: Vec<_> = paths
        .iter()
        .filter(|path| path.extension().unwrap() == "tds")
        .collect();
    let told = read(&workbook, &package, &sources);
    for version in ["2026.1", "2026.2"] {
        assert_eq!(
            told["schemas"][version],
            json!({ "errors": [], "known_gaps": 1 }),
            "{told:#}"
        );
    }
    check_connections(&environment, &told);
    check_fields(&environment, &told);
    check_that_the_schemas_find_errors(&workbook, &package);
    check_a_renamed_column(&environment, first.path(), &workbook);
}

/// Each view has a data source with its columns, and the package is the workbook.
fn check_fields(environment: &Environment, told: &Value) {
    let views = views(environment);
    for (view, columns) in views.as_object().unwrap() {
        let source = &told["sources"][format!("riverhouse-local-tableau.{view}.tds")];
        assert_eq!(&source["fields"], columns, "{view}");
        assert_eq!(source["described"], true, "{view}");
    }
    assert_eq!(told["workbook"], told["package"]);
    let sheets = told["workbook"]["sheets"].as_array().unwrap();
    assert_eq!(sheets.len(), 8, "{sheets:?}");
    assert_eq!(
        told["workbook"]["dashboards"],
        json!(["Riverhouse local-tableau"])
    );
}

/// The address and user are those of `stack outputs`.
fn check_connections(environment: &Environment, told: &Value) {
    let outputs = environment.json(&["outputs", environment.name, "--json"]);
    let analysts = &outputs["warehouse"]["analysts"];
    let expected = json!([{
        "class": "postgres",
        "server": analysts["host"],
        "port": analysts["port"].to_string(),
        "database": outputs["warehouse"]["database"],
        "user": analysts["user"],
    }]);
    let in_workbook = told["workbook"]["sources"].as_object().unwrap().values();
    for source in in_workbook.chain(told["sources"].as_object().unwrap().values()) {
        assert_eq!(source["connections"], expected, "{source}");
    }
}

fn check_that_the_schemas_find_errors(workbook: &Path, package: &Path) {
    let text = std::fs::read_to_string(workbook).unwrap();
    let broken = workbook.with_extension("broken.twb");
    std::fs::write(
        &broken,
        text.replacen("<mark class='Bar' />", "<mark class='Pole' />", 1),
    )
    .unwrap();
    let told = read(&broken, package, &[]);
    std::fs::remove_file(&broken).unwrap();
    for version in ["2026.1", "2026.2"] {
        let errors = told["schemas"][version]["errors"].to_string();
        assert!(errors.contains("Pole"), "{told:#}");
    }
}

/// A column that has another name in the database is named with its sheet and view, and the files stay as they were.
fn check_a_renamed_column(environment: &Environment, folder: &Path, workbook: &Path) {
    let before = std::fs::read(workbook).unwrap();
    let sql = "ALTER TABLE analytics.top_items RENAME COLUMN net_quantity TO quantity";
    environment.stack(&["query", sql, "--env", environment.name]);
    let error = refused(environment, folder, &[]);
    let expected = "sheet `Top items by purchases` shows the field `net_quantity`, which the view `analytics.top_items` does not have";
    assert!(error.contains(expected), "{error}");
    assert_eq!(std::fs::read(workbook).unwrap(), before);
}

#[test]
fn the_unit_tests_of_tableau_use_the_views_of_the_database() {
    let _way = beside_others();
    let sql = templates::render(&templates::sql::query::ViewColumns {}).unwrap();
    let live = Environment::shared().stack(&["query", &sql, "--format", "csv"]);
    assert_eq!(
        live, VIEWS,
        "write this to crates/tableau/tests/views.csv:\n{live}"
    );
}

#[test]
fn an_extract_without_tableaus_package_says_how_to_get_it() {
    let _way = beside_others();
    let folder = TempDir::new().unwrap();
    let python = python::python().to_str().unwrap();
    let error = refused(
        Environment::shared(),
        folder.path(),
        &["--extract", "--python", python],
    );
    assert!(
        error.contains(&format!("`{python} -m pip install tableauhyperapi`")),
        "{error}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Needs a Python with `tableauhyperapi` (90 MB) in the variable `RIVERHOUSE_HYPER_PYTHON`; CI has one.
#[test]
fn hyper_holds_the_totals_of_the_warehouse_and_the_package_reads_it() {
    let Ok(python) = std::env::var("RIVERHOUSE_HYPER_PYTHON") else {
        return;
    };
    let _way = beside_others();
    let environment = Environment::shared();
    environment.stack(&["stream", "--synthetic", "500", "--wait"]);
    let folder = TempDir::new().unwrap();
    let paths = write(
        environment,
        folder.path(),
        &["--extract", "--python", &python],
    );
    let file = |name: &str| folder.path().join(name);
    assert!(paths.contains(&file("riverhouse-local.hyper")));
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        paths.len()
    );
    let told = read(
        &file("riverhouse-local.twb"),
        &file("riverhouse-local.twbx"),
        &[],
    );
    let class = |of: &str| &told[of]["sources"]["federated.top_items"]["connections"][0]["class"];
    assert_eq!(
        (class("workbook"), class("package")),
        (&json!("postgres"), &json!("hyper"))
    );
}
