//! The forms, and the fragments that answer them.

use std::time::Duration;

use maud::{Markup, html};
use time::OffsetDateTime;
use warehouse::{Cell, Rows};

use super::{text, way};

/// Statement that the SQL box shows at first.
const EXAMPLE: &str =
    "SELECT * FROM analytics.revenue_by_country\nORDER BY net_revenue DESC\nLIMIT 10";

/// Returns the form that sends one order line, dated `now`.
pub(super) fn order(now: OffsetDateTime) -> Markup {
    let today = format!("{}T{:02}:{:02}", now.date(), now.hour(), now.minute());
    html! {
        section aria-labelledby="order" {
            h2 id="order" tabindex="-1" { "Send an event" }
            p.quiet { "POSTs one order line to the API, signed, and follows it to the warehouse." }
            form.fields data-post="sent" action="/event" method="post" {
                (field("invoice_no", "Invoice", "900001", true))
                (field("stock_code", "Stock code", "85123A", true))
                (field("description", "Description", "WHITE HANGING HEART T-LIGHT HOLDER", false))
                (field("quantity", "Quantity", "6", true))
                (field("unit_price", "Unit price (£)", "2.55", true))
                (field("invoice_date", "Date", &today, true))
                (field("customer_id", "Customer, or empty for a guest", "17850", false))
                (field("country", "Country", "United Kingdom", true))
                div.actions { button type="submit" { "Send" } }
            }
            output id="sent" {}
        }
    }
}

fn field(name: &str, label: &str, value: &str, is_required: bool) -> Markup {
    html! {
        div.field {
            label for={ "order-" (name) } { (label) }
            input id={ "order-" (name) } name=(name) value=(value) required[is_required] autocomplete="off" maxlength="300";
        }
    }
}

/// Returns the SQL box.
pub(super) fn sql() -> Markup {
    html! {
        section aria-labelledby="sql" {
            h2 id="sql" tabindex="-1" { "Ask the warehouse" }
            p.quiet { "Runs one statement as the analysts' user, who can only read schema " code { "analytics" } "." }
            form data-post="answered" action="/sql" method="post" {
                label.hidden for="statement" { "SQL statement" }
                textarea id="statement" name="sql" rows="6" spellcheck="false" autocapitalize="off" required { (EXAMPLE) }
                div.actions {
                    button type="submit" { "Run" }
                    span.quiet { "Ctrl + Enter" }
                }
            }
            output id="answered" {}
        }
    }
}

/// Returns the rows of a statement, at most `most` of them.
pub(in crate::console) fn rows(rows: &Rows, most: usize, took: Duration) -> Markup {
    let took = time::Duration::try_from(took)
        .map(text::duration)
        .unwrap_or_default();
    let is_capped = rows.rows.len() > most;
    let count = rows.rows.len().min(most);
    html! {
        @if rows.columns.is_empty() {
            p.quiet { "done in " (took) "; the statement returns no rows" }
        } @else {
            p.quiet {
                @if is_capped {
                    "the first " (count) " rows in " (took) "; there are more: "
                    code { "stack query" } " has no limit"
                } @else {
                    (count) @if count == 1 { " row in " } @else { " rows in " } (took)
                }
            }
            div.scroll tabindex="0" role="region" aria-label="Result" {
                table {
                    thead { tr { @for column in &rows.columns { th { (column.name) } } } }
                    tbody {
                        @for row in rows.rows.iter().take(most) { tr { @for cell in row { (value(cell)) } } }
                    }
                }
            }
        }
    }
}

fn value(cell: &Cell) -> Markup {
    html! {
        @match cell {
            Cell::Null => td.quiet { "NULL" },
            Cell::Long(_) | Cell::Double(_) => td.number { (cell) },
            Cell::Text(text) if text.parse::<f64>().is_ok() => td.number { (cell) },
            _ => td { (cell) },
        }
    }
}

/// Returns that the API accepted an event, and its way.
pub(in crate::console) fn sent(event_id: &str, invoice_no: &str) -> Markup {
    html! {
        p { "accepted as event " code { (event_id) } }
        (way::live(event_id, invoice_no))
    }
}

/// Returns the reason why something failed.
pub(in crate::console) fn failure(reason: &str) -> Markup {
    html! { p.failure role="alert" { (reason) } }
}
