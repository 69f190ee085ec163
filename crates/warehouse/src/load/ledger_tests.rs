use super::*;
use crate::api::{Page, Status};
use crate::load::{StagedFile, loads};
use crate::rows::RowColumn;
use crate::scripted::{ScriptedDataApi, description};
use crate::statement::Description;

fn rows(names: &[&str], rows: Vec<Vec<Cell>>) -> Rows {
    let column = |name: &&str| RowColumn {
        name: (*name).to_owned(),
        type_name: "any".to_owned(),
    };
    Rows {
        columns: names.iter().map(column).collect(),
        rows,
    }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

#[test]
fn each_line_that_copy_names_has_its_latest_error() {
    let keys = ["csv/v1/a.csv.gz", "csv/v1/b.csv.gz"];
    let load = loads("staging", keys.map(|key| StagedFile::at(key).unwrap())).remove(0);
    let names = ["file_name", "line_number", "column_name", "error_message"];
    let told = |file: &str, line, column: &str, message: &str| {
        let url = format!("s3://staging/csv/v1/{file}.csv.gz");
        vec![text(&url), Cell::Long(line), text(column), text(message)]
    };
    let told = vec![
        told("b", 7, "quantity", "Invalid digit"),
        told("b", 9, "", "Extra column(s) found"),
        told("b", 7, "kind", "older"),
        told("other", 1, "", "not ours"),
        told("a", 0, "", "not in gzip format"),
    ];
    let error = |key: &str, line, column: Option<&str>, reason: &str| FileError {
        key: key.to_owned(),
        line,
        column: column.map(str::to_owned),
        reason: reason.to_owned(),
    };
    let expected = [
        error(keys[1], Some(7), Some("quantity"), "Invalid digit"),
        error(keys[1], Some(9), None, "Extra column(s) found"),
        error(keys[0], None, None, "not in gzip format"),
    ];
    assert_eq!(file_errors(&load, &rows(&names, told)), expected);
}

#[test]
fn a_ledger_row_with_other_columns_is_an_error_and_not_a_missing_load() {
    let other = rows(&["load_id"], vec![vec![text("0123")]]);
    assert!(LoadRow::read("query/newest_loads", &other).is_err());
    assert_eq!(
        LoadRow::read("query/newest_loads", &rows(&["load_id"], Vec::new())).unwrap(),
        Vec::new()
    );
}

/// A Data API that answers the next queries with `results`, in order.
fn answering(results: impl IntoIterator<Item = Rows>) -> ScriptedDataApi {
    let api = ScriptedDataApi::default();
    for Rows { columns, rows } in results {
        let finished = Description {
            has_result: true,
            ..description(Status::Finished)
        };
        let mut descriptions = api.descriptions.lock().unwrap();
        descriptions.extend([Ok(finished.clone()), Ok(finished)]);
        let page = Page {
            columns,
            rows,
            next: None,
        };
        api.pages.lock().unwrap().push_back(page);
    }
    api
}

#[tokio::test]
async fn a_load_is_read_from_its_row_of_the_ledger() {
    let names = [
        "load_id",
        "attempt",
        "files",
        "rows_staged",
        "rows_inserted",
        "rows_replaced",
        "duplicates",
        "conflicts",
        "max_ingested_at",
        "event_ages",
        "finished_at",
    ];
    let mut cells = vec![text("0123")];
    cells.extend((1..=7).map(Cell::Long));
    cells.extend([Cell::Null, text("-1,2,40"), text("2026-01-02 03:04:05")]);
    let api = answering([rows(&names, vec![cells])]);
    let id = LoadId("0123".to_owned());
    let row = Warehouse::with_api(&api).load(&id).await.unwrap();
    let expected = LoadRow {
        load_id: id,
        attempt: 1,
        files: 2,
        rows_staged: 3,
        rows_inserted: 4,
        rows_replaced: 5,
        duplicates: 6,
        conflicts: 7,
        max_ingested_at: String::new(),
        event_ages: vec![0, 2, 40],
        finished_at: "2026-01-02 03:04:05".to_owned(),
    };
    assert_eq!(row, Some(expected));
    assert!(api.submitted.lock().unwrap()[0].statements[0].contains("'0123'"));
}

#[tokio::test]
async fn loaded_files_are_asked_for_500_at_a_time() {
    let file = |name: &str| rows(&["file"], vec![vec![text(name)]]);
    let api = answering([file("000"), file("500")]);
    let keys = (0..501).map(|n| format!("{n:03}")).collect();
    let loaded = Warehouse::with_api(&api).loaded_files(&keys).await;
    let expected = BTreeSet::from(["000".to_owned(), "500".to_owned()]);
    assert_eq!(loaded.unwrap(), expected);
    assert_eq!(api.submitted.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn the_errors_of_copy_are_read_after_it_read_the_files_again_whether_or_not_it_failed() {
    let load = loads("staging", [StagedFile::at("csv/v1/a.csv.gz").unwrap()]).remove(0);
    for status in [Status::Finished, Status::Failed] {
        let names = ["file_name", "line_number", "column_name", "error_message"];
        let url = text("s3://staging/csv/v1/a.csv.gz");
        let cells = vec![url, Cell::Long(7), text("kind"), text("too long")];
        let api = answering([rows(&names, vec![cells])]);
        api.descriptions
            .lock()
            .unwrap()
            .push_front(Ok(description(status)));
        let since = time::macros::datetime!(2026-01-02 04:04:05 +01:00);
        let warehouse = Warehouse::with_api(&api);
        let errors = warehouse.inspect(&load, "arn:aws:iam::0:role/copy", since);
        assert_eq!(
            errors.await.unwrap(),
            [FileError {
                key: "csv/v1/a.csv.gz".to_owned(),
                line: Some(7),
                column: Some("kind".to_owned()),
                reason: "too long".to_owned(),
            }]
        );
        let asked = &api.submitted.lock().unwrap()[1].statements[0];
        assert!(asked.contains("2026-01-02 03:04:05.000"), "{asked}");
    }
}

#[tokio::test]
async fn files_are_not_said_to_be_good_when_copy_could_not_be_asked() {
    let load = loads("staging", [StagedFile::at("csv/v1/a.csv.gz").unwrap()]).remove(0);
    let api = ScriptedDataApi::describing([Ok(description(Status::Aborted))]);
    let warehouse = Warehouse::with_api(&api);
    let errors = warehouse.inspect(
        &load,
        "arn:aws:iam::0:role/copy",
        OffsetDateTime::UNIX_EPOCH,
    );
    assert!(errors.await.is_err());
}
