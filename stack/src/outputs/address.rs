//! Names and addresses, as they are printed.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// Names and addresses of a deployed environment, as `stack outputs --json` prints them.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Outputs {
    /// The environment's name.
    pub environment: String,
    /// `local` or `aws`.
    pub target: String,
    /// AWS region; locally the emulator's.
    pub region: String,
    /// The emulator, or what the environment's file names instead of AWS's own addresses.
    pub endpoint_url: Option<String>,
    /// The local Redshift Data API server; none on AWS.
    pub redshift_data_endpoint_url: Option<String>,
    /// Base of the HTTP API: append `/events`, `/invoices/{no}` or `/customers/{id}/invoices`.
    pub api_url: String,
    /// The Kinesis stream.
    pub stream: String,
    /// The S3 buckets.
    pub buckets: Buckets,
    /// The DynamoDB tables.
    pub tables: Tables,
    /// The warehouse.
    pub warehouse: WarehouseAddress,
}

/// The buckets of an environment.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Buckets {
    /// Raw NDJSON as it arrived.
    pub raw: String,
    /// CSV for the warehouse.
    pub staging: String,
    /// Access logs, and the records of the stream that Lambda gave up.
    pub logs: String,
}

/// The tables that the shop's own queries read.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Tables {
    /// Invoices by customer.
    pub customer: String,
    /// Lines by invoice.
    pub invoice: String,
}

/// Where analysts connect.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct WarehouseAddress {
    /// Host of the cluster, or of the local PostgreSQL.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Database.
    pub database: String,
    /// Where the Redshift Data API runs statements.
    #[serde(flatten)]
    pub compute: Compute,
    /// ARN of the secret that the admin of the warehouse signs in with; none on this machine.
    pub admin_secret: Option<String>,
    /// ARN of the secret that Tableau signs in with; none on this machine.
    pub tableau_secret: Option<String>,
    /// For `psql`: no password in it where it would be a secret.
    pub dsn: String,
    /// Where analysts' tools sign in on this machine; on AWS they do so at `host`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysts: Option<AnalystAddress>,
}

/// Where analysts' tools sign in on this machine: by TLS, as Redshift demands.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AnalystAddress {
    /// The name that the certificate is for.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// File of the certificate to trust.
    pub sslrootcert: String,
    /// Database user.
    pub user: String,
    /// File with the password for `psql`, that only its owner can read.
    pub pgpass: String,
    /// Name of the secret with user and password.
    pub secret: String,
}

/// Which warehouse the Redshift Data API is told to use, by the parameter's name.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compute {
    /// A provisioned cluster, or the one that stands for it on this machine.
    ClusterIdentifier(String),
    /// A serverless workgroup.
    WorkgroupName(String),
}

impl Outputs {
    fn is_local(&self) -> bool {
        self.target == "local"
    }

    /// As exports of a shell, so that `aws`, `curl --aws-sigv4` and `psql` work at once.
    ///
    /// A password is in none of them: `PGPASSFILE` names a file that only its owner can read.
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
            // What is set for real AWS would win over the addresses above, or be sent to them.
            lines.push("unset AWS_PROFILE AWS_SESSION_TOKEN".to_owned());
        }
        lines.join("\n") + "\n"
    }
}

/// In single quotes, as every shell reads them.
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
