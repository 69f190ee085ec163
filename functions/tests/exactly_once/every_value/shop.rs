//! What the shop's reads answer.

use std::collections::{BTreeMap, BTreeSet};

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use aws_lambda_events::encodings::Body;
use functions::memory::{Counter, Tables};
use functions::query::Query;
use lambda_runtime::{Context, LambdaEvent};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::model::{Row, by, short};

type Shop = Query<Tables, Counter>;

/// Asks for every invoice, and for the invoices of every customer that any content names.
pub(super) async fn assert_answers(shop: &Shop, winners: &[Row], rows: &[Row]) {
    for (invoice, lines) in by(winners, |row| row.invoice_no.clone()) {
        let (status, mut answer) = ask(shop, "no", &invoice).await;
        assert_eq!(status, 200, "{invoice}: {answer}");
        sort(&mut answer["lines"], "event_id");
        let mut expected = expected_invoice(&invoice, &lines);
        match conflicts(rows, &invoice) {
            0 => {}
            conflicts => expected["conflicts"] = conflicts.into(),
        }
        assert_eq!(answer, expected);
    }
    let customers: BTreeSet<_> = rows.iter().map(|row| &row.customer_id).collect();
    let theirs = by(winners, |row| row.customer_id.clone());
    for customer in customers.into_iter().filter(|it| !it.is_empty()) {
        let (status, mut answer) = ask(shop, "id", customer).await;
        let Some(lines) = theirs.get(customer) else {
            assert_eq!(status, 404, "{customer}: {answer}");
            continue;
        };
        sort(&mut answer["invoices"], "invoice_no");
        let invoices: Vec<_> = by(lines, |row| row.invoice_no.clone())
            .into_iter()
            .map(|(invoice, lines)| listed(&invoice, &lines))
            .collect();
        let expected = json!({"customer_id": customer, "invoices": invoices, "next_cursor": null});
        assert_eq!(answer, expected);
    }
}

async fn ask(shop: &Shop, name: &str, value: &str) -> (i64, Value) {
    let mut request = ApiGatewayProxyRequest::default();
    let encoded = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
    request.path_parameters.insert(name.to_owned(), encoded);
    if name == "id" {
        let limit = BTreeMap::from([("limit".to_owned(), vec!["1000".to_owned()])]);
        request.query_string_parameters = limit
            .into_iter()
            .collect::<std::collections::HashMap<_, _>>()
            .into();
    }
    let answer = shop.handle(LambdaEvent::new(request, Context::default()));
    let answer = answer.await.unwrap();
    let Some(Body::Text(body)) = answer.body else {
        panic!("an answer without a text");
    };
    (answer.status_code, serde_json::from_str(&body).unwrap())
}

fn sort(list: &mut Value, field: &str) {
    let list = list.as_array_mut().unwrap();
    list.sort_by_key(|it| it[field].as_str().unwrap().to_owned());
}

fn or_null(text: &str) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        text.into()
    }
}

fn iso(ts: &str) -> String {
    ts.replace(' ', "T")
}

/// How many events of the invoice came with several contents.
fn conflicts(rows: &[Row], invoice: &str) -> usize {
    let theirs: Vec<_> = rows
        .iter()
        .filter(|row| row.invoice_no == invoice)
        .collect();
    let contents = |rows: &Vec<&&Row>| {
        let content = |row: &&&Row| Row {
            envelope_id: String::new(),
            ingested_at: String::new(),
            ..(**row).clone()
        };
        rows.iter().map(content).collect::<BTreeSet<_>>().len()
    };
    let events = by(&theirs, |row| row.event_id.clone());
    events.values().filter(|rows| contents(rows) > 1).count()
}

fn expected_invoice(invoice: &str, rows: &[&Row]) -> Value {
    let first = rows
        .iter()
        .min_by_key(|row| (&row.invoice_ts, &row.event_id))
        .unwrap();
    let line = |row: &&Row| {
        json!({
            "event_id": row.event_id, "stock_code": row.stock_code, "description": or_null(&row.description),
            "quantity": row.quantity, "unit_price": short(row.price), "amount": short(row.amount()),
            "invoice_date": iso(&row.invoice_ts),
        })
    };
    let lines: Vec<_> = rows.iter().map(line).collect();
    json!({
        "invoice_no": invoice, "kind": first.kind(), "customer_id": or_null(&first.customer_id),
        "country": first.country, "invoice_date": iso(&first.invoice_ts), "line_count": rows.len(),
        "units": rows.iter().map(|row| row.quantity).sum::<i64>(),
        "total": short(rows.iter().map(|row| row.amount()).sum()),
        "lines": lines,
    })
}

/// The country is that of the smallest envelope.
fn listed(invoice: &str, rows: &[&&Row]) -> Value {
    let smallest = rows
        .iter()
        .min_by_key(|row| (&row.envelope_id, &row.event_id))
        .unwrap();
    json!({
        "invoice_no": invoice, "kind": smallest.kind(), "country": smallest.country, "line_count": rows.len(),
        "invoice_date": iso(rows.iter().map(|row| &row.invoice_ts).min().unwrap()),
        "units": rows.iter().map(|row| row.quantity).sum::<i64>(),
        "total": short(rows.iter().map(|row| row.amount()).sum()),
    })
}
