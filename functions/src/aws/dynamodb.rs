//! Reads and writes DynamoDB items.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use events::{CustomerId, InvoiceNo};

use super::{Clients, call_error};
use crate::items::{CustomerItem, InvoiceItem, Item, attribute};
use crate::ports::{CallError, Page, ReadCustomer, ReadInvoice, WriteItems};

type Attributes = HashMap<String, AttributeValue>;

/// Tables `customer` and `invoice`.
#[derive(Clone, Debug)]
pub struct Tables {
    client: Client,
    customer: String,
    invoice: String,
}

impl Tables {
    #[must_use]
    pub fn new(clients: &Clients, customer: String, invoice: String) -> Self {
        Self {
            client: Client::new(clients.config()),
            customer,
            invoice,
        }
    }

    fn table(&self, item: &Item) -> &str {
        match item {
            Item::Invoice(_) => &self.invoice,
            Item::Customer(_) => &self.customer,
        }
    }

    async fn query(
        &self,
        table: &str,
        [partition, sort]: [&str; 2],
        key: &str,
        after: Option<&str>,
    ) -> Result<QueryOutput, CallError> {
        let condition = if after.is_some() {
            "#p = :p AND #s > :s"
        } else {
            "#p = :p"
        };
        let mut call = self
            .client
            .query()
            .table_name(table)
            .key_condition_expression(condition)
            .expression_attribute_names("#p", partition)
            .expression_attribute_values(":p", AttributeValue::S(key.to_owned()));
        if let Some(after) = after {
            call = call
                .expression_attribute_names("#s", sort)
                .expression_attribute_values(":s", AttributeValue::S(after.to_owned()));
        }
        call.send()
            .await
            .map_err(|error| call_error("dynamodb", "Query", format!("table {table}"), &error))
    }
}

impl WriteItems for Tables {
    async fn write_items(&self, items: Vec<Item>) -> Result<Vec<Item>, CallError> {
        let mut requests: HashMap<String, Vec<WriteRequest>> = HashMap::new();
        let mut tables: Vec<&str> = items.iter().map(|item| self.table(item)).collect();
        tables.sort_unstable();
        tables.dedup();
        let resource = format!("table {}", tables.join(", "));
        for item in &items {
            requests
                .entry(self.table(item).to_owned())
                .or_default()
                .push(put(item));
        }
        let call = self
            .client
            .batch_write_item()
            .set_request_items(Some(requests));
        let answer = call
            .send()
            .await
            .map_err(|error| call_error("dynamodb", "BatchWriteItem", resource, &error))?;
        let left: usize = answer
            .unprocessed_items()
            .into_iter()
            .flatten()
            .map(|(_, r)| r.len())
            .sum();
        if left == 0 {
            return Ok(Vec::new());
        }
        let is_left = |item: &Item| {
            let put = put(item);
            let of_table = answer
                .unprocessed_items()
                .and_then(|all| all.get(self.table(item)));
            of_table.is_some_and(|requests| requests.contains(&put))
        };
        Ok(items.into_iter().filter(is_left).collect())
    }
}

impl ReadInvoice for Tables {
    async fn invoice_page(
        &self,
        invoice_no: &InvoiceNo,
        after: Option<&str>,
    ) -> Result<Page<InvoiceItem>, CallError> {
        let keys = [attribute::INVOICE_NO, attribute::ENVELOPE_ID];
        let answer = self
            .query(&self.invoice, keys, invoice_no.as_ref(), after)
            .await?;
        page(&self.invoice, &answer, attribute::ENVELOPE_ID, invoice_item)
    }
}

impl ReadCustomer for Tables {
    async fn customer_page(
        &self,
        customer: &CustomerId,
        after: Option<&str>,
    ) -> Result<Page<CustomerItem>, CallError> {
        let keys = [attribute::CUSTOMER_ID, attribute::INVOICE_ENVELOPE];
        let answer = self
            .query(&self.customer, keys, customer.as_ref(), after)
            .await?;
        page(
            &self.customer,
            &answer,
            attribute::INVOICE_ENVELOPE,
            customer_item,
        )
    }
}

