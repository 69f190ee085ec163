//! Checks of the data in the warehouse, by the rules of [`templates::sql::check`].

use serde::Serialize;
pub use templates::sql::check::{MaxAges, Severity};
use templates::sql::check::{Rule, rules};

use crate::Warehouse;
use crate::api::DataApi;
use crate::error::WarehouseError;

/// How many rows a sample query returns at most.
const SAMPLE_ROWS: u32 = 5;

/// What a rule found.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// Name of the rule, such as `duplicate_event`.
    pub rule: String,
    /// What is true of data that keeps the rule.
    pub says: String,
    /// `None` if the rule is kept.
    pub broken: Option<Broken>,
}

/// How a rule is broken.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Broken {
    pub severity: Severity,
    /// Number of rows that break the rule; `None` if the query failed.
    pub rows: Option<i64>,
    /// Why the query failed.
    pub failure: Option<String>,
    /// A query that shows a few of the rows.
    pub sample: String,
}

impl Finding {
    fn of(rule: Rule, counted: Result<i64, String>) -> Self {
        let (severity, rows, failure) = match counted {
            Ok(0) => {
                return Self {
                    rule: rule.name,
                    says: rule.says,
                    broken: None,
                };
            }
            Ok(rows) => (rule.severity, Some(rows), None),
            // A rule that cannot be checked protects nobody.
            Err(failure) => (Severity::Error, None, Some(failure)),
        };
        Self {
            rule: rule.name,
            says: rule.says,
            broken: Some(Broken {
                severity,
                rows,
                failure,
                sample: format!("{}\nLIMIT {SAMPLE_ROWS}", rule.sql),
            }),
        }
    }

    /// The severity, if the rule is broken.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.broken.as_ref().map(|broken| broken.severity)
    }
}

impl<A: DataApi> Warehouse<A> {
    /// Checks all rules, one after the other, and returns what each found. A rule whose query fails counts as broken.
    /// Changes nothing.
    ///
    /// # Errors
    ///
    /// Fails if the warehouse cannot be asked.
    pub async fn check(&self, ages: MaxAges) -> Result<Vec<Finding>, WarehouseError> {
        let mut findings = Vec::new();
        for rule in rules(ages)? {
            let counted = match self.broken_rows(&rule).await {
                Err(WarehouseError::Failed { message, .. }) => Err(message),
                counted => Ok(counted?),
            };
            findings.push(Finding::of(rule, counted));
        }
        Ok(findings)
    }

    async fn broken_rows(&self, rule: &Rule) -> Result<i64, WarehouseError> {
        let name = format!("check/{}", rule.name);
        let sql = format!("SELECT COUNT(*) AS broken FROM (\n{}\n) AS rows", rule.sql);
        let counted = self.query(&name, &sql).await?;
        counted.long(0, "broken").ok_or(WarehouseError::Shape {
            name,
            missing: "count",
        })
    }
}
