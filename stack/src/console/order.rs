//! Builds an event from the form of the page. Pure.

use serde::Deserialize;
use serde_json::{Map, Number, Value};

/// The form's fields as text. Nothing is checked here, so that the API's own answer is shown.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Order {
    pub(super) invoice_no: String,
    pub(super) stock_code: String,
    pub(super) description: String,
    pub(super) quantity: String,
    pub(super) unit_price: String,
    pub(super) invoice_date: String,
    pub(super) customer_id: String,
    pub(super) country: String,
}

impl Order {
    /// Returns the event as JSON, with this id. An empty optional field is left out; a number stays exact.
    pub(super) fn event(&self, event_id: &str) -> String {
        let mut event = Map::new();
        event.insert("EventId".to_owned(), event_id.into());
        let texts = [
            ("InvoiceNo", &self.invoice_no),
            ("StockCode", &self.stock_code),
            ("Description", &self.description),
            ("InvoiceDate", &self.invoice_date),
            ("CustomerID", &self.customer_id),
            ("Country", &self.country),
        ];
        for (name, text) in texts {
            if !text.trim().is_empty() {
                event.insert(name.to_owned(), text.trim().into());
            }
        }
        event.insert("Quantity".to_owned(), number(&self.quantity));
        // As text, because a float would not be exact.
        event.insert("UnitPrice".to_owned(), self.unit_price.trim().into());
        Value::Object(event).to_string()
    }
}

/// Returns a whole number, or the text for the API to reject.
fn number(text: &str) -> Value {
    let number = text.trim().parse::<i64>().map(Number::from);
    number.map_or_else(|_| text.trim().into(), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Order {
        Order {
            invoice_no: " 536365 ".to_owned(),
            stock_code: "85123A".to_owned(),
            description: "HEART \"A\" <b>".to_owned(),
            quantity: "6".to_owned(),
            unit_price: "2.55".to_owned(),
            invoice_date: "2010-12-01T08:26".to_owned(),
            customer_id: String::new(),
            country: "United Kingdom".to_owned(),
        }
    }

    #[test]
    fn the_api_accepts_the_form_as_it_is() {
        let read = events::read(&order().event("console-1")).unwrap();
        assert_eq!(read.line.invoice_no.as_ref(), "536365");
        assert_eq!(read.line.quantity, 6);
        assert_eq!(read.line.unit_price.to_string(), "2.55");
        assert_eq!(read.line.description.as_deref(), Some("HEART \"A\" <b>"));
        assert_eq!(read.line.customer_id, None);
    }

    #[test]
    fn what_is_no_number_is_for_the_api_to_reject() {
        let wrong = Order {
            quantity: "six".to_owned(),
            ..order()
        };
        let error = events::read(&wrong.event("console-1")).unwrap_err();
        assert_eq!(error.field, events::Field::Quantity);
    }
}
