//! What analysts read: the order lines, and every view over them.

use super::model::{Row, money};
use super::views::{Cell, cells, expected};
use crate::rig::Rig;

/// Sums of amounts are cast, since a sum of nothing has no decimal places.
const VIEWS: [(&str, &str); 11] = [
    (
        "baskets",
        "invoice_no, ordered_at, country, customer_id, lines, items, units, revenue",
    ),
    (
        "baskets_by_month",
        "month, orders, lines_per_order, units_per_order, revenue_per_order",
    ),
    (
        "cancellations",
        "month, orders, cancellations, cancelled_units, CAST(cancelled_revenue AS DECIMAL(38,4))",
    ),
    ("customer_rfm", "customer_id, frequency, monetary"),
    (
        "customers",
        "customer_id, first_order, last_order, orders, is_returning, units, net_revenue",
    ),
    (
        "customers_by_month",
        "month, customers, new_customers, returning_customers, orders",
    ),
    (
        "data_as_of",
        "data_as_of, first_order, last_order, order_lines",
    ),
    (
        "revenue_by_country",
        "country, orders, cancellations, units, CAST(gross_revenue AS DECIMAL(38,4)), CAST(cancelled_revenue AS DECIMAL(38,4)), net_revenue",
    ),
    (
        "revenue_by_month",
        "month, orders, units, CAST(gross_revenue AS DECIMAL(38,4)), CAST(cancelled_revenue AS DECIMAL(38,4)), net_revenue",
    ),
    (
        "revenue_by_month_country",
        "month, country, orders, cancellations, units, CAST(gross_revenue AS DECIMAL(38,4)), CAST(cancelled_revenue AS DECIMAL(38,4)), net_revenue",
    ),
    (
        "top_items",
        "item_code, net_quantity, net_revenue, sale_lines",
    ),
];

const LINES: &str = "SELECT invoice_no, event_id, envelope_id, ingested_at, kind, stock_code, description, quantity, \
    invoice_ts, unit_price, customer_id, country FROM retail.sales_line";

/// Compares the order lines and every view with what the winning rows come to.
pub(super) async fn assert_answers(rig: &Rig, winners: &[Row]) {
    assert_eq!(
        asked(rig, LINES).await,
        sorted(winners.iter().map(line).collect())
    );
    if winners.is_empty() {
        return;
    }
    let mut expected = expected(winners);
    for (view, columns) in VIEWS {
        let seen = asked(rig, &format!("SELECT {columns} FROM analytics.{view}")).await;
        assert_eq!(seen, sorted(expected.remove(view).unwrap()), "{view}");
    }
}

/// A view that nobody compares here fails.
pub(super) async fn assert_complete(rig: &Rig) {
    let views = "SELECT table_name FROM information_schema.views WHERE table_schema = 'analytics'";
    let known = VIEWS.map(|(view, _)| vec![Some(view.to_owned())]);
    assert_eq!(asked(rig, views).await, known);
}

async fn asked(rig: &Rig, sql: &str) -> Vec<Vec<Cell>> {
    let rows = rig.admin().query("test", sql).await.unwrap().rows;
    let cell = |cell: &warehouse::Cell| match cell {
        warehouse::Cell::Null => None,
        value => Some(value.to_string()),
    };
    sorted(
        rows.iter()
            .map(|row| row.iter().map(cell).collect())
            .collect(),
    )
}

fn sorted(mut rows: Vec<Vec<Cell>>) -> Vec<Vec<Cell>> {
    rows.sort();
    rows
}

fn line(row: &Row) -> Vec<Cell> {
    let row = row.clone();
    let (kind, price) = (row.kind().to_owned(), money(row.price));
    cells([
        row.invoice_no,
        row.event_id,
        row.envelope_id,
        row.ingested_at,
        kind,
        row.stock_code,
        row.description,
        row.quantity.to_string(),
        row.invoice_ts,
        price,
        row.customer_id,
        row.country,
    ])
}
