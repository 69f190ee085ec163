//! Names and addresses of an environment, as they are printed.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// Names and addresses of a deployed environment, as `stack outputs --json` prints them.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Outputs {
    pub environment: String,
    /// `local` or `aws`.
    pub target: String,
    /// AWS region, or the region that the emulator uses.
    pub region: String,
    /// Endpoint of the emulator, or the endpoint in the environment's file. `None` for AWS's own endpoints.
    pub endpoint_url: Option<String>,
    /// Endpoint of the local Redshift Data API server. `None` on AWS.
    pub redshift_data_endpoint_url: Option<String>,
    /// Base URL of the HTTP API: append `/events`, `/invoices/{no}` or `/customers/{id}/invoices`.
    pub api_url: String,
    /// Name of the Kinesis stream.
    pub stream: String,
    pub buckets: Buckets,
    pub tables: Tables,
    pub warehouse: WarehouseAddress,
}

/// S3 buckets of an environment.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Buckets {
    /// Raw NDJSON: the events as they arrived.
    pub raw: String,
    /// CSV files for the warehouse.
    pub staging: String,
    /// Access logs, and stream records that Lambda discarded.
    pub logs: String,
}

/// DynamoDB tables that the shop's API reads.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Tables {
    /// Invoices by customer.
    pub customer: String,
    /// Lines by invoice.
    pub invoice: String,
}

/// Addresses of the warehouse.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct WarehouseAddress {
    /// Host of the cluster, the workgroup, or the local PostgreSQL.
    pub host: String,
    pub port: u16,
    pub database: String,
    /// Target of the Redshift Data API.
    #[serde(flatten)]
    pub compute: Compute,
    /// ARN of the secret with the admin's login. `None` locally.
    pub admin_secret: Option<String>,
    /// ARN of the secret with Tableau's login. `None` locally.
    pub tableau_secret: Option<String>,
    /// Connection string for `psql`, without a secret password.
    pub dsn: String,
    /// Local address for the analysts' tools. On AWS they connect to `host`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysts: Option<AnalystAddress>,
}

/// Local address for the analysts' tools. It requires TLS, as Redshift does.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AnalystAddress {
    /// Host name in the certificate.
    pub host: String,
    pub port: u16,
    /// Path of the certificate to trust.
    pub sslrootcert: String,
    pub user: String,
    /// Path of the password file for `psql`, which only its owner can read.
    pub pgpass: String,
    /// Name of the secret with user and password.
    pub secret: String,
}

/// Target of the Redshift Data API, named after the parameter that takes it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compute {
    /// A provisioned cluster, or its local stand-in.
    ClusterIdentifier(String),
    /// A serverless workgroup.
    WorkgroupName(String),
}

impl Outputs {
    fn is_local(&self) -> bool {
        self.target == "local"
    }

    /// Returns shell exports that configure `aws`, `curl --aws-sigv4` and `psql`.
    ///
    /// They contain no password of the warehouse: `PGPASSFILE` names a file that only its owner can read.
    #[must_use]
    pub fn shell(&self, pgpass: Option<&Path>) -> String {
        let mut lines = Vec::new();
        let mut export =
            |name: &str, value: &str| lines.push(format!("export {name}={}", quoted(value)));
        export("RIVERHOUSE_ENVIRONMENT", &self.environment);
        export("RIVERHOUSE_API_URL", &self.api_url);
        export("RIVERHOUSE_STREAM", &self.stream);
        export("RIVERHOUSE_RAW_BUCKET", &self.buckets.raw);
        export("RIVERHOUSE_STAGING_BUCKET", &self.buckets.staging);
        export("RIVERHOUSE_CUSTOMER_TABLE", &self.tables.customer);
        export("RIVERHOUSE_INVOICE_TABLE", &self.tables.invoice);
        export("AWS_REGION", &self.region);
        export("AWS_DEFAULT_REGION", &self.region);
        if let Some(url) = &self.endpoint_url {
            export("AWS_ENDPOINT_URL", url);
        }
        if self.is_local() {
            export("AWS_ACCESS_KEY_ID", local::ACCESS_KEY_ID);
            export("AWS_SECRET_ACCESS_KEY", local::SECRET_ACCESS_KEY);
        }
        if let Some(url) = &self.redshift_data_endpoint_url {
            export("AWS_ENDPOINT_URL_REDSHIFT_DATA", url);
        }
        export("PGHOST", &self.warehouse.host);
        export("PGPORT", &self.warehouse.port.to_string());
        export("PGDATABASE", &self.warehouse.database);
        if let Some(path) = pgpass {
            export("PGUSER", local::ADMIN);
            export("PGPASSFILE", &path.display().to_string());
        }
        if self.is_local() {
            // A profile for real AWS would override the credentials above, and a session token would be sent with
            // them.
            lines.push("unset AWS_PROFILE AWS_SESSION_TOKEN".to_owned());
        }
        lines.join("\n") + "\n"
    }
}

/// Quotes a value in single quotes, which every POSIX shell accepts.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_every_value_as_it_is() {
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }
}
