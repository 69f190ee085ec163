//! Deletes one stack and removes obstacles.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::Client;
use cloudformation::Deletion;

use super::plan::PlannedStack;
use super::remedy::{Remedy, remedy, stays};
use super::{TeardownError, bucket, sweep};
use crate::clients::Clients;
use crate::progress::Step;

/// The maximum number of attempts to delete a stack: buckets fill again while logs are delivered to them.
const ATTEMPTS: usize = 6;

/// Deletes the stack and waits until it is gone; if a deletion is already running, only waits for it. Returns
/// what was removed from each of its buckets.
pub(super) async fn delete(
    clients: &Clients,
    stack: &PlannedStack,
    production: bool,
    step: &Step,
) -> Result<BTreeMap<String, u64>, TeardownError> {
    let client = Client::new(clients.sdk());
    let s3 = clients.s3();
    let mut emptied = BTreeMap::new();
    let mut failures = Vec::new();
    for _ in 0..ATTEMPTS {
        for name in stack.buckets() {
            let count = bucket::empty(&s3, name, step).await?;
            *emptied.entry(name.to_owned()).or_default() += count;
        }
        match cloudformation::delete(&client, stack.name.as_ref(), &stack.id, step).await? {
            Deletion::Complete => return Ok(emptied),
            Deletion::Failed(found) => failures = found,
        }
        for failure in &failures {
            match remedy(failure) {
                Remedy::Person(_) => return Err(stays(stack.name.as_ref(), &failures)),
                Remedy::Unprotect => sweep::unprotect(clients, &failure.name, production).await?,
                // Buckets are emptied before each attempt.
                Remedy::Empty | Remedy::Again => {}
            }
        }
        step.at("trying again");
    }
    Err(stays(stack.name.as_ref(), &failures))
}
