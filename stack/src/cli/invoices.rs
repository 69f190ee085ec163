//! The `stack invoices` command.

use std::io::Write;

use clap::Args;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use events::Amount;
use producer::api::CustomerInvoices;

use super::environment::EnvironmentOption;
use super::invoice::pounds;
use super::json::{self, JsonOption};
use crate::session::Session;

/// Show the invoices of a customer
#[derive(Debug, Args)]
#[command(mut_arg("json", |json| json.help("Print the result as JSON, all pages in one document")))]
pub(super) struct Invoices {
    /// Customer number, such as 17850
    #[arg(value_name = "CUSTOMER")]
    customer: String,
    #[command(flatten)]
    environment: EnvironmentOption,
    #[command(flatten)]
    json: JsonOption,
}

impl Invoices {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let session = Session::open(&self.environment).await?;
        let invoices = session.api().customer_invoices(&self.customer).await?;
        if self.json.is_set() {
            return json::print(out, &invoices);
        }
        print(&serde_json::from_value(invoices)?, out)
    }
}

fn print(shown: &CustomerInvoices, out: &mut impl Write) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "invoice", "kind", "date", "country", "lines", "units", "total",
    ]);
    for invoice in &shown.invoices {
        table.add_row([
            invoice.invoice_no.clone(),
            invoice.kind.clone(),
            invoice.invoice_date.clone(),
            invoice.country.clone(),
            invoice.line_count.to_string(),
            invoice.units.to_string(),
            pounds(invoice.total),
        ]);
    }
    for position in 4..7 {
        if let Some(column) = table.column_mut(position) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    writeln!(out, "{table}")?;
    let invoices = shown.invoices.len();
    let lines: usize = shown
        .invoices
        .iter()
        .map(|invoice| invoice.line_count)
        .sum();
    let total: Amount = shown.invoices.iter().map(|invoice| invoice.total).sum();
    let (customer, total) = (&shown.customer_id, pounds(total));
    writeln!(
        out,
        "customer {customer}: {invoices} invoices, {lines} lines, total £{total}"
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_customer_s_invoices_are_shown_with_their_sum() {
        let invoices = json!({
            "customer_id": "17850",
            "invoices": [
                {"invoice_no": "536365", "kind": "sale", "invoice_date": "2010-12-01T08:26:00",
                 "country": "United Kingdom", "line_count": 7, "units": 40, "total": "139.12"},
                {"invoice_no": "C543611", "kind": "cancellation", "invoice_date": "2011-02-10T14:38:00",
                 "country": "United Kingdom", "line_count": 1, "units": -2, "total": "-5.1"},
            ],
        });
        let mut out = Vec::new();
        print(&serde_json::from_value(invoices).unwrap(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @"
        ┌─────────┬──────────────┬─────────────────────┬────────────────┬───────┬───────┬────────┐
        │ invoice ┆ kind         ┆ date                ┆ country        ┆ lines ┆ units ┆  total │
        ╞═════════╪══════════════╪═════════════════════╪════════════════╪═══════╪═══════╪════════╡
        │ 536365  ┆ sale         ┆ 2010-12-01T08:26:00 ┆ United Kingdom ┆     7 ┆    40 ┆ 139.12 │
        │ C543611 ┆ cancellation ┆ 2011-02-10T14:38:00 ┆ United Kingdom ┆     1 ┆    -2 ┆  -5.10 │
        └─────────┴──────────────┴─────────────────────┴────────────────┴───────┴───────┴────────┘
        customer 17850: 2 invoices, 8 lines, total £134.02
        ");
    }
}
