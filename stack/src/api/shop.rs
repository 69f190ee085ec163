//! The shop's reads, all pages of them.

use events::{Amount, UnitPrice};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Answer, Api, ApiError};

/// An invoice, made of all that was sent of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Invoice {
    /// Its number.
    pub invoice_no: String,
    /// Sale, cancellation or adjustment.
    pub kind: String,
    /// Who bought; a guest has none.
    pub customer_id: Option<String>,
    /// Where the customer lives.
    pub country: String,
    /// The earliest time of its lines.
    pub invoice_date: String,
    /// Its lines.
    pub lines: Vec<InvoiceLine>,
    /// How many lines it has.
    pub line_count: usize,
    /// Net of returns.
    pub units: i64,
    /// Pounds sterling.
    pub total: Amount,
}

/// A line of an invoice.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct InvoiceLine {
    /// What was sold.
    pub stock_code: String,
    /// The item in words.
    pub description: Option<String>,
    /// Units.
    pub quantity: i32,
    /// Pounds a unit.
    pub unit_price: UnitPrice,
    /// Pounds.
    pub amount: Amount,
}

/// The invoices of a customer.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CustomerInvoices {
    /// The customer.
    pub customer_id: String,
    /// In the order of their numbers.
    pub invoices: Vec<InvoiceSummary>,
}

/// An invoice without its lines.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct InvoiceSummary {
    /// Its number.
    pub invoice_no: String,
    /// Sale, cancellation or adjustment.
    pub kind: String,
    /// The earliest time of its lines.
    pub invoice_date: String,
    /// Where the customer lived.
    pub country: String,
    /// How many lines it has.
    pub line_count: usize,
    /// Net of returns.
    pub units: i64,
    /// Pounds sterling.
    pub total: Amount,
}

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum ShopError {
    /// The API has none.
    #[error(
        "{0}; what was just streamed shows in a second or two, `stack status` tells what is under way"
    )]
    NotFound(String),
    /// The API refused the question.
    #[error("the API answered {status}: {detail}; `stack status` shows how it is")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The API's own words.
        detail: String,
    },
    /// There is no answer.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The answer is another than this version knows.
    #[error("the API's answer is not understood: `stack deploy` brings it to this version")]
    Answer(#[from] serde_json::Error),
}

impl Api {
    /// An invoice with all its lines, as JSON like the API's own.
    ///
    /// # Errors
    ///
    /// When there is none, or no answer.
    pub async fn invoice(&self, invoice_no: &str) -> Result<Value, ShopError> {
        all("lines", async |cursor| {
            self.get_invoice(invoice_no, cursor).await
        })
        .await
    }

    /// All invoices of a customer, as JSON like the API's own.
    ///
    /// # Errors
    ///
    /// When there are none, or no answer.
    pub async fn customer_invoices(&self, customer: &str) -> Result<Value, ShopError> {
        all("invoices", async |cursor| {
            self.get_customer_invoices(customer, cursor).await
        })
        .await
    }
}

/// Asks page by page and makes one answer of them: the first, with the `list` of all.
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
        there is no invoice 7; what was just streamed shows in a second or two, `stack status` tells what is under way
        the API answered 403: Forbidden; `stack status` shows how it is
        the API answered 503: ask again; `stack status` shows how it is
        ");
    }
}
