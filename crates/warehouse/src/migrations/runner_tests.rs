use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use super::*;
use crate::api::{ApiError, Page, Status};
use crate::rows::{Cell, RowColumn};
use crate::scripted::description;
use crate::statement::{Description, StatementId};

/// A warehouse that has only the migration ledger: a migration is applied if its row exists.
#[derive(Default)]
struct Ledgered {
    entries: Mutex<BTreeMap<u32, (String, String)>>,
    submissions: Mutex<Vec<Submission>>,
    /// A version that another runner applies just before this one.
    rival: Option<u32>,
    /// Whether the loader's database user exists; AWS creates it when its role requests credentials.
    loader: Mutex<bool>,
    /// A version whose statements fail.
    broken: Option<u32>,
}

impl Ledgered {
    fn record(&self, migration: &Migration) {
        let entry = (migration.name.to_owned(), checksum(migration).unwrap());
        self.entries
            .lock()
            .unwrap()
            .insert(migration.version, entry);
    }

    /// Executes a submission as the warehouse would.
    fn outcome(&self, submission: &Submission) -> Description {
        if submission.name == "login/create_user" {
            let was_there = std::mem::replace(&mut *self.loader.lock().unwrap(), true);
            let status = if was_there {
                Status::Failed
            } else {
                Status::Finished
            };
            return description(status);
        }
        let number = submission
            .name
            .strip_prefix("migration/")
            .and_then(|name| name.get(..4));
        let Some(version) = number.and_then(|number| number.parse().ok()) else {
            let has_result = matches!(
                submission.name.as_str(),
                "migration/applied" | "login/find_user"
            );
            return Description {
                has_result,
                ..description(Status::Finished)
            };
        };
        let migration = MIGRATIONS
            .into_iter()
            .find(|migration| migration.version == version)
            .unwrap();
        if self.rival == Some(version) {
            self.record(&migration);
        }
        if self.broken == Some(version) || self.entries.lock().unwrap().contains_key(&version) {
            let error = Some("Divide by zero".to_owned());
            return Description {
                error,
                ..description(Status::Failed)
            };
        }
        self.record(&migration);
        description(Status::Finished)
    }
}

impl DataApi for &Ledgered {
    async fn submit(&self, submission: &Submission) -> Result<StatementId, ApiError> {
        let mut submissions = self.submissions.lock().unwrap();
        submissions.push(submission.clone());
        Ok(StatementId((submissions.len() - 1).to_string()))
    }

    async fn describe(&self, id: &StatementId, wait: Duration) -> Result<Description, ApiError> {
        let submission = self.submissions.lock().unwrap()[id.0.parse::<usize>().unwrap()].clone();
        if wait.is_zero() {
            // Only `create_user` returns no rows.
            let has_result = !submission.name.contains("create_user");
            return Ok(Description {
                has_result,
                ..description(Status::Finished)
            });
        }
        Ok(self.outcome(&submission))
    }

    async fn page(&self, id: &StatementId, _: Option<&str>) -> Result<Page, ApiError> {
        let column = |name: &str| RowColumn {
            name: name.to_owned(),
            type_name: "any".to_owned(),
        };
        let position: usize = id.0.parse().unwrap();
        if self.submissions.lock().unwrap()[position].name == "login/find_user" {
            let user = vec![Cell::Text("IAMR:riverhouse-dev-load".to_owned())];
            let is_there = *self.loader.lock().unwrap();
            return Ok(Page {
                columns: vec![column("usename")],
                rows: is_there.then_some(user).into_iter().collect(),
                next: None,
            });
        }
        let entries = self.entries.lock().unwrap();
        let rows = entries.iter().map(|(version, (name, checksum))| {
            vec![
                Cell::Long((*version).into()),
                Cell::Text(name.clone()),
                Cell::Text(checksum.clone()),
            ]
        });
        let columns = ["version", "name", "checksum"].map(column).into();
        Ok(Page {
            columns,
            rows: rows.collect(),
            next: None,
        })
    }

    async fn cancel(&self, _: &StatementId) -> Result<bool, ApiError> {
        panic!("a migration is never cancelled")
    }
}

fn context() -> MigrationContext {
    MigrationContext {
        database: "riverhouse".to_owned(),
        loader_role: "riverhouse-dev-load".to_owned(),
    }
}

async fn versions(warehouse: &Ledgered) -> Result<Vec<u32>, MigrationError> {
    let applied = migrate(&Warehouse::with_api(warehouse), &context()).await?;
    Ok(applied.iter().map(|applied| applied.version).collect())
}

#[tokio::test]
async fn a_second_run_applies_nothing() {
    let warehouse = Ledgered::default();
    let all: Vec<_> = MIGRATIONS
        .iter()
        .map(|migration| migration.version)
        .collect();
    assert_eq!(versions(&warehouse).await.unwrap(), all);
    assert_eq!(versions(&warehouse).await.unwrap(), [0; 0]);
}

#[tokio::test]
async fn a_loader_that_aws_created_before_the_migrations_is_accepted() {
    let warehouse = Ledgered {
        loader: Mutex::new(true),
        ..Ledgered::default()
    };
    assert_eq!(versions(&warehouse).await.unwrap().len(), MIGRATIONS.len());
    let warehouse = Ledgered::default();
    versions(&warehouse).await.unwrap();
    assert!(*warehouse.loader.lock().unwrap());
}

#[tokio::test]
async fn a_migration_that_another_runner_applied_meanwhile_is_no_error() {
    let warehouse = Ledgered {
        rival: Some(2),
        ..Ledgered::default()
    };
    let applied = versions(&warehouse).await.unwrap();
    assert!(!applied.contains(&2) && applied.contains(&3));
    assert_eq!(warehouse.entries.lock().unwrap().len(), MIGRATIONS.len());
}

#[tokio::test]
async fn a_failed_migration_is_named_and_the_next_ones_are_not_tried() {
    let warehouse = Ledgered {
        broken: Some(3),
        ..Ledgered::default()
    };
    let error = versions(&warehouse).await.unwrap_err();
    assert_eq!(error.to_string(), "migration 0003_rights failed");
    assert_eq!(
        warehouse
            .entries
            .lock()
            .unwrap()
            .keys()
            .copied()
            .collect::<Vec<_>>(),
        [1, 2]
    );
}

#[tokio::test]
async fn an_edited_migration_stops_everything() {
    let warehouse = Ledgered::default();
    let edited = Migration {
        template: "SELECT 'edited';",
        ..MIGRATIONS[0]
    };
    warehouse.record(&edited);
    let error = versions(&warehouse).await.unwrap_err();
    assert!(matches!(
        error,
        MigrationError::Disagree(LedgerError::Edited { version: 1, .. })
    ));
    assert_eq!(warehouse.entries.lock().unwrap().len(), 1);
}

#[test]
fn every_migration_can_run_in_one_transaction() {
    for migration in MIGRATIONS {
        let statements = statements(&context(), &migration).unwrap();
        assert_eq!(check(&statements), Ok(()), "{}", migration.name);
        let submission = submission(&migration, statements).unwrap();
        assert!(submission.statements.len() <= 40);
        assert!(submission.statements[0].contains("LOCK TABLE etl.migration"));
        assert!(submission.statements[1].contains("INSERT INTO etl.migration"));
    }
}
