//! An open environment: what every command that reads or streams begins with.

use std::collections::BTreeMap;
use std::path::PathBuf;

use local::{Folders, LocalError, Machine};
use warehouse::{Authority, Target, Warehouse};

use crate::api::{self, Api};
use crate::clients::{Clients, ClientsError};
use crate::deploy::DeployError;
use crate::environment::{Auth, Environment, EnvironmentError};
use crate::outputs::{self, Compute, Outputs};

/// Variable with the API's key, where the environment asks for one.
const API_KEY: &str = "RIVERHOUSE_API_KEY";

/// An environment that is deployed, and the ways to reach it.
#[derive(Debug)]
pub struct Session {
    /// Its settings.
    pub environment: Environment,
    /// Where everything is.
    pub outputs: Outputs,
    machine: Option<Machine>,
    clients: Clients,
    api: Api,
}

/// Why an environment cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Its settings.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// This machine.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// The way to AWS.
    #[error(transparent)]
    Clients(#[from] ClientsError),
    /// Its stacks.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// Its API wants a key.
    #[error(
        "the environment's API wants a key: set {API_KEY} to the value of the key `ApiKeyId` of its pipeline stack"
    )]
    NoApiKey,
    /// Nobody to sign requests as.
    #[error("no credentials to sign requests with")]
    NoCredentials,
}

impl Session {
    /// Opens the environment of that name, on this machine or on AWS.
    ///
    /// # Errors
    ///
    /// When there is none of the name, nobody is signed in, or it is not deployed or not running.
    pub async fn open(name: &str) -> Result<Self, SessionError> {
        let environment = Environment::load(name)?;
        let machine = environment.is_local().then(|| machine(&environment));
        let machine = machine.transpose()?;
        let (clients, outputs) = if let Some(machine) = &machine {
            let clients = Clients::local(&machine.addresses()?);
            let outputs = outputs::of_local(&environment, machine, &clients).await?;
            (clients, outputs)
        } else {
            let clients = Clients::aws(&environment).await?;
            let outputs = outputs::of_aws(&environment, &clients).await?;
            (clients, outputs)
        };
        let auth = auth(&environment, &clients, &outputs.region)?;
        let api = Api::new(&outputs.api_url, auth, api::connector());
        Ok(Self {
            environment,
            outputs,
            machine,
            clients,
            api,
        })
    }

    /// The machine it runs on; none on AWS.
    #[must_use]
    pub fn machine(&self) -> Option<&Machine> {
        self.machine.as_ref()
    }

    /// The configuration of every SDK client but the Data API's.
    #[must_use]
    pub fn sdk(&self) -> &aws_types::SdkConfig {
        self.clients.sdk()
    }

    /// The ways to its services.
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// S3.
    #[must_use]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        self.clients.s3()
    }

    /// The warehouse, as its admin.
    #[must_use]
    pub fn warehouse(&self) -> Warehouse {
        let address = &self.outputs.warehouse;
        let target = match address.compute.clone() {
            Compute::ClusterIdentifier(identifier) => Target::Cluster { identifier },
            Compute::WorkgroupName(name) => Target::Workgroup { name },
        };
        let secret = address.admin_secret.as_deref();
        admin(&self.clients, target, &address.database, secret)
    }

    /// The folder for the checkpoints of streams to this environment: on this machine it goes with the environment's data,
    /// for one on AWS it is beside the local environments.
    ///
    /// # Errors
    ///
    /// When this machine has no place for one.
    pub fn streams_folder(&self) -> Result<PathBuf, LocalError> {
        if let Some(machine) = &self.machine {
            return Ok(machine.streams_folder());
        }
        let beside = machine(&self.environment)?;
        let name = format!(".{}.streams", self.environment.name);
        Ok(beside.folder().with_file_name(name))
    }

    /// The HTTP API. Connections are kept: one client serves a whole command.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.api
    }
}

/// Clients of the environment, which need not be deployed whole: on this machine it must run.
///
/// # Errors
///
/// When it does not run, or nobody is signed in.
pub async fn clients(environment: &Environment) -> Result<Clients, SessionError> {
    if environment.is_local() {
        return Ok(Clients::local(&machine(environment)?.addresses()?));
    }
    Ok(Clients::aws(environment).await?)
}

/// How the API of the environment wants to be called.
pub(crate) fn auth(
    environment: &Environment,
    clients: &Clients,
    region: &str,
) -> Result<api::Auth, SessionError> {
    Ok(match environment.auth {
        Auth::None => api::Auth::None,
        Auth::ApiKey => {
            let key = std::env::var(API_KEY).map_err(|_unset| SessionError::NoApiKey)?;
            api::Auth::ApiKey(api::ApiKey::new(key))
        }
        Auth::Iam => api::Auth::Iam {
            region: region.to_owned(),
            credentials: clients
                .sdk()
                .credentials_provider()
                .ok_or(SessionError::NoCredentials)?,
        },
    })
}

/// The folder on this machine of the environment, which is local.
///
/// # Errors
///
/// When this machine has no place for one.
pub fn machine(environment: &Environment) -> Result<Machine, LocalError> {
    let folders = Folders::new(|name| std::env::var_os(name).map(Into::into))?;
    Ok(folders.machine(environment.name.as_ref()))
}

/// The warehouse of an environment whose stacks give `values`, as its admin; the output that is missing otherwise.
pub(crate) fn warehouse_of(
    clients: &Clients,
    values: &BTreeMap<String, String>,
) -> Result<Warehouse, &'static str> {
    let value = |name: &'static str| values.get(name).cloned().ok_or(name);
    let target = match value("WarehouseWorkgroup") {
        Ok(name) => Target::Workgroup { name },
        Err(_absent) => Target::Cluster {
            identifier: value("WarehouseClusterIdentifier")?,
        },
    };
    let database = value("WarehouseDatabase")?;
    let secret = values.get("WarehouseAdminSecretArn").map(String::as_str);
    Ok(admin(clients, target, &database, secret))
}

/// The warehouse of an environment on this machine, as its admin.
pub(crate) fn local_warehouse(clients: &Clients, outputs: &Outputs) -> Warehouse {
    let target = match outputs.warehouse.compute.clone() {
        Compute::ClusterIdentifier(identifier) => Target::Cluster { identifier },
        Compute::WorkgroupName(name) => Target::Workgroup { name },
    };
    admin(clients, target, &outputs.warehouse.database, None)
}

/// The warehouse of the machine that listens, or listened, at `addresses`, as its admin.
pub(crate) fn warehouse_at(clients: &Clients, addresses: &local::Addresses) -> Warehouse {
    let identifier = addresses.cluster_identifier.clone();
    admin(
        clients,
        Target::Cluster { identifier },
        local::DATABASE,
        None,
    )
}

/// On this machine there is no secret: the Data API server knows the account's root as the admin.
fn admin(clients: &Clients, target: Target, database: &str, secret: Option<&str>) -> Warehouse {
    let authority = secret.map_or(Authority::Iam, |arn| Authority::Secret(arn.to_owned()));
    let database = database.to_owned();
    Warehouse::new(&clients.data_api(), target, database, authority)
}
