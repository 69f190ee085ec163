//! Where everything of an environment is: the contract of `stack outputs`.

use std::collections::BTreeMap;
use std::path::Path;

use local::{Addresses, Machine};
use serde::{Deserialize, Serialize};

use crate::clients::Clients;
use crate::deploy::{DeployError, outputs_of};
use crate::environment::Environment;
use crate::platform::{Names, StackKind};

/// Names and addresses of a deployed environment, as `stack outputs --json` prints them.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Outputs {
    /// The environment's name.
    pub environment: String,
    /// `local` or `aws`.
    pub target: String,
    /// AWS region; locally the emulator's.
    pub region: String,
    /// The emulator; none on AWS.
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
    /// What the Redshift Data API takes as `ClusterIdentifier`.
    pub cluster_identifier: String,
    /// For `psql`: no password in it where it would be a secret.
    pub dsn: String,
}

impl Outputs {
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
        if self.endpoint_url.is_some() {
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

/// Reads where everything of an environment on this machine is.
///
/// # Errors
///
/// When it does not run, or its stacks are not deployed.
pub async fn of_local(
    environment: &Environment,
    machine: &Machine,
    clients: &Clients,
) -> Result<Outputs, DeployError> {
    let addresses = machine.addresses()?;
    let names = Names::of(environment);
    let cloudformation = aws_sdk_cloudformation::Client::new(clients.sdk());
    let mut values = BTreeMap::new();
    for kind in [StackKind::Lake, StackKind::Pipeline] {
        let stack = names.stack(kind);
        let outputs = outputs_of(&cloudformation, stack.as_ref()).await?;
        values.extend(outputs.ok_or_else(|| DeployError::MissingOutput {
            stack: stack.to_string(),
            output: "of any name: it does not exist",
        })?);
    }
    let value = |output: &'static str| {
        values
            .get(output)
            .cloned()
            .ok_or_else(|| DeployError::MissingOutput {
                stack: names.plain("*"),
                output,
            })
    };
    let endpoint = &addresses.endpoint_url;
    Ok(Outputs {
        environment: environment.name.to_string(),
        target: "local".to_owned(),
        region: local::REGION.to_owned(),
        api_url: format!(
            "{endpoint}/_aws/execute-api/{}/{}",
            value("ApiId")?,
            value("ApiStage")?
        ),
        endpoint_url: Some(endpoint.clone()),
        redshift_data_endpoint_url: Some(addresses.data_api_url.clone()),
        stream: value("StreamName")?,
        buckets: Buckets {
            raw: value("RawBucketName")?,
            staging: value("StagingBucketName")?,
        },
        tables: Tables {
            customer: value("CustomerTableName")?,
            invoice: value("InvoiceTableName")?,
        },
        warehouse: warehouse_address(machine, &addresses),
    })
}

fn warehouse_address(machine: &Machine, addresses: &Addresses) -> WarehouseAddress {
    let (host, port) = (&addresses.postgres_host, addresses.postgres_port);
    let pgpass = machine.pgpass().display().to_string();
    let pgpass = percent_encoding::utf8_percent_encode(&pgpass, percent_encoding::NON_ALPHANUMERIC);
    WarehouseAddress {
        host: host.clone(),
        port,
        database: local::DATABASE.to_owned(),
        cluster_identifier: addresses.cluster_identifier.clone(),
        dsn: format!(
            "postgresql://{}@{host}:{port}/{}?passfile={pgpass}",
            local::ADMIN,
            local::DATABASE
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_every_value_as_it_is() {
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }
}
