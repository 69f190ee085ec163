//! What a request asks for.

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use events::{CustomerId, InvoiceNo};

use super::cursor;
use super::invoice::Place;
use crate::answer::Refused;

/// Invoices of a page when the request names no `limit`.
pub const DEFAULT_INVOICES: usize = 100;
/// The most invoices of a page.
pub const MAX_INVOICES: usize = 1_000;
/// Lines of an invoice in one answer when the request names no `limit`, and the most: the largest lines that
/// there can be then stay below the [6 MB] of Lambda's answer. The largest real invoice has 1,114.
///
/// [6 MB]: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
pub const MAX_LINES: usize = 5_000;

/// What a request asks for.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Question {
    /// One invoice.
    Invoice {
        /// Its number.
        invoice_no: InvoiceNo,
        /// The last line of the page before.
        after: Option<Place>,
        /// The most lines.
        limit: usize,
    },
    /// The invoices of a customer.
    Customer {
        /// The customer.
        customer_id: CustomerId,
        /// The last invoice of the page before.
        after: Option<InvoiceNo>,
        /// The most invoices.
        limit: usize,
    },
}

/// The list of lines that a cursor belongs to.
pub(super) fn lines_of(invoice_no: &InvoiceNo) -> String {
    format!("invoice {invoice_no}")
}

/// The list of invoices that a cursor belongs to.
pub(super) fn invoices_of(customer_id: &CustomerId) -> String {
    format!("customer {customer_id}")
}

/// Reads the path's parameter, `no` or `id`, and the query's `limit` and `cursor`.
pub(super) fn read(request: &ApiGatewayProxyRequest) -> Result<Question, Refused> {
    let path = &request.path_parameters;
    let parameter = |name| request.query_string_parameters.first(name);
    let (limit, cursor) = (parameter("limit"), parameter("cursor"));
    if let Some(text) = path.get("no") {
        let invoice_no: InvoiceNo = text
            .parse()
            .map_err(|error| bad("bad_invoice_no", &error))?;
        let after = position(cursor, &lines_of(&invoice_no))?;
        let limit = limited(limit, MAX_LINES, MAX_LINES)?;
        return Ok(Question::Invoice {
            invoice_no,
            after,
            limit,
        });
    }
    if let Some(text) = path.get("id") {
        let customer_id: CustomerId = text
            .parse()
            .map_err(|error| bad("bad_customer_id", &error))?;
        let after = position(cursor, &invoices_of(&customer_id))?;
        let limit = limited(limit, DEFAULT_INVOICES, MAX_INVOICES)?;
        return Ok(Question::Customer {
            customer_id,
            after,
            limit,
        });
    }
    Err(Refused::new(
        404,
        "not_found",
        "ask for /invoices/{no} or /customers/{id}/invoices",
    ))
}

fn bad(reason: &'static str, error: &events::IdentifierError) -> Refused {
    Refused::new(400, reason, error.to_string())
}

fn limited(text: Option<&str>, default: usize, most: usize) -> Result<usize, Refused> {
    let Some(text) = text else {
        return Ok(default);
    };
    let limit = text.parse().ok().filter(|limit| (1..=most).contains(limit));
    limit.ok_or_else(|| {
        let came: String = text.chars().take(20).collect();
        Refused::new(
            400,
            "bad_limit",
            format!("limit is `{came}`, it takes 1 to {most}"),
        )
    })
}

fn position<T: std::str::FromStr>(text: Option<&str>, list: &str) -> Result<Option<T>, Refused> {
    let Some(text) = text else {
        return Ok(None);
    };
    let position = cursor::read(list, text).and_then(|position| position.parse().ok());
    position.map(Some).ok_or_else(|| {
        let detail =
            "the cursor is not one of this list: take next_cursor of its last page, or none";
        Refused::new(400, "bad_cursor", detail)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn request(name: &str, value: &str, query: &[(&str, &str)]) -> ApiGatewayProxyRequest {
        let mut request = ApiGatewayProxyRequest::default();
        request
            .path_parameters
            .insert(name.to_owned(), value.to_owned());
        let query: HashMap<_, _> = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()]))
            .collect();
        request.query_string_parameters = query.into();
        request
    }

    fn refusal(name: &str, value: &str, query: &[(&str, &str)]) -> (i64, &'static str) {
        let refused = read(&request(name, value, query)).unwrap_err();
        (refused.status, refused.reason)
    }

    #[test]
    fn a_customer_number_that_became_a_float_is_the_number() {
        let question = read(&request("id", "17850.0", &[])).unwrap();
        let customer_id = "17850".parse().unwrap();
        let limit = DEFAULT_INVOICES;
        assert_eq!(
            question,
            Question::Customer {
                customer_id,
                after: None,
                limit
            }
        );
    }

    #[test]
    fn limits_and_cursors_are_checked() {
        for limit in ["0", "-1", "ten", "1001", ""] {
            let answer = refusal("id", "17850", &[("limit", limit)]);
            assert_eq!(answer, (400, "bad_limit"), "{limit}");
        }
        assert_eq!(
            refusal("no", "536365", &[("limit", "5001")]),
            (400, "bad_limit")
        );
        let other = cursor::write(&invoices_of(&"17851".parse().unwrap()), "536365");
        for cursor in ["", "x", &other] {
            let answer = refusal("id", "17850", &[("cursor", cursor)]);
            assert_eq!(answer, (400, "bad_cursor"), "{cursor}");
        }
        assert_eq!(
            refusal("id", &"1".repeat(33), &[]),
            (400, "bad_customer_id")
        );
        assert_eq!(refusal("no", " ", &[]), (400, "bad_invoice_no"));
        assert_eq!(refusal("else", "1", &[]), (404, "not_found"));
    }

    #[test]
    fn a_cursor_of_the_list_says_where_to_go_on() {
        let cursor = cursor::write("invoice 573585", "2010-12-01T08:26:00 e 1");
        let question = read(&request(
            "no",
            "573585",
            &[("cursor", &cursor), ("limit", "7")],
        ));
        let invoice_no = "573585".parse().unwrap();
        assert_eq!(
            question.unwrap(),
            Question::Invoice {
                invoice_no,
                after: Some("2010-12-01T08:26:00 e 1".parse().unwrap()),
                limit: 7
            }
        );
    }
}
