//! What is asked, and for how long.

use std::error::Error;
use std::time::Duration;

use ::warehouse::Warehouse;
use local::{Addresses, Machine};

use super::problem::Answer;
use crate::clients::Clients;
use crate::environment::Environment;
use crate::session::{self, Session, SessionError};

/// How long one part of an environment on this machine may take to answer.
const LOCAL_LIMIT: Duration = Duration::from_secs(3);
/// The same on AWS, where a connection may have to be opened and a serverless warehouse to wake.
const AWS_LIMIT: Duration = Duration::from_secs(5);

/// The ways to an environment that need not be whole: nothing of it has been asked yet.
#[derive(Debug)]
pub struct Inspection {
    /// The environment as it was named.
    pub(super) name: String,
    pub(super) environment: Environment,
    pub(super) machine: Option<Machine>,
    /// Where the machine listens, or listened.
    pub(super) addresses: Option<Addresses>,
    pub(super) clients: Clients,
    pub(super) limit: Duration,
}

impl Inspection {
    /// Prepares to ask the environment of that name, whether it runs or not.
    ///
    /// # Errors
    ///
    /// When there is none of the name, it was never started, or nobody is signed in.
    pub async fn open(name: &str) -> Result<Self, SessionError> {
        let environment = Environment::load(name)?;
        if !environment.is_local() {
            let clients = Clients::aws(&environment).await?;
            return Ok(Self {
                clients: clients.within(AWS_LIMIT),
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

    /// Prepares to ask the environment of an open session.
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
                clients: session.clients().within(AWS_LIMIT),
                limit: AWS_LIMIT,
            },
        }
    }

    fn local(name: &str, environment: Environment, machine: Machine, addresses: Addresses) -> Self {
        Self {
            name: name.to_owned(),
            environment,
            clients: Clients::local(&addresses).within(LOCAL_LIMIT),
            machine: Some(machine),
            addresses: Some(addresses),
            limit: LOCAL_LIMIT,
        }
    }

    /// The warehouse; on AWS by the outputs of the stacks.
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

    /// The answer of `question`, or why there is none within the limit.
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

/// What an error says and each of its causes; a cause that the error repeats stands once.
pub(super) fn causes(error: &dyn Error) -> String {
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
