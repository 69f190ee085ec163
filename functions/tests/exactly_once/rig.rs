//! The test environment: a migrated warehouse, a staging bucket and loaders.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_credential_types::Credentials;
use functions::aws::{Clients, SystemClock, Warehouse as LoaderWarehouse};
use functions::load::memory::{Answer, FaultInjector, LoadTable};
use functions::load::ports::RunLoads;
use functions::load::{Loader, Report};
use functions::memory::Counter;
use functions::ports::{CallError, GetObject, Put, PutIfAbsent, PutObject};
use functions::settings::Aws;
use time::OffsetDateTime;
use warehouse::answers::Totals;
use warehouse::load::{FileError, LedgerState, Load, StagedFile};
use warehouse::migrations::{Applied, MigrationContext, MigrationError, migrate};
use warehouse::{Authority, Outcome, StatementId, Submission, Target, Warehouse, WarehouseError};

use crate::support::{Bucket, CLUSTER, World};

pub(crate) const HEADER: &str = "event_id,envelope_id,invoice_no,kind,stock_code,description,quantity,invoice_ts,unit_price,customer_id,country,ingested_at";

pub(crate) type RealLoader<'a> =
    Loader<Real, LoadTable<'static>, Staging<'a>, SystemClock, Counter>;

/// The warehouse, accessed with the loader's role, with injected faults.
pub(crate) struct Real {
    warehouse: LoaderWarehouse,
    faults: &'static FaultInjector,
}

/// The staging bucket, with injected faults.
pub(crate) struct Staging<'a> {
    bucket: &'a Bucket,
    faults: &'static FaultInjector,
}

impl Staging<'_> {
    fn call<T>(&self, effect: impl FnOnce() -> T) -> Result<T, CallError> {
        let answer = self.faults.enter()?;
        let done = effect();
        match answer {
            Answer::Received => Ok(done),
            Answer::Lost => Err(CallError {
                code: "Died".to_owned(),
                ..missing("a loader that stopped")
            }),
        }
    }
}

fn missing(key: &str) -> CallError {
    CallError {
        service: "s3",
        action: "GetObject",
        resource: key.to_owned(),
        code: "NoSuchKey".to_owned(),
        message: "the specified key does not exist".to_owned(),
    }
}

impl PutObject for Staging<'_> {
    async fn put_object(&self, key: &str, body: Vec<u8>) -> Result<(), CallError> {
        self.call(|| self.bucket.put(key, body))
    }
}

impl PutIfAbsent for Staging<'_> {
    async fn put_if_absent(&self, key: &str, body: Vec<u8>) -> Result<Put, CallError> {
        self.call(|| {
            if self.bucket.get(key).is_some() {
                return Put::AlreadyThere;
            }
            self.bucket.put(key, body);
            Put::Created
        })
    }
}

impl GetObject for Staging<'_> {
    async fn get_object(&self, _: &str, key: &str) -> Result<Vec<u8>, CallError> {
        let found = self.call(|| self.bucket.get(key))?;
        found
            .map(|bytes| bytes.to_vec())
            .ok_or_else(|| missing(key))
    }
}

impl Real {
    async fn call<T>(
        &self,
        effect: impl Future<Output = Result<T, WarehouseError>>,
    ) -> Result<T, WarehouseError> {
        let died = || WarehouseError::Aborted {
            name: "a loader that stopped".to_owned(),
        };
        match self.faults.enter() {
            Ok(Answer::Received) => effect.await,
            Ok(Answer::Lost) => {
                effect.await?;
                Err(died())
            }
            Err(_) => Err(died()),
        }
    }
}

impl RunLoads for Real {
    async fn submit(
        &self,
        attempt: &Submission,
        patience: Duration,
    ) -> Result<StatementId, WarehouseError> {
        self.call(self.warehouse.submit(attempt, patience)).await
    }

    async fn wait(&self, id: &StatementId, patience: Duration) -> Result<Outcome, WarehouseError> {
        self.call(self.warehouse.wait(id, patience)).await
    }

    async fn ask(&self, load: &Load, patience: Duration) -> Result<LedgerState, WarehouseError> {
        self.call(self.warehouse.ask(load, patience)).await
    }

    async fn loaded_files(
        &self,
        keys: &BTreeSet<String>,
        patience: Duration,
    ) -> Result<BTreeSet<String>, WarehouseError> {
        self.call(self.warehouse.loaded_files(keys, patience)).await
    }

    async fn inspect(
        &self,
        load: &Load,
        role: &str,
        since: OffsetDateTime,
        patience: Duration,
    ) -> Result<Vec<FileError>, WarehouseError> {
        self.call(self.warehouse.inspect(load, role, since, patience))
            .await
    }
}

/// A migrated warehouse and its bucket.
pub(crate) struct Rig {
    pub(crate) world: World,
}

impl Rig {
    pub(crate) async fn new() -> Self {
        let rig = Self {
            world: World::alone().await,
        };
        rig.migrate().await.unwrap();
        rig
    }

