//! Writes records to Kinesis.

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;

use super::{Clients, call_error};
use crate::ports::{CallError, PutRecords, Refusal, StreamRecord};

/// A stream.
#[derive(Clone, Debug)]
pub struct Stream {
    client: Client,
    name: String,
}

impl Stream {
    #[must_use]
    pub fn new(clients: &Clients, name: String) -> Self {
        Self {
            client: Client::new(clients.config()),
            name,
        }
    }
}

impl PutRecords for Stream {
    async fn put_records(&self, records: &[&StreamRecord]) -> Result<Vec<Refusal>, CallError> {
        let failed = |error: &_| {
            call_error(
                "kinesis",
                "PutRecords",
                format!("stream {}", self.name),
                error,
            )
        };
        let entries = records
            .iter()
            .map(|record| {
                PutRecordsRequestEntry::builder()
                    .partition_key(&record.partition_key)
                    .data(Blob::new(record.data.as_slice()))
                    .build()
            })
            .collect::<Result<_, _>>()
            .map_err(|error| failed(&error.into()))?;
        let call = self.client.put_records().stream_name(&self.name);
        let answer = call
            .set_records(Some(entries))
            .send()
            .await
            .map_err(|error| failed(&error))?;
        let entries = answer.records().iter().enumerate();
        Ok(entries
            .filter_map(|(position, entry)| {
                let code = entry.error_code()?.to_owned();
                Some(Refusal { position, code })
            })
            .collect())
    }
}
