//! The handler of `query`.

use std::convert::Infallible;

use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use events::{CustomerId, InvoiceNo};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lambda_runtime::LambdaEvent;

use super::customer::{Candidate, Listing, Page, Summary};
use super::invoice::{Envelopes, Place};
use super::question::{self, Question};
use crate::answer::{Refused, json};
use crate::items::{CustomerItem, InvoiceItem};
use crate::metrics::Metric;
use crate::ports::{CallError, Count, ReadCustomer, ReadInvoice};

/// Concurrent reads of table `invoice` for a customer's page.
const CONCURRENT_READS: usize = 32;

/// Answers the shop's requests.
#[derive(Debug)]
pub struct Query<T, M> {
    pub tables: T,
    /// Metrics: `Queries`, `QueryFailures`.
    pub metrics: M,
}

/// A request that cannot be answered.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The client's request is invalid.
    #[error("refused: {}", .0.reason)]
    Refused(Refused),
    /// A table cannot be read.
    #[error(transparent)]
    Call(#[from] CallError),
    /// An item was not written by this platform.
    #[error("the lines of an item in the table are invalid")]
    Lines(#[from] serde_json::Error),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl<T: ReadInvoice + ReadCustomer, M: Count> Query<T, M> {
    /// Answers a request: 200, or 400, 404, 405, 500 or 503 with the reason.
    ///
    /// # Errors
    ///
    /// None: every failure has a response.
    pub async fn handle(
        &self,
        event: LambdaEvent<ApiGatewayProxyRequest>,
    ) -> Result<ApiGatewayProxyResponse, Infallible> {
        let answer = match question::read(&event.payload) {
            Ok(question) => self.answer(question).await,
            Err(refused) => Err(refused.into()),
        };
        let failures = usize::from(matches!(answer, Err(Failure::Call(_) | Failure::Lines(_))));
        self.metrics.count(&[
            Metric::count("Queries", 1),
            Metric::count("QueryFailures", failures),
        ]);
        Ok(answer.unwrap_or_else(|failure| refused(failure).answer()))
    }

    async fn answer(&self, question: Question) -> Result<ApiGatewayProxyResponse, Failure> {
        match question {
            Question::Invoice {
                invoice_no,
                after,
                limit,
            } => self.invoice(invoice_no, after, limit).await,
            Question::Customer {
                customer_id,
                after,
                limit,
            } => self.customer(customer_id, after, limit).await,
        }
    }

    async fn invoice(
        &self,
        invoice_no: InvoiceNo,
        after: Option<Place>,
        limit: usize,
    ) -> Result<ApiGatewayProxyResponse, Failure> {
        let mut envelopes = Envelopes::default();
        for item in &self.envelopes(&invoice_no).await? {
            envelopes.add(item)?;
        }
        let missing = not_found(format!("invoice {invoice_no} does not exist"));
        let invoice = envelopes
            .invoice(invoice_no, after.as_ref(), limit)
            .ok_or(missing)?;
        Ok(json(200, &invoice))
    }

    /// Reads all envelopes of an invoice.
    async fn envelopes(&self, invoice_no: &InvoiceNo) -> Result<Vec<InvoiceItem>, CallError> {
        let (mut envelopes, mut after) = (Vec::new(), None);
        loop {
            let page = self
                .tables
                .invoice_page(invoice_no, after.as_deref())
                .await?;
            envelopes.extend(page.items);
            after = page.after;
            if after.is_none() {
                return Ok(envelopes);
            }
        }
    }

    async fn customer(
        &self,
        customer_id: CustomerId,
        last: Option<InvoiceNo>,
        limit: usize,
    ) -> Result<ApiGatewayProxyResponse, Failure> {
        let mut invoices = Page::new(limit);
        let mut after = last.as_ref().map(CustomerItem::after_invoice);
        loop {
            let page = self
                .tables
                .customer_page(&customer_id, after.as_deref())
                .await?;
            for item in page.items {
                invoices.add(item);
            }
            after = page.after;
            if after.is_none() || invoices.is_full() {
                break;
            }
        }
        let (candidates, next_cursor) = invoices.end(&customer_id);
        let resolved = stream::iter(candidates)
            .map(|candidate| self.resolve(&customer_id, candidate))
            .buffered(CONCURRENT_READS)
            .try_collect()
            .await?;
        let listing = Listing::new(customer_id.clone(), resolved, next_cursor);
        if last.is_some() || !listing.is_empty() {
            return Ok(json(200, &listing));
        }
        let detail = format!("customer {customer_id} has no invoice; guests are not listed");
        Err(not_found(detail).into())
    }

    async fn resolve(
        &self,
        customer_id: &CustomerId,
        candidate: Candidate,
    ) -> Result<Option<Summary>, Failure> {
        let envelopes = self.envelopes(candidate.invoice_no()).await?;
        Ok(candidate.resolve(customer_id, &envelopes)?)
    }
}

fn not_found(detail: String) -> Refused {
    Refused::new(404, "not_found", detail)
}

/// Returns the response for a failure. Internal details go to the log only.
fn refused(failure: Failure) -> Refused {
    match failure {
        Failure::Refused(refused) => refused,
        Failure::Call(error) => {
            let (service, action, resource) = (error.service, error.action, &error.resource);
            tracing::error!(service, action, resource, cause = %error, "cannot read the tables");
            Refused::unavailable("the tables cannot be read now: send the request again")
        }
        Failure::Lines(error) => {
            tracing::error!(cause = %error, "the lines of an item in the table are invalid");
            Refused::new(
                500,
                "internal",
                "internal error; the function's log has the cause",
            )
        }
    }
}
