//! The handler of `ingest`.

use std::convert::Infallible;

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use futures_util::future;
use lambda_runtime::LambdaEvent;
use time::{Duration, OffsetDateTime};

use super::intake::Intake;
use super::outcome::Outcome;
use super::reject_object::{self, Origin, RejectObject};
use super::{body, delivery, envelope_record, intake};
use crate::metrics::{Arrivals, Metric};
use crate::ports::{Clock, Count, PutObject, PutRecords};

/// Part of the function's timeout that is reserved for the response.
const MARGIN: Duration = Duration::seconds(1);

/// Validates events and puts them on the stream.
#[derive(Debug)]
pub struct Ingest<S, B, C, M> {
    /// The stream for valid events.
    pub stream: S,
    /// The bucket of the raw lake, in which rejects are kept.
    pub bucket: B,
    pub clock: C,
    /// Metrics: `Accepted`, `Rejected`, `Refused`, `Envelopes`, `RefusedRequests`, `RejectsNotKept`,
    /// `EventAgeMilliseconds`.
    pub metrics: M,
}

impl<S: PutRecords, B: PutObject, C: Clock, M: Count> Ingest<S, B, C, M> {
    /// Answers a request: 202, or 400, 413, 415 or 503 with the reason.
    ///
    /// Not idempotent for the stream: the same request sent again puts the same envelopes there again. Later stages
    /// recognise them by their ids.
    ///
    /// # Errors
    ///
    /// None: every failure has a response.
    pub async fn handle(
        &self,
        event: LambdaEvent<ApiGatewayProxyRequest>,
    ) -> Result<ApiGatewayProxyResponse, Infallible> {
        let (request, context) = event.into_parts();
        let id = request
            .request_context
            .request_id
            .clone()
            .unwrap_or(context.request_id.clone());
        let now = self.clock.now();
        let read = body::read(&request).and_then(|body| intake::intake(&body, &id, now));
        let origin = || Origin {
            request_id: &id,
            received_at: now,
            hash: reject_object::hash(&request),
        };
        match read {
            Ok(intake) => {
                let rejects = match intake.rejected.as_slice() {
                    [] => None,
                    rejected => origin().of_events(rejected),
                };
                let response = self.put_events(intake, id.clone(), now, context.deadline().into());
                Ok(future::join(response, self.put_rejects(rejects)).await.0)
            }
            Err(refused) => {
                tracing::info!(
                    reason = refused.reason,
                    detail = refused.detail,
                    "request refused"
                );
                self.metrics.count(&[Metric::count("RefusedRequests", 1)]);
                self.put_rejects(origin().of_body(&request, &refused)).await;
                Ok(refused.answer())
            }
        }
    }

    /// Writes the rejects of a request. If that fails, the failure is logged and counted, and the client gets its
    /// response all the same.
    ///
    /// The same request on the same day replaces the same object.
    async fn put_rejects(&self, rejects: Option<RejectObject>) {
        let Some(RejectObject { key, body, rejects }) = rejects else {
            return;
        };
        if let Err(error) = self.bucket.put_object(&key, body).await {
            tracing::error!(
                service = error.service,
                action = error.action,
                resource = error.resource,
                cause = %error,
                rejects,
                "cannot write rejects"
            );
            self.metrics
                .count(&[Metric::count("RejectsNotKept", rejects)]);
        }
    }

    async fn put_events(
        &self,
        intake: Intake,
        request_id: String,
        received_at: OffsetDateTime,
        deadline: OffsetDateTime,
    ) -> ApiGatewayProxyResponse {
        let envelopes = envelope_record::pack(intake.valid, &request_id, received_at);
        let out = delivery::deliver(&envelopes, &self.stream, &self.clock, deadline - MARGIN).await;
        let refused: Vec<_> = out
            .iter()
            .flat_map(|envelope| envelope.indexes.clone())
            .collect();
        let valid: usize = envelopes
            .iter()
            .map(|envelope| envelope.indexes.len())
            .sum();
        let accepted = valid - refused.len();
        let mut arrivals = Arrivals::default();
        arrivals.add(received_at, accepted);
        let mut metrics = vec![
            Metric::count("Accepted", accepted),
            Metric::count("Rejected", intake.rejected.len()),
            Metric::count("Refused", refused.len()),
            Metric::count("Envelopes", envelopes.len() - out.len()),
        ];
        metrics.extend(arrivals.ages(self.clock.now()));
        self.metrics.count(&metrics);
        Outcome::new(request_id, accepted, intake.rejected, refused)
            .with_generated_ids(&intake.generated_ids)
            .with_unknown_fields(intake.unknown_fields)
            .answer()
    }
}
