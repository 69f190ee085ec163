//! Finds the event in table `invoice`.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use cloudformation::CallFailure;
use functions::items::{self, InvoiceLine, attribute};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::evidence::TableLine;
use crate::session::Session;

type Attributes = std::collections::HashMap<String, AttributeValue>;

/// Reads the item of an envelope, or, if the envelope is unknown, all items of the invoice until one has the event.
pub(super) async fn find(
    session: &Session,
    event_id: &str,
    invoice_no: &str,
    envelope_id: Option<&str>,
) -> Result<Option<TableLine>, CallFailure> {
    let table = &session.outputs.tables.invoice;
    let mut query = Client::new(session.sdk())
        .query()
        .table_name(table)
        .key_condition_expression("#invoice = :invoice")
        .expression_attribute_names("#invoice", attribute::INVOICE_NO)
        .expression_attribute_values(":invoice", AttributeValue::S(invoice_no.to_owned()));
    if let Some(envelope_id) = envelope_id {
        query = query
            .key_condition_expression("#invoice = :invoice AND #envelope = :envelope")
            .expression_attribute_names("#envelope", attribute::ENVELOPE_ID)
            .expression_attribute_values(":envelope", AttributeValue::S(envelope_id.to_owned()));
    }
    let mut items = query.into_paginator().items().send();
    while let Some(item) = items.next().await {
        let item = item.map_err(CallFailure::of(format!("dynamodb Query of `{table}`")))?;
        if let Some(line) = line(&item, event_id) {
            return Ok(Some(line));
        }
    }
    Ok(None)
}

/// Returns the event's line of an item.
fn line(item: &Attributes, event_id: &str) -> Option<TableLine> {
    let text = |name: &str| item.get(name)?.as_s().ok();
    let lines: Vec<InvoiceLine> = items::decode(text(attribute::LINES)?).ok()?;
    let position = lines
        .iter()
        .position(|line| line.event_id.as_ref() == event_id)?;
    Some(TableLine {
        envelope_id: text(attribute::ENVELOPE_ID)?.clone(),
        received_at: text(attribute::RECEIVED_AT)
            .and_then(|at| OffsetDateTime::parse(at, &Rfc3339).ok()),
        line: position + 1,
        lines: lines.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_tells_which_of_its_lines_is_the_event() {
        let lines = r#"[["e-1","85123A",null,6,"2.55","2010-12-01T08:26:00",null,"EIRE"],
            ["e-2","85123A",null,1,"2.55","2010-12-01T08:26:00",null,"EIRE"]]"#;
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let item = Attributes::from([
            ("EnvelopeId".to_owned(), text("ab")),
            ("ReceivedAt".to_owned(), text("2026-01-02T03:04:05.678Z")),
            ("Lines".to_owned(), text(lines)),
        ]);
        let found = line(&item, "e-2").unwrap();
        assert_eq!((found.line, found.lines), (2, 2));
        assert_eq!(found.received_at.unwrap().millisecond(), 678);
        assert_eq!(line(&item, "e-3"), None);
    }
}