/// Converts a query's result into a page.
fn page<T>(
    table: &str,
    answer: &QueryOutput,
    sort: &str,
    read: impl Fn(&Attributes) -> Option<T>,
) -> Result<Page<T>, CallError> {
    let items = answer.items().iter().map(|item| {
        read(item).ok_or_else(|| CallError {
            service: "dynamodb",
            action: "Query",
            resource: format!("table {table}"),
            code: "UnknownItem".to_owned(),
            message: format!(
                "an item was not written by this platform: {:?}",
                item.keys()
            ),
        })
    });
    Ok(Page {
        items: items.collect::<Result<_, _>>()?,
        after: answer
            .last_evaluated_key()
            .and_then(|key| text(key, sort))
            .map(str::to_owned),
    })
}

fn put(item: &Item) -> WriteRequest {
    let attributes = match item {
        Item::Invoice(item) => attributes([
            (attribute::INVOICE_NO, item.invoice_no.as_ref()),
            (attribute::ENVELOPE_ID, item.envelope_id.as_ref()),
            (attribute::RECEIVED_AT, &item.received_at),
            (attribute::LINES, &item.lines),
        ]),
        Item::Customer(item) => attributes([
            (attribute::CUSTOMER_ID, item.customer_id.as_ref()),
            (attribute::INVOICE_ENVELOPE, &item.sort_key()),
            (attribute::INVOICE_DATE, &item.invoice_date),
            (attribute::COUNTRY, &item.country),
            (attribute::LINES, &item.lines),
        ]),
    };
    let put = PutRequest::builder()
        .set_item(Some(attributes))
        .build()
        .ok();
    WriteRequest::builder().set_put_request(put).build()
}

fn attributes<const N: usize>(texts: [(&str, &str); N]) -> Attributes {
    texts
        .into_iter()
        .map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())))
        .collect()
}

fn text<'a>(item: &'a Attributes, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

fn invoice_item(item: &Attributes) -> Option<InvoiceItem> {
    Some(InvoiceItem {
        invoice_no: text(item, attribute::INVOICE_NO)?.parse().ok()?,
        envelope_id: text(item, attribute::ENVELOPE_ID)?.parse().ok()?,
        received_at: text(item, attribute::RECEIVED_AT)?.to_owned(),
        lines: text(item, attribute::LINES)?.to_owned(),
    })
}

fn customer_item(item: &Attributes) -> Option<CustomerItem> {
    let (invoice_no, envelope_id) =
        CustomerItem::of_sort_key(text(item, attribute::INVOICE_ENVELOPE)?)?;
    Some(CustomerItem {
        customer_id: text(item, attribute::CUSTOMER_ID)?.parse().ok()?,
        invoice_no,
        envelope_id,
        invoice_date: text(item, attribute::INVOICE_DATE)?.to_owned(),
        country: text(item, attribute::COUNTRY)?.to_owned(),
        lines: text(item, attribute::LINES)?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_survives_conversion_to_attributes() {
        let invoice = InvoiceItem {
            invoice_no: "536365".parse().unwrap(),
            envelope_id: "0123456789abcdef0123456789abcdef".parse().unwrap(),
            received_at: "2026-01-02T03:04:05.678Z".to_owned(),
            lines: "[]".to_owned(),
        };
        let customer = CustomerItem {
            customer_id: "17850".parse().unwrap(),
            invoice_no: "A#1".parse().unwrap(),
            envelope_id: invoice.envelope_id.clone(),
            invoice_date: "2010-12-01T08:26:00".to_owned(),
            country: "United Kingdom".to_owned(),
            lines: "[]".to_owned(),
        };
        let written = |item: Item| {
            let request = put(&item).put_request.unwrap();
            request.item
        };
        let item = Item::Invoice(invoice.clone());
        assert_eq!(invoice_item(&written(item)), Some(invoice));
        let item = Item::Customer(customer.clone());
        assert_eq!(customer_item(&written(item)), Some(customer));
        assert_eq!(invoice_item(&attributes([("InvoiceNo", "1")])), None);
    }
}
