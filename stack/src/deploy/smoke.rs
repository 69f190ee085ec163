//! One event through all of it: API → Kinesis → DynamoDB and back through the API.
//!
//! It is marked as a probe ([`events::probe`]), which `store` writes to DynamoDB and keeps out of the raw lake: no
//! analyst ever sees it.

use std::time::{Duration, Instant};

use super::{DeployError, Progress};
use crate::api::{self, Api};
use crate::clients::Clients;
use crate::environment::Environment;
use crate::outputs::Outputs;
use crate::session::auth;

/// How long the whole way may take: a new API's permissions reach all of AWS within a minute or so.
const PATIENCE: Duration = Duration::from_mins(3);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// Sends a probe and waits until DynamoDB has it; gives the seconds that took.
///
/// `None` when this shell has no key for the API: then nothing is sent, and a note says so.
pub(super) async fn smoke(
    environment: &Environment,
    clients: &Clients,
    outputs: &Outputs,
    progress: &Progress,
) -> Result<Option<f64>, DeployError> {
    let step = progress.step("an event to DynamoDB");
    let auth = match auth(environment, clients, &outputs.region) {
        Ok(auth) => auth,
        Err(error) => {
            step.done(&format!("not sent: {error}"));
            return Ok(None);
        }
    };
    let api = Api::new(&outputs.api_url, auth, api::connector());
    let token: u64 = rand::random();
    let probe = events::probe(&format!("{token:016x}"));
    let begun = Instant::now();
    send(&api, &probe.json, begun).await?;
    step.at("the API took it");
    let accepted = Instant::now();
    arrive(&api, &probe.invoice_no, begun).await?;
    let seconds = accepted.elapsed().as_secs_f64();
    step.done("arrived");
    Ok(Some(seconds))
}

/// Posts until the API takes it.
async fn send(api: &Api, event: &str, begun: Instant) -> Result<(), DeployError> {
    loop {
        let answer = api.post_events(event.as_bytes(), "application/json").await;
        let problem = match answer {
            Ok(answer) if answer.status == 202 => return Ok(()),
            Ok(answer) => format!("the API answered {}: {}", answer.status, answer.detail()),
            Err(error) => format!("the API cannot be reached: {error}"),
        };
        wait(begun, "was not taken", "ingest", problem).await?;
    }
}

/// Asks for the invoice until it is there.
async fn arrive(api: &Api, invoice_no: &str, begun: Instant) -> Result<(), DeployError> {
    loop {
        let problem = match api.get_invoice(invoice_no, None).await {
            Ok(answer) if answer.status == 200 => return Ok(()),
            Ok(answer) => format!("invoice `{invoice_no}`: the API answers {}", answer.status),
            Err(error) => format!("the API cannot be reached: {error}"),
        };
        wait(begun, "did not arrive in DynamoDB", "store", problem).await?;
    }
}

async fn wait(
    begun: Instant,
    what: &'static str,
    function: &'static str,
    problem: String,
) -> Result<(), DeployError> {
    if begun.elapsed() >= PATIENCE {
        return Err(DeployError::Smoke {
            what,
            function,
            problem,
        });
    }
    tokio::time::sleep(PAUSE).await;
    Ok(())
}
