//! An open environment, which most commands start with.

use std::collections::BTreeMap;
use std::path::PathBuf;

use local::{Folders, LocalError, Machine};
use producer::api::{self, Api};
use warehouse::{Authority, Target, Warehouse};

use crate::clients::{Clients, ClientsError};
use crate::environment::{Auth, Environment, EnvironmentError};
use crate::outputs::{self, Compute, Outputs, OutputsError};

/// Environment variable with the API key, for environments that require one.
const API_KEY: &str = "RIVERHOUSE_API_KEY";

/// A deployed environment and its clients.
#[derive(Debug)]
pub struct Session {
    pub environment: Environment,
    /// Names and addresses of the environment.
    pub outputs: Outputs,
    machine: Option<Machine>,
    clients: Clients,
    api: Api,
}

/// Why an environment cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The settings are invalid or missing.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The local environment is not available.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// AWS cannot be reached.
    #[error(transparent)]
    Clients(#[from] ClientsError),
    /// The outputs of the stacks cannot be read.
    #[error(transparent)]
    Outputs(#[from] OutputsError),
    /// The API requires a key.
    #[error(
        "the environment's API requires a key: set {API_KEY} to the value of the key `ApiKeyId` of its pipeline stack"
    )]
    NoApiKey,
    /// There are no credentials to sign requests.
    #[error("no credentials to sign requests: sign in to AWS, or set AWS_PROFILE")]
    NoCredentials,
}

impl Session {
    /// Opens the environment `name`, locally or on AWS.
    ///
    /// # Errors
    ///
    /// When the environment does not exist, is not deployed or not running, or there are no valid credentials.
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

    /// Returns the local machine of the environment. `None` on AWS.
    #[must_use]
    pub fn machine(&self) -> Option<&Machine> {
        self.machine.as_ref()
    }

    /// Returns the configuration of every SDK client except the Data API's.
    #[must_use]
    pub fn sdk(&self) -> &aws_types::SdkConfig {
        self.clients.sdk()
    }

    /// Returns the clients of the environment.
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    #[must_use]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        self.clients.s3()
    }

    /// Returns the warehouse, with the admin's login.
    #[must_use]
    pub fn warehouse(&self) -> Warehouse {
        let address = &self.outputs.warehouse;
        let secret = address.admin_secret.as_deref();
        admin(
            &self.clients,
            target(&address.compute),
            &address.database,
            secret,
        )
    }

    /// Returns the warehouse with the analysts' login, which can only read schema `analytics`. `None` if the environment
    /// has no such login yet.
    #[must_use]
    pub fn analysts_warehouse(&self) -> Option<Warehouse> {
        let address = &self.outputs.warehouse;
        let local = address.analysts.as_ref().map(|door| door.secret.as_str());
        let secret = address.tableau_secret.as_deref().or(local)?;
        let (target, database) = (target(&address.compute), &address.database);
        Some(admin(&self.clients, target, database, Some(secret)))
    }

    /// Returns the folder for the checkpoints of streams to this environment. Locally it is part of the environment's
    /// data; for an environment on AWS it is next to the local environments.
    ///
    /// # Errors
    ///
    /// When this machine has no folder for environments.
    pub fn streams_folder(&self) -> Result<PathBuf, LocalError> {
        if let Some(machine) = &self.machine {
            return Ok(machine.streams_folder());
        }
        let beside = machine(&self.environment)?;
        let name = format!(".{}.streams", self.environment.name);
        Ok(beside.folder().with_file_name(name))
    }

    /// Returns the client of the HTTP API. It reuses connections for the whole command.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.api
    }
}

/// Returns clients of an environment that may be deployed in part. A local environment must run.
///
/// # Errors
///
/// When a local environment does not run, or there are no valid credentials.
pub async fn clients(environment: &Environment) -> Result<Clients, SessionError> {
    if environment.is_local() {
        return Ok(Clients::local(&machine(environment)?.addresses()?));
    }
    Ok(Clients::aws(environment).await?)
}

/// Returns how requests to the environment's API are authenticated.
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

/// Returns the machine of a local environment, with its folder.
///
/// # Errors
///
/// When this machine has no folder for environments.
pub fn machine(environment: &Environment) -> Result<Machine, LocalError> {
    let folders = Folders::new(|name| std::env::var_os(name).map(Into::into))?;
    Ok(folders.machine(environment.name.as_ref()))
}

/// Returns the warehouse of an environment with the stack outputs `values`, with the admin's login. The error is the
/// name of a missing output.
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

/// Returns the warehouse of a local environment, with the admin's login.
pub(crate) fn local_warehouse(clients: &Clients, outputs: &Outputs) -> Warehouse {
    let target = target(&outputs.warehouse.compute);
    admin(clients, target, &outputs.warehouse.database, None)
}

fn target(compute: &Compute) -> Target {
    match compute.clone() {
        Compute::ClusterIdentifier(identifier) => Target::Cluster { identifier },
        Compute::WorkgroupName(name) => Target::Workgroup { name },
    }
}

/// Returns the warehouse of the machine with these current or last `addresses`, with the admin's login.
pub(crate) fn warehouse_at(clients: &Clients, addresses: &local::Addresses) -> Warehouse {
    let identifier = addresses.cluster_identifier.clone();
    admin(
        clients,
        Target::Cluster { identifier },
        local::DATABASE,
        None,
    )
}

/// Returns the warehouse with the login in `secret`. Locally the admin has none: the Data API server accepts the
/// account's root as the admin.
fn admin(clients: &Clients, target: Target, database: &str, secret: Option<&str>) -> Warehouse {
    let authority = secret.map_or(Authority::Iam, |arn| Authority::Secret(arn.to_owned()));
    let database = database.to_owned();
    Warehouse::new(&clients.data_api(), target, database, authority)
}
