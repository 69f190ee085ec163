use super::*;
use crate::api::{Page, Status};
use crate::rows::{Cell, RowColumn};
use crate::scripted::{ScriptedDataApi, description};
use crate::statement::{Description, Failure};

const TIMEOUT: Duration = Duration::from_mins(1);

fn id() -> StatementId {
    StatementId("s-1".to_owned())
}

#[tokio::test]
async fn a_throttled_request_decides_nothing() {
    let api = ScriptedDataApi::describing([
        Err(Fault::Transient),
        Ok(description(Status::Running)),
        Err(Fault::Transient),
        Ok(description(Status::Finished)),
    ]);
    let outcome = Warehouse::with_api(&api)
        .wait(&id(), TIMEOUT)
        .await
        .unwrap();
    assert_eq!(outcome, Outcome::Finished(Vec::new()));
}

#[tokio::test]
async fn when_too_many_calls_wait_it_describes_without_waiting() {
    let api = ScriptedDataApi::describing([
        Err(Fault::TooManyWaiting),
        Ok(description(Status::Finished)),
    ]);
    Warehouse::with_api(&api)
        .wait(&id(), TIMEOUT)
        .await
        .unwrap();
    let waits = api.waits.lock().unwrap();
    assert_eq!(waits[0], Duration::from_secs(30));
    assert_eq!(waits[1], Duration::ZERO);
}

#[tokio::test]
async fn a_statement_that_still_runs_at_the_deadline_has_not_failed() {
    let api = ScriptedDataApi::default();
    let outcome = Warehouse::with_api(&api)
        .wait(&id(), Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(outcome, Outcome::Running);
}

#[tokio::test]
async fn an_unknown_or_foreign_statement_is_lost_and_a_refused_request_is_an_error() {
    let api = ScriptedDataApi::describing([
        Err(Fault::NotFound),
        Err(Fault::Denied),
        Err(Fault::Refused),
    ]);
    let warehouse = Warehouse::with_api(&api);
    assert_eq!(warehouse.wait(&id(), TIMEOUT).await.unwrap(), Outcome::Lost);
    assert_eq!(warehouse.wait(&id(), TIMEOUT).await.unwrap(), Outcome::Lost);
    let error = warehouse.wait(&id(), TIMEOUT).await.unwrap_err();
    assert!(matches!(error, WarehouseError::Describe { .. }));
}

#[tokio::test]
async fn a_failed_statement_names_the_part_and_the_error_text() {
    let failed = Description {
        error: Some("relation \"x\" does not exist".to_owned()),
        ..description(Status::Failed)
    };
    let api = ScriptedDataApi::describing([Ok(failed)]);
    let error = Warehouse::with_api(&api)
        .query("totals", "SELECT 1")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "statement `totals` failed in part 1 of 1: relation \"x\" does not exist"
    );
}

#[tokio::test]
async fn a_failure_is_taken_from_the_failed_part() {
    let api = ScriptedDataApi::describing([Ok(Description {
        error: Some("Divide by zero".to_owned()),
        ..description(Status::Failed)
    })]);
    let outcome = Warehouse::with_api(&api)
        .wait(&id(), TIMEOUT)
        .await
        .unwrap();
    let failure = Failure {
        position: 0,
        message: "Divide by zero".to_owned(),
        taken_at: None,
    };
    assert_eq!(outcome, Outcome::Failed(failure));
}

#[tokio::test]
async fn rows_are_fetched_from_all_pages() {
    let with_rows = Description {
        has_result: true,
        ..description(Status::Finished)
    };
    let api = ScriptedDataApi::describing([Ok(with_rows.clone()), Ok(with_rows)]);
    let columns = vec![RowColumn {
        name: "n".to_owned(),
        type_name: "int8".to_owned(),
    }];
    let page = |n, next: Option<&str>| Page {
        columns: columns.clone(),
        rows: vec![vec![Cell::Long(n)]],
        next: next.map(str::to_owned),
    };
    api.pages
        .lock()
        .unwrap()
        .extend([page(1, Some("2nd")), page(2, Some("3rd")), page(3, None)]);
    let rows = Warehouse::with_api(&api)
        .query("n", "SELECT n")
        .await
        .unwrap();
    assert_eq!(rows.rows, [1, 2, 3].map(|n| vec![Cell::Long(n)]));
    let tokens = [None, Some("2nd".to_owned()), Some("3rd".to_owned())];
    assert_eq!(*api.tokens.lock().unwrap(), tokens);
}

#[tokio::test]
async fn a_statement_without_a_result_has_no_rows() {
    let done = || Ok(description(Status::Finished));
    let api = ScriptedDataApi::describing([done(), done()]);
    let rows = Warehouse::with_api(&api)
        .query("ddl", "CREATE SCHEMA s")
        .await
        .unwrap();
    assert_eq!(rows, Rows::default());
    assert_eq!(api.submitted.lock().unwrap()[0].name, "ddl");
}

#[tokio::test]
async fn a_throttled_submission_is_retried_with_the_same_token_until_the_deadline() {
    let done = || Ok(description(Status::Finished));
    let api = ScriptedDataApi::describing([done(), Err(Fault::Transient), done()]);
    let passing = [Fault::Transient, Fault::Transient];
    api.refusals.lock().unwrap().extend(passing);
    let warehouse = Warehouse::with_api(&api);
    warehouse
        .with_timeout(TIMEOUT)
        .query("ddl", "CREATE SCHEMA s")
        .await
        .unwrap();
    let submitted = std::mem::take(&mut *api.submitted.lock().unwrap());
    assert_eq!(submitted.len(), 3);
    assert!(submitted[0].token.is_some());
    assert!(submitted.iter().all(|again| *again == submitted[0]));

    // Without a deadline the caller gets the error at once.
    api.refusals.lock().unwrap().extend(passing);
    let error = warehouse.query("ddl", "CREATE SCHEMA s").await.unwrap_err();
    assert!(matches!(error, WarehouseError::Submit { .. }));
    assert_eq!(api.submitted.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_query_is_still_running_when_its_deadline_passes() {
    let api = ScriptedDataApi::default();
    let error = Warehouse::with_api(&api)
        .with_timeout(Duration::ZERO)
        .query("totals", "SELECT 1")
        .await
        .unwrap_err();
    assert!(matches!(error, WarehouseError::StillRunning { .. }));
}
