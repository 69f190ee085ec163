//! Counts the objects' contents in the buckets, without using the platform's code.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::environment::Environment;

/// Sums over distinct events.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Sums {
    pub(crate) events: usize,
    pub(crate) units: i64,
    pub(crate) revenue: Decimal,
    pub(crate) invoices: usize,
    pub(crate) customers: usize,
}

/// Sums the distinct events of the raw lake whose ids start with `prefix`.
pub(crate) fn raw(environment: &Environment, prefix: &str) -> Sums {
    let mut tally = Tally::default();
    for text in objects(environment, "$RIVERHOUSE_RAW_BUCKET", "raw/v1/") {
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let event = &line["event"];
            let text = |field: &str| match &event[field] {
                Value::String(text) => text.trim().to_owned(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            tally.add(
                prefix,
                line["event_id"].as_str().unwrap(),
                [
                    text("InvoiceNo"),
                    text("Quantity"),
                    text("UnitPrice"),
                    text("CustomerID"),
                ],
            );
        }
    }
    tally.sums
}

/// Sums the distinct events of the staged CSV whose ids start with `prefix`.
pub(crate) fn staged(environment: &Environment, prefix: &str) -> Sums {
    let mut tally = Tally::default();
    for text in objects(environment, "$RIVERHOUSE_STAGING_BUCKET", "csv/") {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().unwrap().clone();
        let column = |name: &str| header.iter().position(|column| column == name).unwrap();
        let [id, columns @ ..] = [
            "event_id",
            "invoice_no",
            "quantity",
            "unit_price",
            "customer_id",
        ]
        .map(column);
        for record in reader.records() {
            let record = record.unwrap();
            tally.add(
                prefix,
                &record[id],
                columns.map(|column| record[column].to_owned()),
            );
        }
    }
    tally.sums
}

#[derive(Default)]
struct Tally {
    sums: Sums,
    events: BTreeSet<String>,
    invoices: BTreeSet<String>,
    customers: BTreeSet<String>,
}

impl Tally {
    fn add(&mut self, prefix: &str, id: &str, [invoice, quantity, price, customer]: [String; 4]) {
        if !id.starts_with(prefix) || !self.events.insert(id.to_owned()) {
            return;
        }
        let quantity: i64 = quantity.parse().unwrap();
        self.sums.events += 1;
        self.sums.units += quantity;
        let price: Decimal = price.parse().unwrap();
        self.sums.revenue = (self.sums.revenue + price * Decimal::from(quantity)).normalize();
        self.invoices.insert(invoice);
        if !customer.is_empty() {
            self.customers.insert(customer);
        }
        self.sums.invoices = self.invoices.len();
        self.sums.customers = self.customers.len();
    }
}

/// Returns the decompressed objects below a prefix, downloaded with the AWS CLI.
fn objects(environment: &Environment, bucket: &str, prefix: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().display();
    environment.shell(&format!(
        "aws s3 cp --quiet --recursive s3://{bucket}/{prefix} {target}"
    ));
    files(folder.path())
        .into_iter()
        .map(|path| {
            let mut text = String::new();
            MultiGzDecoder::new(std::fs::File::open(path).unwrap())
                .read_to_string(&mut text)
                .unwrap();
            text
        })
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
