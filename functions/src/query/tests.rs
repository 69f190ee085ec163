//! Tests of `query` with in-memory tables, which return one item per page.

use std::collections::HashMap;

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use aws_lambda_events::encodings::Body;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};

use super::Query;
use crate::items::{CustomerItem, CustomerLine, InvoiceItem, InvoiceLine, Item, encode};
use crate::memory::{Counter, Tables};
use crate::ports::WriteItems as _;

const INVOICE: &str = include_str!("../../tests/fixtures/apigw-get-invoice.json");
const CUSTOMER: &str = include_str!("../../tests/fixtures/apigw-get-customer-invoices.json");

type InMemory = Query<Tables, Counter>;

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

fn query(items: Vec<Item>) -> InMemory {
    let query = Query {
        tables: Tables::default(),
        metrics: Counter::default(),
    };
    wait(query.tables.write_items(items)).unwrap();
    query
}

fn ask(query: &InMemory, request: ApiGatewayProxyRequest) -> (i64, Value) {
    let answer = wait(query.handle(LambdaEvent::new(request, Context::default()))).unwrap();
    let Some(Body::Text(body)) = answer.body else {
        panic!("an answer without a text");
    };
    (answer.status_code, serde_json::from_str(&body).unwrap())
}

fn request(fixture: &str, parameters: &[(&str, &str)]) -> ApiGatewayProxyRequest {
    let mut request: ApiGatewayProxyRequest = serde_json::from_str(fixture).unwrap();
    let owned = |&(name, value): &(&str, &str)| (name.to_owned(), vec![value.to_owned()]);
    request.query_string_parameters = parameters
        .iter()
        .map(owned)
        .collect::<HashMap<_, _>>()
        .into();
    request
}

fn line(id: &str, quantity: i32, price: &str, minute: u8) -> InvoiceLine {
    InvoiceLine {
        event_id: id.parse().unwrap(),
        stock_code: "85123A".parse().unwrap(),
        description: Some("LANTERN £".to_owned()),
        quantity,
        unit_price: price.parse().unwrap(),
        invoice_date: format!("2010-12-01T08:{minute}:00"),
        customer_id: Some("17850".parse().unwrap()),
        country: "United Kingdom".to_owned(),
    }
}

fn invoice(envelope: u8, lines: &[InvoiceLine]) -> Item {
    Item::Invoice(InvoiceItem {
        invoice_no: "536365".parse().unwrap(),
        envelope_id: format!("{envelope:032x}").parse().unwrap(),
        received_at: "2026-01-02T03:04:05.678Z".to_owned(),
        lines: encode(lines),
    })
}

fn customer(invoice_no: &str, envelope: u8, lines: &[(&str, i32, &str)]) -> Item {
    let line = |(id, units, amount): &(&str, i32, &str)| CustomerLine {
        event_id: id.parse().unwrap(),
        units: *units,
        amount: amount.parse().unwrap(),
    };
    Item::Customer(CustomerItem {
        customer_id: "17850".parse().unwrap(),
        invoice_no: invoice_no.parse().unwrap(),
        envelope_id: format!("{envelope:032x}").parse().unwrap(),
        invoice_date: format!("2010-12-01T08:2{}:00", 9 - envelope),
        country: format!("Country {envelope}"),
        lines: encode(&lines.iter().map(line).collect::<Vec<_>>()),
    })
}

