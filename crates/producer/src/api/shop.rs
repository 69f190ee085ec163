//! The shop's read API. Combines all pages.

use events::{Amount, UnitPrice};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Answer, Api, ApiError};

/// An invoice, combined from all its envelopes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Invoice {
    pub invoice_no: String,
    /// Sale, cancellation or adjustment.
    pub kind: String,
    /// `None` for a guest.
    pub customer_id: Option<String>,
    /// Country where the customer lives.
    pub country: String,
    /// Earliest time of its lines.
    pub invoice_date: String,
    pub lines: Vec<InvoiceLine>,
    pub line_count: usize,
    /// Sum of the quantities, net of returns.
    pub units: i64,
    /// Total in pounds sterling.
    pub total: Amount,
}

/// A line of an invoice.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct InvoiceLine {
    /// Code of the item.
    pub stock_code: String,
    /// Description of the item.
    pub description: Option<String>,
    /// Number of units.
    pub quantity: i32,
    /// Price per unit in pounds.
    pub unit_price: UnitPrice,
    /// Amount in pounds.
    pub amount: Amount,
}

/// Invoices of a customer.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CustomerInvoices {
    pub customer_id: String,
    /// Invoices in the order of their numbers.
    pub invoices: Vec<InvoiceSummary>,
}

/// An invoice without its lines.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct InvoiceSummary {
    pub invoice_no: String,
    /// Sale, cancellation or adjustment.
    pub kind: String,
    /// Earliest time of its lines.
    pub invoice_date: String,
    /// Country where the customer lived.
    pub country: String,
    pub line_count: usize,
    /// Sum of the quantities, net of returns.
    pub units: i64,
    /// Total in pounds sterling.
    pub total: Amount,
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum ShopError {
    /// The API has no such invoice or customer.
    #[error(
        "{0}; events appear a few seconds after the API accepted them, `stack status` shows how many are waiting"
    )]
    NotFound(String),
    /// The API rejected the request.
    #[error("the API answered {status}: {detail}; `stack status` shows the cause")]
    Refused {
        status: u16,
        /// The API's message.
        detail: String,
    },
    /// There is no response.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The response has an unknown format.
    #[error(
        "the API's response has an unknown format: `stack deploy` updates the API to this version"
    )]
    Answer(#[from] serde_json::Error),
}

impl Api {
    /// Returns an invoice with all its lines, as JSON in the format of the API.
    ///
    /// # Errors
    ///
    /// When the invoice does not exist, or there is no response.
    pub async fn invoice(&self, invoice_no: &str) -> Result<Value, ShopError> {
        all("lines", async |cursor| {
            self.get_invoice(invoice_no, cursor).await
        })
        .await
    }

    /// Returns all invoices of a customer, as JSON in the format of the API.
    ///
    /// # Errors
    ///
    /// When there are none, or there is no response.
    pub async fn customer_invoices(&self, customer: &str) -> Result<Value, ShopError> {
        all("invoices", async |cursor| {
            self.get_customer_invoices(customer, cursor).await
        })
        .await
    }
}

/// Requests all pages, and returns the first with the complete `list`.
async fn all(
    list: &str,
    mut ask: impl AsyncFnMut(Option<&str>) -> Result<Answer, ApiError>,
) -> Result<Value, ShopError> {
    let mut whole = understood(&ask(None).await?)?;
    while let Some(Value::String(cursor)) = take(&mut whole, "next_cursor") {
        let mut page = understood(&ask(Some(&cursor)).await?)?;
        if let (Some(Value::Array(all)), Some(Value::Array(more))) =
            (whole.get_mut(list), take(&mut page, list))
        {
            all.extend(more);
        }
        if let Some(next) = take(&mut page, "next_cursor") {
            whole["next_cursor"] = next;
        }
    }
    Ok(whole)
}

fn take(object: &mut Value, field: &str) -> Option<Value> {
    object.as_object_mut()?.shift_remove(field)
}

fn understood(answer: &Answer) -> Result<Value, ShopError> {
    match answer.status {
        200 => Ok(serde_json::from_slice(&answer.body)?),
        404 => Err(ShopError::NotFound(answer.detail())),
        status => Err(ShopError::Refused {
            status,
            detail: answer.detail(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: &Value) -> Answer {
        Answer {
            status,
            retry_after: None,
            body: body.to_string().into_bytes(),
        }
    }

    #[tokio::test]
    async fn all_pages_make_one_answer() {
        let pages = [
            json!({"customer_id": "14911", "invoices": [1, 2], "next_cursor": "b"}),
            json!({"customer_id": "14911", "invoices": [3], "next_cursor": "c"}),
            json!({"customer_id": "14911", "invoices": [], "next_cursor": null}),
        ];
        let mut asked = Vec::new();
        let whole = all("invoices", async |cursor| {
            asked.push(cursor.map(str::to_owned));
            Ok(answer(200, &pages[asked.len() - 1]))
        });
        let whole = whole.await.unwrap();
        assert_eq!(
            whole,
            json!({"customer_id": "14911", "invoices": [1, 2, 3]})
        );
        assert_eq!(asked, [None, Some("b".to_owned()), Some("c".to_owned())]);
    }

    #[tokio::test]
    async fn one_page_is_answered_as_it_is() {
        let page = json!({"invoice_no": "536365", "lines": [1], "total": "15.3"});
        let whole = all("lines", async |_| Ok(answer(200, &page))).await;
        assert_eq!(whole.unwrap(), page);
    }

    #[tokio::test]
    async fn what_is_not_there_and_what_is_refused_are_told_in_the_api_s_words() {
        let refusal = async |status, body: Value| {
            let whole = all("lines", async |_| Ok(answer(status, &body))).await;
            whole.unwrap_err().to_string()
        };
        let missing = json!({"reason": "not_found", "detail": "there is no invoice 7"});
        let texts = [
            refusal(404, missing).await,
            refusal(403, json!({"message": "Forbidden"})).await,
            refusal(503, json!({"detail": "ask again"})).await,
        ];
        insta::assert_snapshot!(texts.join("\n"), @"
        there is no invoice 7; events appear a few seconds after the API accepted them, `stack status` shows how many are waiting
        the API answered 403: Forbidden; `stack status` shows the cause
        the API answered 503: ask again; `stack status` shows the cause
        ");
    }
}
