//! The warehouse, accessed through the Redshift Data API.

use std::collections::BTreeSet;
use std::time::Duration;

use time::OffsetDateTime;
use warehouse::check::{Finding, MaxAges};
use warehouse::load::{FileError, LedgerState, Load};
use warehouse::{Authority, Outcome, StatementId, Submission, Target, WarehouseError};

use super::Clients;
use crate::load::ports::{CheckData, RunLoads};

/// A database of the warehouse, accessed with the function's IAM role.
#[derive(Clone, Debug)]
pub struct Warehouse(warehouse::Warehouse);

impl Warehouse {
    /// Creates a client for `database` of `target`. Sends no request.
    #[must_use]
    pub fn new(clients: &Clients, target: Target, database: String) -> Self {
        let config = clients.redshift_data_config();
        Self(warehouse::Warehouse::new(
            &config,
            target,
            database,
            Authority::Iam,
        ))
    }
}

impl CheckData for Warehouse {
    async fn check(&self, timeout: Duration) -> Result<Vec<Finding>, WarehouseError> {
        self.0.with_timeout(timeout).check(MaxAges::default()).await
    }
}

impl RunLoads for Warehouse {
    async fn submit(
        &self,
        attempt: &Submission,
        timeout: Duration,
    ) -> Result<StatementId, WarehouseError> {
        self.0.with_timeout(timeout).submit(attempt).await
    }

    async fn wait(
        &self,
        statement: &StatementId,
        timeout: Duration,
    ) -> Result<Outcome, WarehouseError> {
        self.0.wait(statement, timeout).await
    }

    async fn ask(&self, load: &Load, timeout: Duration) -> Result<LedgerState, WarehouseError> {
        let warehouse = self.0.with_timeout(timeout);
        if let Some(row) = warehouse.load(load.id()).await? {
            return Ok(LedgerState::Loaded(row));
        }
        let loaded = warehouse.loaded_files(load.files()).await?;
        Ok(if loaded.is_empty() {
            LedgerState::Absent
        } else {
            LedgerState::Overlaps
        })
    }

    async fn loaded_files(
        &self,
        keys: &BTreeSet<String>,
        timeout: Duration,
    ) -> Result<BTreeSet<String>, WarehouseError> {
        self.0.with_timeout(timeout).loaded_files(keys).await
    }

    async fn inspect(
        &self,
        load: &Load,
        copy_role_arn: &str,
        since: OffsetDateTime,
        timeout: Duration,
    ) -> Result<Vec<FileError>, WarehouseError> {
        self.0
            .with_timeout(timeout)
            .inspect(load, copy_role_arn, since)
            .await
    }
}
