//! Reads names and addresses from the stacks of an environment.

use std::collections::BTreeMap;

use cloudformation::outputs_of;
use local::{Addresses, Machine};

use super::error::OutputsError;
use super::{AnalystAddress, Buckets, Compute, Outputs, Tables, WarehouseAddress};
use crate::clients::Clients;
use crate::environment::Environment;
use crate::login;
use crate::platform::{Names, StackKind};

/// Reads the outputs of a local environment.
///
/// # Errors
///
/// When the environment does not run, or its stacks are not deployed.
pub async fn of_local(
    environment: &Environment,
    machine: &Machine,
    clients: &Clients,
) -> Result<Outputs, OutputsError> {
    let addresses = machine.addresses()?;
    let given = Given::read(
        environment,
        clients,
        &[StackKind::Lake, StackKind::Pipeline],
    )
    .await?;
    given.outputs(Place {
        target: "local",
        region: local::REGION,
        endpoint_url: Some(&addresses.endpoint_url),
        redshift_data_endpoint_url: Some(&addresses.data_api_url),
        warehouse: local_warehouse(environment, machine, &addresses),
    })
}

/// Reads the outputs of an environment on AWS.
pub(crate) async fn of_aws(
    environment: &Environment,
    clients: &Clients,
) -> Result<Outputs, OutputsError> {
    let all = [StackKind::Lake, StackKind::Warehouse, StackKind::Pipeline];
    let given = Given::read(environment, clients, &all).await?;
    let warehouse = given.warehouse()?;
    given.outputs(Place {
        target: "aws",
        region: clients.sdk().region().map_or("", AsRef::as_ref),
        endpoint_url: clients.sdk().endpoint_url(),
        redshift_data_endpoint_url: clients.data_api_url(),
        warehouse,
    })
}

/// Values that are not in the outputs of the lake and pipeline stacks.
struct Place<'a> {
    target: &'static str,
    region: &'a str,
    endpoint_url: Option<&'a str>,
    redshift_data_endpoint_url: Option<&'a str>,
    warehouse: WarehouseAddress,
}

/// Outputs of an environment's stacks, by name.
struct Given<'a> {
    environment: &'a Environment,
    values: BTreeMap<String, String>,
}

impl<'a> Given<'a> {
    async fn read(
        environment: &'a Environment,
        clients: &Clients,
        kinds: &[StackKind],
    ) -> Result<Self, OutputsError> {
        let names = Names::of(environment);
        let cloudformation = aws_sdk_cloudformation::Client::new(clients.sdk());
        let mut values = BTreeMap::new();
        for kind in kinds {
            let stack = names.stack(*kind);
            let given = outputs_of(&cloudformation, stack.as_ref()).await?;
            values.extend(given.ok_or_else(|| OutputsError::NotDeployed {
                environment: environment.name.to_string(),
                stack: stack.to_string(),
            })?);
        }
        Ok(Self {
            environment,
            values,
        })
    }

    fn value(&self, output: &'static str) -> Result<String, OutputsError> {
        self.values
            .get(output)
            .cloned()
            .ok_or_else(|| OutputsError::MissingOutput {
                stack: Names::of(self.environment).plain("*"),
                output,
            })
    }

    fn outputs(&self, place: Place<'_>) -> Result<Outputs, OutputsError> {
        Ok(Outputs {
            environment: self.environment.name.to_string(),
            target: place.target.to_owned(),
            region: place.region.to_owned(),
            api_url: match place.endpoint_url {
                Some(url) => format!(
                    "{url}/_aws/execute-api/{}/{}",
                    self.value("ApiId")?,
                    self.value("ApiStage")?
                ),
                None => self.value("ApiUrl")?,
            },
            endpoint_url: place.endpoint_url.map(str::to_owned),
            redshift_data_endpoint_url: place.redshift_data_endpoint_url.map(str::to_owned),
            stream: self.value("StreamName")?,
            buckets: Buckets {
                raw: self.value("RawBucketName")?,
                staging: self.value("StagingBucketName")?,
                logs: self.value("LogsBucketName")?,
            },
            tables: Tables {
                customer: self.value("CustomerTableName")?,
                invoice: self.value("InvoiceTableName")?,
            },
            warehouse: place.warehouse,
        })
    }

