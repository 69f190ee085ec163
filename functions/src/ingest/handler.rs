//! The shell of `ingest`.

use std::convert::Infallible;

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use lambda_runtime::LambdaEvent;
use time::{Duration, OffsetDateTime};

use super::intake::Intake;
use super::outcome::Outcome;
use super::{body, delivery, intake, parcels};
use crate::metrics::Metric;
use crate::ports::{Clock, Count, PutRecords};

/// Kept back of the function's time to answer in.
const MARGIN: Duration = Duration::seconds(1);

/// Takes events in.
#[derive(Debug)]
pub struct Ingest<S, C, M> {
    /// Where valid events go.
    pub stream: S,
    /// The time of arrival.
    pub clock: C,
    /// Figures: `Accepted`, `Rejected`, `Refused`, `Envelopes`.
    pub metrics: M,
}

impl<S: PutRecords, C: Clock, M: Count> Ingest<S, C, M> {
    /// Answers one request: 202, or 400, 413, 415, 503 with the reason.
    ///
    /// The same request again puts the same envelopes on the stream again; each stage behind it knows them
    /// by their ids.
    ///
    /// # Errors
    ///
    /// None: every failure has its answer.
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
        let read = body::read(request).and_then(|body| intake::intake(&body, &id, now));
        match read {
            Ok(intake) => Ok(self.put(intake, id, now, context.deadline().into()).await),
            Err(refused) => {
                tracing::info!(
                    reason = refused.reason,
                    detail = refused.detail,
                    "request refused"
                );
                self.metrics.count(&[Metric::count("RefusedRequests", 1)]);
                Ok(refused.answer())
            }
        }
    }

    async fn put(
        &self,
        intake: Intake,
        request_id: String,
        received_at: OffsetDateTime,
        deadline: OffsetDateTime,
    ) -> ApiGatewayProxyResponse {
        let parcels = parcels::pack(intake.taken, &request_id, received_at);
        let out = delivery::deliver(&parcels, &self.stream, &self.clock, deadline - MARGIN).await;
        let refused: Vec<_> = out
            .iter()
            .flat_map(|parcel| parcel.indexes.clone())
            .collect();
        let valid: usize = parcels.iter().map(|parcel| parcel.indexes.len()).sum();
        let accepted = valid - refused.len();
        self.metrics.count(&[
            Metric::count("Accepted", accepted),
            Metric::count("Rejected", intake.rejected.len()),
            Metric::count("Refused", refused.len()),
            Metric::count("Envelopes", parcels.len() - out.len()),
        ]);
        Outcome::new(
            request_id,
            accepted,
            intake.rejected,
            refused,
            intake.made_ids,
        )
        .answer()
    }
}
