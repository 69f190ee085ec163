//! The nightly check of the data in the warehouse.

use time::OffsetDateTime;
use warehouse::check::{Finding, Severity};

use super::error::LoadError;
use super::loader::Loader;
use super::ports::CheckData;
use crate::metrics::Metric;
use crate::ports::{Clock, Count};

impl<W: CheckData, R, B, C: Clock, M: Count> Loader<W, R, B, C, M> {
    /// Checks the data until `until`, logs every broken rule, and emits the metrics `RulesBroken` and `RulesWarned`.
    /// Returns the number of broken rules, warnings included. Changes nothing.
    ///
    /// # Errors
    ///
    /// Fails if the warehouse cannot be asked in time.
    pub async fn check(&self, until: OffsetDateTime) -> Result<usize, LoadError> {
        let time = self.left(until);
        let findings = self.warehouse.check(time).await?;
        let broken = |wanted| {
            findings
                .iter()
                .filter(|finding| finding.severity() == Some(wanted))
                .inspect(|finding| log(finding))
                .count()
        };
        let (errors, warnings) = (broken(Severity::Error), broken(Severity::Warn));
        self.metrics.count(&[
            Metric::count("RulesBroken", errors),
            Metric::count("RulesWarned", warnings),
        ]);
        Ok(errors + warnings)
    }
}

fn log(finding: &Finding) {
    let Some(broken) = &finding.broken else {
        return;
    };
    let (rule, says) = (&finding.rule, &finding.says);
    let (rows, failure) = (broken.rows, broken.failure.as_deref());
    let next = "`stack check` shows the rows";
    match broken.severity {
        Severity::Error => tracing::error!(rule, says, rows, failure, next, "rule broken"),
        Severity::Warn => tracing::warn!(rule, says, rows, failure, next, "rule broken"),
    }
}
