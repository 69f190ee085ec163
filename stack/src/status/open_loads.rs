//! Counts the open loads in table `load`.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use cloudformation::CallFailure;
use time::OffsetDateTime;

use super::inspection::Inspection;
use super::problem::Answer;
use super::waiting::Waiting;
use super::warehouse::Ledger;

/// Returns the number of open loads and the time of the oldest. Reads the whole table, so it does so only while a load
/// locks the ledger, which cannot be read then.
pub(super) async fn ask(
    inspection: &Inspection,
    ledger: &Ledger,
    table: &Answer<String>,
) -> Answer<Waiting> {
    match (ledger, table) {
        (Ledger::Busy, Ok(table)) => {
            let client = Client::new(inspection.clients.sdk());
            inspection.ask(open(&client, table)).await
        }
        (Ledger::Busy, Err(reason)) => Err(reason.clone()),
        _ => Ok(Waiting::default()),
    }
}

async fn open(client: &Client, table: &str) -> Result<Waiting, CallFailure> {
    let mut items = client
        .scan()
        .table_name(table)
        .filter_expression("attribute_exists(ClaimedAt)")
        .projection_expression("ClaimedAt")
        .into_paginator()
        .items()
        .send();
    let mut open = Waiting::default();
    while let Some(item) = items.next().await {
        let item = item.map_err(CallFailure::of(format!("dynamodb Scan of `{table}`")))?;
        open.add(item.get("ClaimedAt").and_then(claimed_at));
    }
    Ok(open)
}

fn claimed_at(value: &AttributeValue) -> Option<OffsetDateTime> {
    let seconds = value.as_n().ok()?.parse().ok()?;
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}