    pub(crate) async fn migrate(&self) -> Result<Vec<Applied>, MigrationError> {
        let context = MigrationContext {
            database: self.world.database().to_owned(),
            loader_role: "Load".to_owned(),
        };
        migrate(&self.admin(), &context).await
    }

    /// Returns the warehouse, accessed as its admin.
    pub(crate) fn admin(&self) -> Warehouse {
        let database = self.world.database().to_owned();
        Warehouse::new(
            &self.clients("root").redshift_data_config(),
            target(),
            database,
            Authority::Iam,
        )
    }

    fn clients(&self, key: &str) -> Clients {
        let url = format!("http://{}", self.world.address());
        Clients::new(&Aws {
            function_name: "riverhouse-test-load".to_owned(),
            region: "us-east-1".to_owned(),
            credentials: Credentials::new(key, "secret", None, None, "test"),
            endpoint_url: None,
            redshift_data_endpoint_url: Some(url),
        })
    }

    /// Returns a loader with its own table `load`. Two such loaders share only the warehouse.
    pub(crate) fn loader(&self) -> RealLoader<'_> {
        let faults: &'static FaultInjector = Box::leak(Box::default());
        Loader {
            warehouse: Real {
                warehouse: LoaderWarehouse::new(
                    &self.clients("role"),
                    target(),
                    self.world.database().to_owned(),
                ),
                faults,
            },
            load_table: LoadTable::with_faults(faults),
            staging: Staging {
                bucket: self.world.bucket(),
                faults,
            },
            clock: SystemClock,
            metrics: Counter::default(),
            bucket: "bucket".to_owned(),
            copy_role_arn: "arn:aws:iam::000000000000:role/copy".to_owned(),
        }
    }

    /// Stages a file of rows: event id, envelope id, units.
    pub(crate) fn stage(&self, key: &str, rows: &[(&str, &str, i32)]) {
        self.world.bucket().put_gzip(key, &csv(rows));
    }

    pub(crate) async fn totals(&self) -> Totals {
        self.admin().totals().await.unwrap()
    }

    /// Returns the rows of a query, each as its cells joined with spaces.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<String> {
        let rows = self.admin().query("test", sql).await.unwrap();
        let row = |row: &Vec<_>| {
            let cells: Vec<_> = row.iter().map(warehouse::Cell::to_string).collect();
            cells.join(" ")
        };
        rows.rows.iter().map(row).collect()
    }

    /// Returns event id and units of every row.
    pub(crate) async fn lines(&self) -> Vec<String> {
        self.rows("SELECT event_id, quantity FROM retail.sales_line ORDER BY 1")
            .await
    }

    /// Returns the ledger's entry of each load, not ordered by time: files, rows staged, inserted, replaced,
    /// duplicates, attempt.
    pub(crate) async fn ledger(&self) -> Vec<String> {
        let sql = "SELECT files, rows_staged, rows_inserted, rows_replaced, duplicates, attempt \
                   FROM etl.load ORDER BY 1, 2, 3, 4, 5, 6";
        self.rows(sql).await
    }

    /// Asserts that the ledger's totals match the table, and that no file is in the ledger twice.
    pub(crate) async fn assert_ledger_explains(&self) {
        let seen = self
            .rows(
                "SELECT (SELECT SUM(rows_inserted) FROM etl.load) - (SELECT COUNT(*) FROM retail.sales_line), \
                 (SELECT SUM(rows_staged - rows_inserted - rows_replaced - duplicates) FROM etl.load), \
                 (SELECT COUNT(*) - COUNT(DISTINCT file) FROM etl.load_file), \
                 (SELECT SUM(files) FROM etl.load) - (SELECT COUNT(*) FROM etl.load_file), \
                 (SELECT COUNT(*) - COUNT(DISTINCT invoice_no || ' ' || event_id) FROM retail.sales_line)",
            )
            .await;
        assert_eq!(seen, ["0 0 0 0 0"]);
    }
}

fn target() -> Target {
    Target::Cluster {
        identifier: CLUSTER.to_owned(),
    }
}

pub(crate) fn csv(rows: &[(&str, &str, i32)]) -> String {
    let line = |(event, envelope, units): &(&str, &str, i32)| {
        format!(
            "{event},{envelope:0>32},536365,sale,85123A,HEART,{units},2010-12-01 08:26:00,2.55,17850,EIRE,2026-01-02 03:04:05\n"
        )
    };
    let lines: String = rows.iter().map(line).collect();
    format!("{HEADER}\n{lines}")
}

/// Loads files and returns the report.
pub(crate) async fn load(loader: &RealLoader<'_>, keys: &[&str]) -> Report {
    let files: Vec<_> = keys
        .iter()
        .map(|key| StagedFile::at(key).unwrap())
        .collect();
    loader.load(files, soon()).await
}

/// Returns a time later than any load here needs.
pub(crate) fn soon() -> OffsetDateTime {
    OffsetDateTime::now_utc() + Duration::from_mins(2)
}

pub(crate) fn faults(loader: &RealLoader<'_>) -> &'static FaultInjector {
    loader.warehouse.faults
}
