//! The files for the views that the migrations create. A story compares `views.csv` with a database.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on shall say where"
)]

use roxmltree::Document;
use tableau::{Catalog, Connection, Files, LintError, Server, ViewColumn, lint};

fn rows() -> Vec<ViewColumn> {
    let mut csv = csv::Reader::from_reader(include_bytes!("views.csv").as_slice());
    let row = |record: csv::StringRecord| ViewColumn {
        view: record[0].to_owned(),
        column: record[1].to_owned(),
        type_name: record[2].to_owned(),
        view_comment: record[3].to_owned(),
        column_comment: record[4].to_owned(),
    };
    csv.records().map(|record| row(record.unwrap())).collect()
}

fn catalog() -> Catalog {
    Catalog::new(rows()).unwrap()
}

fn redshift() -> Connection {
    Connection::Redshift(Server {
        host: "riverhouse-prod.abc.eu-west-1.redshift.amazonaws.com".to_owned(),
        port: 5440,
        database: "riverhouse".to_owned(),
        user: "tableau".to_owned(),
    })
}

fn files() -> Files {
    Files::of("prod", &redshift(), &catalog()).unwrap()
}

/// What the linter says about the workbook after a replacement.
fn findings(from: &str, to: &str) -> String {
    let workbook = files().workbook;
    assert!(workbook.contains(from), "{from}");
    match lint(&workbook.replace(from, to), &catalog()) {
        Err(LintError::Names(findings)) => findings.join("\n"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_views_give_the_same_files_and_every_name_resolves() {
    let files = files();
    assert_eq!(files, self::files());
    lint(&files.workbook, &catalog()).unwrap();
    assert_eq!(files.sources.len(), catalog().views().count());
    for (_, source) in &files.sources {
        lint(source, &catalog()).unwrap();
    }
}

#[test]
fn no_file_has_a_password() {
    let files = files();
    for text in files
        .sources
        .iter()
        .map(|(_, text)| text)
        .chain([&files.workbook])
    {
        assert!(!text.to_lowercase().contains("password="), "{text}");
    }
}

#[test]
fn an_extract_has_the_same_fields_on_another_connection() {
    let hyper = Connection::Hyper {
        path: "Data/Extracts/riverhouse-prod.hyper".to_owned(),
    };
    let extract = Files::of("prod", &hyper, &catalog()).unwrap().workbook;
    lint(&extract, &catalog()).unwrap();
    assert!(extract.contains("class='hyper'") && !extract.contains("class='redshift'"));
    let fields = |text: &str| text.matches("<column-instance ").count();
    assert_eq!(fields(&extract), fields(&files().workbook));
}

#[test]
fn a_renamed_column_is_named_with_its_sheet_and_view() {
    let mut rows = rows();
    for row in &mut rows {
        if row.view == "top_items" && row.column == "net_quantity" {
            row.column = "quantity".to_owned();
        }
    }
    let error = Files::of("prod", &redshift(), &Catalog::new(rows).unwrap()).unwrap_err();
    let error = error.to_string();
    assert!(
        error.starts_with("sheet `Top items by purchases` shows the field `net_quantity`, which the view `analytics.top_items` does not have; its columns are: item_code, description, is_product, quantity,"),
        "{error}"
    );
}

#[test]
fn a_missing_view_is_named_with_its_sheet() {
    let rows = rows()
        .into_iter()
        .filter(|row| row.view != "baskets_by_month");
    let error = Files::of("prod", &redshift(), &Catalog::new(rows.collect()).unwrap());
    let error = error.unwrap_err().to_string();
    assert!(
        error.starts_with("sheet `Baskets by month` shows the view `analytics.baskets_by_month`, which the database does not have"),
        "{error}"
    );
}

#[test]
fn a_column_that_is_no_number_any_more_is_refused() {
    let mut rows = rows();
    for row in rows.iter_mut().filter(|row| row.column == "net_revenue") {
        row.type_name = "character varying(40)".to_owned();
    }
    let error = Files::of("prod", &redshift(), &Catalog::new(rows).unwrap()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("shows Sum of the field `net_revenue`"),
        "{error}"
    );
}

#[test]
fn any_comment_is_read_back_as_it_is_in_the_database() {
    const ODD: &str = "<&\"'> ]]> 🚢 [a].[b] <[federated.top_items].[none:x:nk]>";
    let mut rows = rows();
    for row in &mut rows {
        row.column_comment = ODD.to_owned();
        row.view_comment = ODD.to_owned();
    }
    let catalog = Catalog::new(rows).unwrap();
    let files = Files::of("prod", &redshift(), &catalog).unwrap();
    lint(&files.workbook, &catalog).unwrap();
    let document = Document::parse(&files.workbook).unwrap();
    let mut described = 0;
    for node in document.descendants() {
        if ["desc", "caption", "alt-text"].contains(&node.tag_name().name()) {
            let text: String = node.descendants().filter_map(|node| node.text()).collect();
            assert!(text.contains(ODD), "{text}");
            described += 1;
        }
    }
    assert!(described > 50, "{described}");
}

#[test]
fn the_linter_finds_a_field_on_a_shelf_that_the_sheet_does_not_declare() {
    let found = findings(
        "<rows>[federated.revenue_by_month].[sum:net_revenue:qk]</rows>",
        "<rows>[federated.revenue_by_month].[sum:gross:qk]</rows>",
    );
    assert_eq!(
        found,
        "sheet `Revenue by month`: `rows` has the field `[federated.revenue_by_month].[sum:gross:qk]`, which the sheet does not declare"
    );
}

#[test]
fn the_linter_finds_a_column_that_the_view_does_not_have() {
    let found = findings("name='[net_quantity]'", "name='[quantity]'");
    assert!(
        found.contains("data source `federated.top_items`: the view has no column `quantity`"),
        "{found}"
    );
    assert!(
        found.contains("sheet `Top items by purchases`: the field `sum:net_quantity:qk` is of the column `net_quantity`, which the sheet does not declare"),
        "{found}"
    );
    assert!(
        found.contains("a filter ranks by the column `net_quantity`"),
        "{found}"
    );
    let found = findings(
        "folder-item name='[net_quantity]'",
        "folder-item name='[x]'",
    );
    assert!(
        found.contains("a folder has `x`, which is no column"),
        "{found}"
    );
}

#[test]
fn the_linter_finds_an_aggregation_that_tableau_does_not_have() {
    let found = findings("derivation='Month-Trunc'", "derivation='MonthTrunc'");
    assert!(
        found.contains("unknown aggregation `MonthTrunc`"),
        "{found}"
    );
    let found = findings("name='[tmn:month:qk]'", "name='[tmn:month:ok]'");
    assert!(found.contains("should be named `tmn:month:qk`"), "{found}");
}

#[test]
fn the_linter_finds_places_of_sheets_that_do_not_exist() {
    let found = findings(
        "<worksheet name='Revenue by month'>",
        "<worksheet name='Revenue'>",
    );
    for expected in [
        "zone `Revenue by month`: there is no such sheet",
        "viewpoint `Revenue by month`: there is no such sheet",
        "window `Revenue by month`: there is no such sheet",
        "sheet `Revenue`: it has no zone",
        "sheet `Revenue`: it has no window",
    ] {
        assert!(found.contains(expected), "{found}");
    }
    let found = findings(
        "<dashboard name='Riverhouse prod'>",
        "<dashboard name='Other'>",
    );
    assert_eq!(
        found,
        "window `Riverhouse prod`: there is no such dashboard"
    );
}

#[test]
fn the_linter_finds_another_connector_and_a_password() {
    let found = findings("class='redshift'", "class='mysql' password='x'");
    assert!(
        found.contains(
            "the class `mysql` of its connection is not one of redshift, postgres, hyper"
        ),
        "{found}"
    );
    assert!(found.contains("its connection has a password"), "{found}");
}

#[test]
fn the_linter_finds_a_relation_that_is_no_view() {
    let found = findings(
        "table='[analytics].[top_items]'",
        "table='[retail].[sales_line]'",
    );
    assert!(
        found.contains("there is no view `[retail].[sales_line]`"),
        "{found}"
    );
    let found = findings(
        "relation connection='redshift.riverhouse'",
        "relation connection='redshift.other'",
    );
    assert!(
        found.contains("it has no connection `redshift.other`"),
        "{found}"
    );
}