    /// Returns the address of a warehouse on AWS, where Redshift requires TLS.
    fn warehouse(&self) -> Result<WarehouseAddress, OutputsError> {
        let (host, port) = (self.value("WarehouseHost")?, self.value("WarehousePort")?);
        let database = self.value("WarehouseDatabase")?;
        Ok(WarehouseAddress {
            dsn: format!("postgresql://{host}:{port}/{database}?sslmode=require"),
            host,
            port: port
                .parse()
                .map_err(|_not_a_port| OutputsError::MissingOutput {
                    stack: Names::of(self.environment)
                        .stack(StackKind::Warehouse)
                        .to_string(),
                    output: "WarehousePort",
                })?,
            compute: match self.values.get("WarehouseWorkgroup") {
                Some(name) => Compute::WorkgroupName(name.clone()),
                None => Compute::ClusterIdentifier(self.value("WarehouseClusterIdentifier")?),
            },
            admin_secret: Some(self.value("WarehouseAdminSecretArn")?),
            tableau_secret: self.values.get("WarehouseTableauSecretArn").cloned(),
            analysts: None,
            database,
        })
    }
}

fn local_warehouse(
    environment: &Environment,
    machine: &Machine,
    addresses: &Addresses,
) -> WarehouseAddress {
    let (host, port) = (&addresses.postgres_host, addresses.postgres_port);
    let pgpass = machine.pgpass().display().to_string();
    let pgpass = percent_encoding::utf8_percent_encode(&pgpass, percent_encoding::NON_ALPHANUMERIC);
    WarehouseAddress {
        host: host.clone(),
        port,
        database: local::DATABASE.to_owned(),
        compute: Compute::ClusterIdentifier(addresses.cluster_identifier.clone()),
        admin_secret: None,
        tableau_secret: None,
        analysts: Some(AnalystAddress {
            host: "localhost".to_owned(),
            port: addresses.tls_port,
            sslrootcert: machine.certificate_authority().display().to_string(),
            user: local::ANALYST.to_owned(),
            pgpass: machine.analyst_pgpass().display().to_string(),
            secret: login::secret_name(&environment.name),
        }),
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

    /// Outputs of the stacks of an environment on AWS; `warehouse` names the kind of warehouse.
    fn values(warehouse: [(&str, &str); 1]) -> BTreeMap<String, String> {
        [
            ("ApiId", "a1"),
            ("ApiStage", "v1"),
            (
                "ApiUrl",
                "https://a1.execute-api.eu-west-1.amazonaws.com/v1",
            ),
            ("StreamName", "riverhouse-dev-events"),
            ("RawBucketName", "raw"),
            ("StagingBucketName", "staging"),
            ("LogsBucketName", "logs"),
            ("CustomerTableName", "customer"),
            ("InvoiceTableName", "invoice"),
            ("WarehouseHost", "w.redshift.amazonaws.com"),
            ("WarehousePort", "5432"),
            ("WarehouseDatabase", "riverhouse"),
            (
                "WarehouseAdminSecretArn",
                "arn:aws:secretsmanager:::secret:a",
            ),
        ]
        .into_iter()
        .chain(warehouse)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
    }

    fn outputs(
        values: BTreeMap<String, String>,
        endpoint_url: Option<&str>,
    ) -> Result<Outputs, OutputsError> {
        let environment = Environment::load("dev").unwrap();
        let given = Given {
            environment: &environment,
            values,
        };
        let warehouse = given.warehouse()?;
        given.outputs(Place {
            target: "aws",
            region: "eu-west-1",
            endpoint_url,
            redshift_data_endpoint_url: None,
            warehouse,
        })
    }

    #[test]
    fn an_environment_on_aws_is_printed_with_its_kind_of_warehouse() {
        let workgroup = outputs(values([("WarehouseWorkgroup", "riverhouse-dev")]), None).unwrap();
        insta::assert_json_snapshot!(workgroup);
        let cluster = values([("WarehouseClusterIdentifier", "riverhouse-prod")]);
        assert_eq!(
            outputs(cluster, None).unwrap().warehouse.compute,
            Compute::ClusterIdentifier("riverhouse-prod".to_owned())
        );
    }

    #[test]
    fn a_stand_in_serves_the_api_below_its_own_address() {
        let values = values([("WarehouseWorkgroup", "w")]);
        let outputs = outputs(values, Some("http://127.0.0.1:1")).unwrap();
        assert_eq!(outputs.api_url, "http://127.0.0.1:1/_aws/execute-api/a1/v1");
    }

    #[test]
    fn an_output_that_a_stack_lacks_is_named() {
        let mut values = values([("WarehouseWorkgroup", "w")]);
        values.remove("StreamName");
        let error = outputs(values, None).unwrap_err().to_string();
        assert!(error.contains("`StreamName`"), "{error}");
    }

    #[test]
    fn keys_of_the_emulator_are_never_set_for_an_environment_on_aws() {
        let values = values([("WarehouseWorkgroup", "w")]);
        for endpoint in [None, Some("https://vpce.example")] {
            let shell = outputs(values.clone(), endpoint).unwrap().shell(None);
            assert!(!shell.contains("AWS_ACCESS_KEY_ID"), "{shell}");
            assert!(!shell.contains("unset AWS_PROFILE"), "{shell}");
        }
    }
}
