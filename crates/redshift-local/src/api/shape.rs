//! Request bodies, as in the service's model.
//!
//! Limits of the values are checked by [`validate`](super::validate), with the service's messages.

use serde::Deserialize;

/// The warehouse, database and user of a request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Connection {
    pub(crate) cluster_identifier: Option<String>,
    pub(crate) workgroup_name: Option<String>,
    pub(crate) secret_arn: Option<String>,
    pub(crate) db_user: Option<String>,
    pub(crate) database: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SqlParameter {
    pub(crate) name: Option<String>,
    pub(crate) value: Option<String>,
}

/// Common members of `ExecuteStatement` and `BatchExecuteStatement`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Submission {
    #[serde(flatten)]
    pub(crate) connection: Connection,
    pub(crate) statement_name: Option<String>,
    pub(crate) parameters: Option<Vec<SqlParameter>>,
    pub(crate) client_token: Option<String>,
    pub(crate) result_format: Option<String>,
    pub(crate) session_keep_alive_seconds: Option<i64>,
    pub(crate) session_id: Option<String>,
    pub(crate) wait_time_seconds: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ExecuteStatement {
    #[serde(flatten)]
    pub(crate) submission: Submission,
    pub(crate) sql: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchExecuteStatement {
    #[serde(flatten)]
    pub(crate) submission: Submission,
    pub(crate) sqls: Option<Vec<String>>,
    pub(crate) execution_mode: Option<String>,
}

/// `DescribeStatement`, `CancelStatement`, `GetStatementResult` and `GetStatementResultV2`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ById {
    pub(crate) id: Option<String>,
    pub(crate) next_token: Option<String>,
    pub(crate) wait_time_seconds: Option<i64>,
}

/// `ListStatements` and `ListSessions`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct List {
    pub(crate) statement_name: Option<String>,
    pub(crate) session_id: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) database: Option<String>,
    pub(crate) cluster_identifier: Option<String>,
    pub(crate) workgroup_name: Option<String>,
    pub(crate) max_results: Option<i64>,
    pub(crate) next_token: Option<String>,
}

impl List {
    /// Returns whether the list is limited to one warehouse.
    pub(crate) fn names_target(&self) -> bool {
        self.cluster_identifier.is_some() || self.workgroup_name.is_some()
    }
}

/// `ListDatabases`, `ListSchemas`, `ListTables` and `DescribeTable`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Metadata {
    #[serde(flatten)]
    pub(crate) connection: Connection,
    pub(crate) connected_database: Option<String>,
    pub(crate) schema_pattern: Option<String>,
    pub(crate) table_pattern: Option<String>,
    pub(crate) schema: Option<String>,
    pub(crate) table: Option<String>,
    pub(crate) max_results: Option<i64>,
    pub(crate) next_token: Option<String>,
}
