//! An open environment: what every command that reads or streams begins with.

use local::{Addresses, Folders, LocalError, Machine};
use warehouse::{Authority, Target, Warehouse};

use crate::api::{self, Api};
use crate::clients::Clients;
use crate::deploy::DeployError;
use crate::environment::{Auth, Environment, EnvironmentError};
use crate::outputs::{self, Outputs};

/// The admin's secret. Locally any name does: the Data API server knows the admin by it.
const LOCAL_ADMIN_SECRET: &str = "riverhouse_admin";

/// Variable with the API's key, where the environment asks for one.
const API_KEY: &str = "RIVERHOUSE_API_KEY";

/// An environment that is deployed, and the ways to reach it.
#[derive(Debug)]
pub struct Session {
    /// Its settings.
    pub environment: Environment,
    /// Where everything is.
    pub outputs: Outputs,
    /// The machine it runs on.
    pub machine: Machine,
    addresses: Addresses,
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
    /// It runs on AWS.
    #[error(
        "environment `{0}` runs on AWS, which this version only renders: use `stack synth {0}`, or a local environment"
    )]
    OnAws(String),
}

impl Session {
    /// Opens the environment of that name.
    ///
    /// # Errors
    ///
    /// When there is none of the name, or it is not deployed or not running.
    pub async fn open(name: &str) -> Result<Self, SessionError> {
        let environment = Environment::load(name)?;
        let machine = machine(&environment)?;
        let addresses = machine.addresses()?;
        let clients = Clients::local(&addresses);
        let outputs = outputs::of_local(&environment, &machine, &clients).await?;
        let api = Api::new(
            &outputs.api_url,
            auth(&environment, &clients)?,
            api::connector(),
        );
        Ok(Self {
            environment,
            outputs,
            machine,
            addresses,
            clients,
            api,
        })
    }

    /// The configuration of every SDK client but the Data API's.
    #[must_use]
    pub fn sdk(&self) -> &aws_types::SdkConfig {
        self.clients.sdk()
    }

    /// S3.
    #[must_use]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        self.clients.s3()
    }

    /// The warehouse, as its admin.
    #[must_use]
    pub fn warehouse(&self) -> Warehouse {
        admin_warehouse(&self.clients, &self.addresses)
    }

    /// The HTTP API. Connections are kept: one client serves a whole command.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.api
    }
}

/// How the API of the environment wants to be called.
fn auth(environment: &Environment, clients: &Clients) -> Result<api::Auth, SessionError> {
    Ok(match environment.auth {
        Auth::None => api::Auth::None,
        Auth::ApiKey => {
            let key = std::env::var(API_KEY).map_err(|_unset| SessionError::NoApiKey)?;
            api::Auth::ApiKey(api::ApiKey::new(key))
        }
        Auth::Iam => api::Auth::Iam {
            region: local::REGION.to_owned(),
            credentials: clients
                .sdk()
                .credentials_provider()
                .ok_or(SessionError::NoCredentials)?,
        },
    })
}

/// The machine of a local environment.
///
/// # Errors
///
/// When the environment is not local, or this machine has no place for one.
pub fn machine(environment: &Environment) -> Result<Machine, SessionError> {
    if !environment.is_local() {
        return Err(SessionError::OnAws(environment.name.to_string()));
    }
    let folders = Folders::new(|name| std::env::var_os(name).map(Into::into))?;
    Ok(folders.machine(environment.name.as_ref()))
}

/// The warehouse of a local environment, as its admin.
pub(crate) fn admin_warehouse(clients: &Clients, addresses: &Addresses) -> Warehouse {
    Warehouse::new(
        &clients.data_api(),
        Target::Cluster {
            identifier: addresses.cluster_identifier.clone(),
        },
        local::DATABASE.to_owned(),
        Authority::Secret(LOCAL_ADMIN_SECRET.to_owned()),
    )
}