#[test]
fn an_invoice_is_made_of_its_envelopes_with_exact_money() {
    let query = query(vec![
        invoice(2, &[line("e-2", 6, "3.39", 27), line("e-1", 6, "2.55", 26)]),
        invoice(1, &[line("e-3", -1, "0.001", 26)]),
    ]);
    let (status, body) = ask(&query, request(INVOICE, &[]));
    assert_eq!(status, 200);
    insta::assert_json_snapshot!(body, @r#"
    {
      "invoice_no": "536365",
      "kind": "sale",
      "customer_id": "17850",
      "country": "United Kingdom",
      "invoice_date": "2010-12-01T08:26:00",
      "lines": [
        {
          "event_id": "e-1",
          "stock_code": "85123A",
          "description": "LANTERN £",
          "quantity": 6,
          "unit_price": "2.55",
          "amount": "15.3",
          "invoice_date": "2010-12-01T08:26:00"
        },
        {
          "event_id": "e-3",
          "stock_code": "85123A",
          "description": "LANTERN £",
          "quantity": -1,
          "unit_price": "0.001",
          "amount": "-0.001",
          "invoice_date": "2010-12-01T08:26:00"
        },
        {
          "event_id": "e-2",
          "stock_code": "85123A",
          "description": "LANTERN £",
          "quantity": 6,
          "unit_price": "3.39",
          "amount": "20.34",
          "invoice_date": "2010-12-01T08:27:00"
        }
      ],
      "units": 11,
      "total": "35.639",
      "line_count": 3
    }
    "#);
}

#[test]
fn lines_resent_in_other_envelopes_never_count_twice() {
    let [one, two, three] =
        [("e-1", 1), ("e-2", 2), ("e-3", 3)].map(|(id, n)| line(id, n, "1", 26));
    let query = query(vec![
        invoice(1, &[one.clone(), two.clone()]),
        invoice(2, &[two, three.clone()]),
        invoice(3, &[one, three]),
    ]);
    let (_, body) = ask(&query, request(INVOICE, &[]));
    assert_eq!(
        (&body["line_count"], &body["total"]),
        (&json!(3), &json!("6"))
    );
    assert_eq!(body.get("conflicts"), None);
}

#[test]
fn the_smallest_envelope_of_a_reused_id_wins_and_the_conflict_is_counted() {
    let query = query(vec![
        invoice(7, &[line("e-1", 7, "1", 26)]),
        invoice(3, &[line("e-1", 3, "1", 26), line("e-2", 1, "1", 26)]),
        invoice(9, &[line("e-1", 9, "1", 26)]),
    ]);
    let (_, body) = ask(&query, request(INVOICE, &[]));
    assert_eq!((&body["units"], &body["conflicts"]), (&json!(4), &json!(1)));
}

#[test]
fn the_largest_real_invoice_comes_whole_and_can_be_paged() {
    let lines: Vec<_> = (0..1_114)
        .map(|n| line(&format!("e-{n:04}"), 1, "1.01", 26))
        .collect();
    let items = lines
        .chunks(300)
        .zip(1..)
        .map(|(lines, n)| invoice(n, lines))
        .collect();
    let query = query(items);
    let (_, body) = ask(&query, request(INVOICE, &[]));
    assert_eq!(
        (&body["line_count"], &body["total"]),
        (&json!(1_114), &json!("1125.14"))
    );
    assert_eq!(body["lines"].as_array().unwrap().len(), 1_114);
    assert_eq!(body.get("next_cursor"), None);
    let (mut cursor, mut seen) = (None::<String>, Vec::new());
    loop {
        let mut parameters = vec![("limit", "500")];
        parameters.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let (_, page) = ask(&query, request(INVOICE, &parameters));
        assert_eq!(page["total"], body["total"]);
        seen.extend(page["lines"].as_array().unwrap().iter().cloned());
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(&Value::Array(seen), &body["lines"]);
}

/// Four invoices of one customer, two of them in several envelopes.
fn four_invoices() -> Vec<Item> {
    vec![
        customer("536365", 1, &[("a", 6, "15.3"), ("b", 6, "20.34")]),
        customer("536365", 2, &[("b", 6, "20.34"), ("c", 1, "0.001")]),
        customer("536366", 1, &[("d", 1, "1")]),
        customer("536367", 3, &[("e", 1, "5")]),
        customer("536367", 4, &[("e", 2, "10"), ("f", 1, "1")]),
        customer("C536379", 1, &[("g", -1, "-27.5")]),
    ]
}

#[test]
fn a_customers_pages_end_at_invoices_and_their_totals_are_over_distinct_ids() {
    let query = query(four_invoices());
    let (status, first) = ask(&query, serde_json::from_str(CUSTOMER).unwrap());
    assert_eq!(status, 200);
    let cursor = first["next_cursor"].as_str().unwrap().to_owned();
    let rest = request(CUSTOMER, &[("limit", "100"), ("cursor", &cursor)]);
    let (_, second) = ask(&query, rest);
    insta::assert_json_snapshot!([first["invoices"].clone(), second], @r#"
    [
      [
        {
          "invoice_no": "536365",
          "kind": "sale",
          "invoice_date": "2010-12-01T08:27:00",
          "country": "Country 1",
          "line_count": 3,
          "units": 13,
          "total": "35.641"
        },
        {
          "invoice_no": "536366",
          "kind": "sale",
          "invoice_date": "2010-12-01T08:28:00",
          "country": "Country 1",
          "line_count": 1,
          "units": 1,
          "total": "1"
        }
      ],
      {
        "customer_id": "17850",
        "invoices": [
          {
            "invoice_no": "536367",
            "kind": "sale",
            "invoice_date": "2010-12-01T08:25:00",
            "country": "Country 3",
            "line_count": 2,
            "units": 2,
            "total": "6"
          },
          {
            "invoice_no": "C536379",
            "kind": "cancellation",
            "invoice_date": "2010-12-01T08:28:00",
            "country": "Country 1",
            "line_count": 1,
            "units": -1,
            "total": "-27.5"
          }
        ],
        "next_cursor": null
      }
    ]
    "#);
}

#[test]
fn all_248_invoices_of_the_busiest_customer_are_listed_once() {
    let numbers: Vec<_> = (0..248).map(|n| format!("{}", 536_365 + n)).collect();
    let items = numbers.iter().flat_map(|no| {
        [
            customer(no, 1, &[("a", 1, "1")]),
            customer(no, 2, &[("a", 1, "1"), ("b", 1, "1")]),
        ]
    });
    let query = query(items.collect());
    for limit in ["7", "100", "248", "1000"] {
        let (mut cursor, mut seen) = (None::<String>, Vec::new());
        loop {
            let mut parameters = vec![("limit", limit)];
            parameters.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let (_, page) = ask(&query, request(CUSTOMER, &parameters));
            for invoice in page["invoices"].as_array().unwrap() {
                assert_eq!(invoice["total"], "2");
                seen.push(invoice["invoice_no"].as_str().unwrap().to_owned());
            }
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, numbers, "limit {limit}");
    }
}

#[test]
fn a_missing_record_is_404_and_a_changed_cursor_is_400() {
    let query = query(vec![]);
    for fixture in [INVOICE, CUSTOMER] {
        let (status, body) = ask(&query, request(fixture, &[]));
        assert_eq!(
            (status, &body["reason"]),
            (404, &json!("not_found")),
            "{body}"
        );
        let (status, body) = ask(&query, request(fixture, &[("cursor", "bm90LW9uZQ")]));
        assert_eq!((status, &body["reason"]), (400, &json!("bad_cursor")));
    }
}

#[test]
fn an_unknown_item_is_500_without_internal_details() {
    let mut item = invoice(1, &[]);
    if let Item::Invoice(item) = &mut item {
        item.lines = "secret".to_owned();
    }
    let query = query(vec![item]);
    let (status, body) = ask(&query, request(INVOICE, &[]));
    assert_eq!((status, &body["reason"]), (500, &json!("internal")));
    assert!(!body.to_string().contains("secret") && !body.to_string().contains("column"));
    assert_eq!(query.metrics.of("QueryFailures"), 1);
}
