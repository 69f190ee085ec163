//! The `stack invoice` command.

use std::io::Write;

use clap::Args;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use producer::api::Invoice as Shown;
use rust_decimal::Decimal;

use super::environment::EnvironmentOption;
use super::json::{self, JsonOption};
use crate::session::Session;

/// Show the lines of an invoice
#[derive(Debug, Args)]
pub(super) struct Invoice {
    /// Invoice number, such as 536365 or C536379
    #[arg(value_name = "NO")]
    number: String,
    #[command(flatten)]
    environment: EnvironmentOption,
    #[command(flatten)]
    json: JsonOption,
}

impl Invoice {
    pub(super) async fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let session = Session::open(&self.environment).await?;
        let invoice = session.api().invoice(&self.number).await?;
        if self.json.is_set() {
            return json::print(out, &invoice);
        }
        print(&serde_json::from_value(invoice)?, out)
    }
}

fn print(invoice: &Shown, out: &mut impl Write) -> anyhow::Result<()> {
    let Shown {
        invoice_no,
        kind,
        country,
        invoice_date,
        ..
    } = invoice;
    let customer = invoice.customer_id.as_deref().unwrap_or("a guest");
    writeln!(
        out,
        "invoice {invoice_no}: {kind} of {invoice_date}, {customer} in {country}"
    )?;
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["item", "description", "quantity", "price", "amount"]);
    for line in &invoice.lines {
        table.add_row([
            line.stock_code.clone(),
            line.description.clone().unwrap_or_default(),
            line.quantity.to_string(),
            pounds(line.unit_price),
            pounds(line.amount),
        ]);
    }
    for position in 2..5 {
        if let Some(column) = table.column_mut(position) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    writeln!(out, "{table}")?;
    writeln!(
        out,
        "{} lines, {} units, total £{}",
        invoice.line_count,
        invoice.units,
        pounds(invoice.total)
    )?;
    Ok(())
}

/// Formats an amount with all its decimal places, at least two.
pub(super) fn pounds(money: impl Into<Decimal>) -> String {
    let money = money.into();
    format!(
        "{money:.*}",
        usize::try_from(money.scale()).unwrap_or(0).max(2)
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_invoice_is_shown_line_by_line_with_its_total() {
        let invoice = json!({
            "invoice_no": "C536379", "kind": "cancellation", "customer_id": null,
            "country": "EIRE", "invoice_date": "2010-12-01T09:41:00",
            "lines": [
                {"event_id": "e-1", "stock_code": "D", "description": "Discount £5", "quantity": -1,
                 "unit_price": "27.5", "amount": "-27.5", "invoice_date": "2010-12-01T09:41:00"},
                {"event_id": "e-2", "stock_code": "85123A", "description": null, "quantity": -12,
                 "unit_price": "0.001", "amount": "-0.012", "invoice_date": "2010-12-01T09:41:00"},
            ],
            "units": -13, "total": "-27.512", "line_count": 2, "conflicts": 1,
        });
        let mut out = Vec::new();
        print(&serde_json::from_value(invoice).unwrap(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @"
        invoice C536379: cancellation of 2010-12-01T09:41:00, a guest in EIRE
        ┌────────┬─────────────┬──────────┬───────┬────────┐
        │ item   ┆ description ┆ quantity ┆ price ┆ amount │
        ╞════════╪═════════════╪══════════╪═══════╪════════╡
        │ D      ┆ Discount £5 ┆       -1 ┆ 27.50 ┆ -27.50 │
        │ 85123A ┆             ┆      -12 ┆ 0.001 ┆ -0.012 │
        └────────┴─────────────┴──────────┴───────┴────────┘
        2 lines, -13 units, total £-27.512
        ");
    }
}
