//! A smoke test: one event through API → Kinesis → DynamoDB, read back through the API.
//!
//! The event is marked as a probe ([`events::probe`]), which `store` writes to DynamoDB but not to the raw
//! lake, so analysts never see it.

use std::time::{Duration, Instant};

use producer::api::{self, Api};

use super::DeployError;
use crate::clients::Clients;
use crate::environment::Environment;
use crate::outputs::Outputs;
use crate::progress::Progress;
use crate::session::auth;

/// The time limit of the whole test: the permissions of a new API take about a minute to reach all of AWS.
const TIME_LIMIT: Duration = Duration::from_mins(3);

/// The delay between two requests.
const PAUSE: Duration = Duration::from_millis(250);

/// Sends a probe event and waits until it is in DynamoDB. Returns the seconds from acceptance to arrival.
///
/// Returns `None` if this shell has no API key: nothing is sent, and a note says so.
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
    step.at("the API accepted it");
    let accepted = Instant::now();
    arrive(&api, &probe.invoice_no, begun).await?;
    let seconds = accepted.elapsed().as_secs_f64();
    step.done("arrived");
    Ok(Some(seconds))
}

/// Sends the event until the API accepts it.
async fn send(api: &Api, event: &str, begun: Instant) -> Result<(), DeployError> {
    loop {
        let answer = api.post_events(event.as_bytes(), "application/json").await;
        let problem = match answer {
            Ok(answer) if answer.status == 202 => return Ok(()),
            Ok(answer) => format!("the API answered {}: {}", answer.status, answer.detail()),
            Err(error) => format!("the API cannot be reached: {error}"),
        };
        wait(begun, "was not accepted", "ingest", problem).await?;
    }
}

/// Queries the invoice until it exists.
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
    if begun.elapsed() >= TIME_LIMIT {
        return Err(DeployError::Smoke {
            what,
            function,
            problem,
        });
    }
    tokio::time::sleep(PAUSE).await;
    Ok(())
}
