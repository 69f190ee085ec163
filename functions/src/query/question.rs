//! Parses a request.

use std::borrow::Cow;

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use events::{CustomerId, InvoiceNo};
use http::Method;
use percent_encoding::percent_decode_str;

use super::cursor;
use super::invoice::Place;
use crate::answer::Refused;

/// Invoices per page if the request has no `limit`.
pub const DEFAULT_INVOICES: usize = 100;
/// The most invoices per page.
pub const MAX_INVOICES: usize = 1_000;
/// The most lines per page of an invoice, also the default. A page of the longest possible lines is then smaller than
/// the [6 MB] of a Lambda response. The largest real invoice has 1,114 lines.
///
/// [6 MB]: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
pub const MAX_LINES: usize = 5_000;

/// The most characters of an unknown path that a response repeats.
const MAX_PATH_CHARS: usize = 100;

/// A valid request.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Question {
    /// One invoice.
    Invoice {
        invoice_no: InvoiceNo,
        /// The last line of the previous page.
        after: Option<Place>,
        /// The most lines.
        limit: usize,
    },
    /// The invoices of a customer.
    Customer {
        customer_id: CustomerId,
        /// The last invoice of the previous page.
        after: Option<InvoiceNo>,
        /// The most invoices.
        limit: usize,
    },
}

/// Returns the cursor subject of an invoice's lines.
pub(super) fn lines_of(invoice_no: &InvoiceNo) -> String {
    format!("invoice {invoice_no}")
}

/// Returns the cursor subject of a customer's invoices.
pub(super) fn invoices_of(customer_id: &CustomerId) -> String {
    format!("customer {customer_id}")
}

/// Parses the path parameter `no` or `id` and the query parameters `limit` and `cursor`.
///
/// A REST API passes the path percent-encoded, as it was sent, but the query decoded. So the path is decoded here,
/// exactly once: `/invoices/A%2F1` and `/invoices/A/1` both read invoice `A/1`, and `/invoices/100%2525` reads
/// `100%25`.
pub(super) fn read(request: &ApiGatewayProxyRequest) -> Result<Question, Refused> {
    let path = |name| request.path_parameters.get(name).map(String::as_str);
    let parameter = |name| request.query_string_parameters.first(name);
    let (limit, cursor) = (parameter("limit"), parameter("cursor"));
    if let Some(text) = path("no").or_else(|| invoice_of_many_parts(request)) {
        let invoice_no: InvoiceNo = decoded(text)?
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
    if let Some(text) = path("id") {
        let customer_id: CustomerId = decoded(text)?
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
    Err(elsewhere(request))
}

/// Returns the rest of a path such as `/invoices/A/1`, which matches only the API's catch-all resource `{proxy+}`.
fn invoice_of_many_parts(request: &ApiGatewayProxyRequest) -> Option<&str> {
    let path = request.path_parameters.get("proxy")?;
    let rest = path.strip_prefix("invoices/")?;
    (request.http_method == Method::GET && !rest.is_empty()).then_some(rest)
}

/// Refuses an unknown path with 404, or a known path with the wrong method with 405.
fn elsewhere(request: &ApiGatewayProxyRequest) -> Refused {
    let path = request.path.as_deref().unwrap_or_default();
    let path: String = path.chars().take(MAX_PATH_CHARS).collect();
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    let taken = match parts.as_slice() {
        ["events"] => "POST",
        ["invoices", _, ..] | ["customers", _, "invoices"] => "GET",
        _ => {
            let detail = format!(
                "{path} does not exist: send events to POST /events; read GET /invoices/{{no}} or GET /customers/{{id}}/invoices"
            );
            return Refused::new(404, "not_found", detail);
        }
    };
    let method = &request.http_method;
    let detail = format!("{path} accepts {taken}, not {method}");
    Refused::not_allowed(taken, detail)
}

fn decoded(part: &str) -> Result<String, Refused> {
    let text = percent_decode_str(part).decode_utf8();
    text.map(Cow::into_owned).map_err(|_invalid| {
        let detail = "the path is not UTF-8 in percent-encoding";
        Refused::new(400, "not_utf8", detail)
    })
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
            format!("limit is `{came}`; expected 1 to {most}"),
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
            "the cursor does not belong to this list: use next_cursor of its last page, or omit it";
        Refused::new(400, "bad_cursor", detail)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use http::header::ALLOW;

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
    fn a_path_is_decoded_once_and_any_number_that_ingest_takes_can_be_asked_for() {
        for (sent, meant) in [
            ("A%2F1", "A/1"),
            ("A/1", "A/1"),
            ("100%25", "100%"),
            ("100%252F", "100%2F"),
            ("100%", "100%"),
            ("R%C3%A4chnung%207", "Rächnung 7"),
            ("a+b", "a+b"),
        ] {
            let Question::Invoice { invoice_no, .. } = read(&request("no", sent, &[])).unwrap()
            else {
                panic!("{sent} is no invoice");
            };
            assert_eq!(invoice_no.as_ref(), meant, "{sent}");
        }
        assert_eq!(refusal("no", "%FF", &[]), (400, "not_utf8"));
        let many = read(&request("proxy", "invoices/A/1%252", &[])).unwrap();
        assert!(
            matches!(many, Question::Invoice { invoice_no, .. } if invoice_no.as_ref() == "A/1%2")
        );
    }

    #[test]
    fn an_unknown_path_is_404_and_another_method_405_with_the_one_that_is_taken() {
        for (method, path, status, allow) in [
            ("GET", "/", 404, None),
            ("GET", "/invoice/1", 404, None),
            ("POST", "/invoices/1/2", 405, Some("GET")),
            ("GET", "/events", 405, Some("POST")),
            ("DELETE", "/invoices/A%2F1", 405, Some("GET")),
            ("POST", "/customers/1/invoices/", 405, Some("GET")),
        ] {
            let mut request = ApiGatewayProxyRequest::default();
            request.path = Some(path.to_owned());
            request.http_method = method.parse().unwrap();
            let answer = read(&request).unwrap_err().answer();
            let allowed = answer.headers.get(ALLOW).map(|it| it.to_str().unwrap());
            assert_eq!(
                (answer.status_code, allowed),
                (status, allow),
                "{method} {path}"
            );
        }
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
    fn a_cursor_continues_its_list() {
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
