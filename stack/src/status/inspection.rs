//! What `stack status` reads from, with time limits.

use std::error::Error;
use std::time::Duration;

use ::warehouse::Warehouse;
use local::{Addresses, Machine};

use super::problem::Answer;
use crate::clients::Clients;
use crate::environment::{Environment, EnvironmentName};
use crate::session::{self, Session, SessionError};

/// Time limit for one call in a local environment.
const LOCAL_LIMIT: Duration = Duration::from_secs(3);
/// Time limit for one call on AWS, where a connection may have to be opened and a serverless warehouse resumed.
const AWS_LIMIT: Duration = Duration::from_secs(5);

/// Access to an environment that may be incomplete or stopped. Opening it calls no service of the environment.
#[derive(Debug)]
pub struct Inspection {
    /// Name of the environment as the user gave it.
    pub(super) name: String,
    pub(super) environment: Environment,
    pub(super) machine: Option<Machine>,
    /// Addresses of the local environment, or its last addresses if it is stopped.
    pub(super) addresses: Option<Addresses>,
    pub(super) clients: Clients,
    pub(super) limit: Duration,
}

impl Inspection {
    /// Prepares to inspect the environment `name`, whether it runs or not.
    ///
    /// # Errors
    ///
    /// When the environment does not exist, was never started, or the user is not signed in to AWS.
    pub async fn open(name: &str) -> Result<Self, SessionError> {
        let environment = Environment::load(name)?;
        if !environment.is_local() {
            let clients = Clients::aws(&environment).await?;
            return Ok(Self {
                clients: clients.with_timeout(AWS_LIMIT),
                name: name.to_owned(),
                environment,
                machine: None,
                addresses: None,
                limit: AWS_LIMIT,
            });
        }
        let machine = session::machine(&environment)?;
        let addresses = machine.last_addresses()?;
        Ok(Self::local(name, environment, machine, addresses))
    }

    /// Returns the name of the environment.
    #[must_use]
    pub fn environment_name(&self) -> &EnvironmentName {
        &self.environment.name
    }

    /// Prepares to inspect the environment of an open session.
    #[must_use]
    pub(super) fn of(session: &Session) -> Self {
        let environment = session.environment.clone();
        let name = environment.name.to_string();
        match session
            .machine()
            .map(|it| (it.clone(), it.last_addresses()))
        {
            Some((machine, Ok(addresses))) => Self::local(&name, environment, machine, addresses),
            _ => Self {
                name,
                environment,
                machine: None,
                addresses: None,
                clients: session.clients().with_timeout(AWS_LIMIT),
                limit: AWS_LIMIT,
            },
        }
    }

    fn local(name: &str, environment: Environment, machine: Machine, addresses: Addresses) -> Self {
        Self {
            name: name.to_owned(),
            environment,
            clients: Clients::local(&addresses).with_timeout(LOCAL_LIMIT),
            machine: Some(machine),
            addresses: Some(addresses),
            limit: LOCAL_LIMIT,
        }
    }

    /// Returns the client of the warehouse. On AWS its settings come from the outputs of the stacks.
    pub(super) fn warehouse(
        &self,
        outputs: &Answer<std::collections::BTreeMap<String, String>>,
    ) -> Answer<Warehouse> {
        match (&self.addresses, outputs) {
            (Some(addresses), _) => Ok(session::warehouse_at(&self.clients, addresses)),
            (None, Ok(outputs)) => session::warehouse_of(&self.clients, outputs)
                .map_err(|output| format!("no stack has the output `{output}`")),
            (None, Err(reason)) => Err(reason.clone()),
        }
    }

    /// Returns the response of `question`, or the reason why there was none within the limit.
    pub(super) async fn ask<T, E: Error>(
        &self,
        question: impl Future<Output = Result<T, E>>,
    ) -> Answer<T> {
        match tokio::time::timeout(self.limit, question).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(causes(&error)),
            Err(_elapsed) => Err(format!("no answer within {} s", self.limit.as_secs())),
        }
    }
}

/// Formats an error with its causes. A cause that the error repeats appears once.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
