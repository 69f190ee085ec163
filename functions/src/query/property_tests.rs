//! Compares a customer's list with a model, over random invoices, customers and contents of the same event ids.

use std::collections::BTreeMap;

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use aws_lambda_events::encodings::Body;
use lambda_runtime::{Context, LambdaEvent};
use proptest::prelude::*;
use serde_json::Value;

use super::Query;
use crate::items::{CustomerItem, CustomerLine, InvoiceItem, InvoiceLine, Item, encode};
use crate::memory::{Counter, Tables};
use crate::ports::WriteItems as _;

/// A line in its own envelope.
#[derive(Clone, Copy, Debug)]
struct Sent {
    invoice: u8,
    event: u8,
    customer: u8,
    units: u8,
}

impl Sent {
    /// Returns the envelope's number, which follows from the content.
    fn envelope(self) -> u8 {
        self.units * 8 + self.customer * 4 + self.event * 2 + self.invoice
    }

    fn items(self) -> [Item; 2] {
        let line = InvoiceLine {
            event_id: format!("e-{}", self.event).parse().unwrap(),
            stock_code: "85123A".parse().unwrap(),
            description: None,
            quantity: self.units.into(),
            unit_price: "1".parse().unwrap(),
            invoice_date: "2010-12-01T08:26:00".to_owned(),
            customer_id: Some(format!("C{}", self.customer).parse().unwrap()),
            country: "France".to_owned(),
        };
        let listed = CustomerLine {
            event_id: line.event_id.clone(),
            units: line.quantity,
            amount: line.unit_price.times(line.quantity),
        };
        let envelope = format!("{:032x}", self.envelope());
        [
            Item::Customer(CustomerItem {
                customer_id: format!("C{}", self.customer).parse().unwrap(),
                invoice_no: format!("INV-{}", self.invoice).parse().unwrap(),
                envelope_id: envelope.parse().unwrap(),
                invoice_date: line.invoice_date.clone(),
                country: line.country.clone(),
                lines: encode(&[listed]),
            }),
            Item::Invoice(InvoiceItem {
                invoice_no: format!("INV-{}", self.invoice).parse().unwrap(),
                envelope_id: envelope.parse().unwrap(),
                received_at: "2026-01-02T03:04:05.678Z".to_owned(),
                lines: encode(&[line]),
            }),
        ]
    }
}

/// Returns the number and units of each invoice in a customer's list.
fn listed(query: &Query<Tables, Counter>, customer: u8) -> Vec<(String, i64)> {
    let mut request = ApiGatewayProxyRequest::default();
    let id = format!("C{customer}");
    request.path_parameters.insert("id".to_owned(), id);
    let asked = query.handle(LambdaEvent::new(request, Context::default()));
    let Some(Body::Text(body)) = wait(asked).unwrap().body else {
        panic!("an answer without a text");
    };
    let body: Value = serde_json::from_str(&body).unwrap();
    let invoices = body["invoices"].as_array().cloned().unwrap_or_default();
    let summary = |invoice: &Value| {
        let number = invoice["invoice_no"].as_str().unwrap().to_owned();
        (number, invoice["units"].as_i64().unwrap())
    };
    invoices.iter().map(summary).collect()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

proptest! {
    #[test]
    fn an_event_is_listed_only_for_the_customer_of_its_smallest_envelope(
        sent in prop::collection::vec((0..2_u8, 0..2_u8, 0..2_u8, 1..4_u8), 1..12)
    ) {
        let query = Query { tables: Tables::default(), metrics: Counter::default() };
        let mut winners: BTreeMap<(u8, u8), Sent> = BTreeMap::new();
        for (invoice, event, customer, units) in sent {
            let sent = Sent { invoice, event, customer, units };
            wait(query.tables.write_items(sent.items().into())).unwrap();
            let winner = winners.entry((invoice, event)).or_insert(sent);
            if sent.envelope() < winner.envelope() {
                *winner = sent;
            }
        }
        for customer in 0..2 {
            let mut expected: BTreeMap<String, i64> = BTreeMap::new();
            for sent in winners.values().filter(|sent| sent.customer == customer) {
                *expected.entry(format!("INV-{}", sent.invoice)).or_default() += i64::from(sent.units);
            }
            prop_assert_eq!(listed(&query, customer), expected.into_iter().collect::<Vec<_>>());
        }
    }
}
