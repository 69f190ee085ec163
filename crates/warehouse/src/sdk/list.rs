//! Lists recent statements. Only the SDK's client can: the list is not part of [`DataApi`](crate::api::DataApi).

use std::time::Duration;

use aws_sdk_redshiftdata::types::{StatementData, StatusString};
use time::OffsetDateTime;

use super::{SdkDataApi, api_error, moment};
use crate::Warehouse;
use crate::api::ApiError;

/// The most pages of 100 statements that are read.
const MAX_PAGES: usize = 3;

/// A statement that the caller submitted in the last 24 hours.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecentStatement {
    /// The name that the caller gave it; empty if none.
    pub name: String,
    pub sql: String,
    /// The status in lower case, such as `finished`.
    pub status: String,
    pub submitted_at: Option<OffsetDateTime>,
    /// From the submission to the last change of the status.
    pub duration: Option<Duration>,
}

impl Warehouse {
    /// Returns at most `most` statements that `wanted` accepts by their names, the newest first, out of the newest
    /// 300. The Data API lists only those that the caller's role submitted.
    ///
    /// # Errors
    ///
    /// Fails if the list cannot be read.
    pub async fn recent_statements(
        &self,
        most: usize,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<RecentStatement>, ApiError> {
        let mut statements = Vec::new();
        let mut next = None;
        for _ in 0..MAX_PAGES {
            let (page, token) = self.api.list(next).await?;
            statements.extend(page.into_iter().filter(|it| wanted(&it.name)));
            next = token;
            if statements.len() >= most || next.is_none() {
                break;
            }
        }
        statements.truncate(most);
        Ok(statements)
    }
}

impl SdkDataApi {
    /// Returns a page of statements in any status, and the token of the next page.
    async fn list(
        &self,
        next: Option<String>,
    ) -> Result<(Vec<RecentStatement>, Option<String>), ApiError> {
        let answer = self
            .client
            .list_statements()
            .status(StatusString::All)
            .set_cluster_identifier(self.cluster.clone())
            .set_workgroup_name(self.workgroup.clone())
            .set_next_token(next)
            .send()
            .await
            .map_err(|error| api_error("ListStatements", &error))?;
        let statements = answer.statements;
        let next = answer.next_token.filter(|token| !token.is_empty());
        Ok((statements.into_iter().map(recent).collect(), next))
    }
}

fn recent(data: StatementData) -> RecentStatement {
    let submitted_at = data.created_at.and_then(moment);
    let changed_at = data.updated_at.and_then(moment);
    let duration = submitted_at
        .zip(changed_at)
        .and_then(|(from, to)| Duration::try_from(to - from).ok());
    RecentStatement {
        name: data.statement_name.unwrap_or_default(),
        sql: data
            .query_string
            .or_else(|| data.query_strings.map(|all| all.join(";\n")))
            .unwrap_or_default(),
        status: data
            .status
            .map(|status| status.as_str().to_lowercase())
            .unwrap_or_default(),
        submitted_at,
        duration,
    }
}
