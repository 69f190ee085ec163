//! The sheets of the workbook and their order on the dashboard.

use crate::sheet::{
    Channel, Mark, Ranking, Sheet, average, count_distinct, maximum, month, sum, value,
};

/// The sheets, by row of the dashboard.
pub(crate) const ROWS: [&[Sheet]; 4] = [
    &[FRESHNESS],
    &[REVENUE_BY_MONTH, TOP_ITEMS],
    &[COUNTRIES, CANCELLATIONS],
    &[CUSTOMERS, RFM, BASKETS],
];

const FRESHNESS: Sheet = Sheet {
    title: "Data as of",
    view: "data_as_of",
    rows: &[],
    columns: &[],
    mark: Mark::Text,
    encodings: &[
        (Channel::Text, maximum("data_as_of")),
        (Channel::Text, maximum("first_order")),
        (Channel::Text, maximum("last_order")),
        (Channel::Text, sum("order_lines")),
    ],
    only: None,
    sort: None,
};

const REVENUE_BY_MONTH: Sheet = Sheet {
    title: "Revenue by month",
    view: "revenue_by_month",
    rows: &[sum("net_revenue")],
    columns: &[month("month")],
    mark: Mark::Bar,
    encodings: &[(Channel::Color, value("is_complete"))],
    only: None,
    sort: None,
};

const TOP_ITEMS: Sheet = Sheet {
    title: "Top items by purchases",
    view: "top_items",
    rows: &[value("item_code"), value("description")],
    columns: &[sum("net_quantity"), sum("net_revenue")],
    mark: Mark::Bar,
    encodings: &[],
    only: Some(("is_product", "1")),
    sort: Some(Ranking {
        column: "item_code",
        measure: "net_quantity",
        top: Some(15),
    }),
};

const COUNTRIES: Sheet = Sheet {
    title: "Revenue, orders and cancellations by country",
    view: "revenue_by_country",
    rows: &[value("country")],
    columns: &[sum("net_revenue"), sum("orders"), sum("cancellations")],
    mark: Mark::Bar,
    encodings: &[],
    only: None,
    sort: Some(Ranking {
        column: "country",
        measure: "net_revenue",
        top: None,
    }),
};

const CANCELLATIONS: Sheet = Sheet {
    title: "Cancellations by month",
    view: "cancellations",
    rows: &[sum("cancellations"), average("cancellation_rate")],
    columns: &[month("month")],
    mark: Mark::Bar,
    encodings: &[(Channel::Color, value("is_complete"))],
    only: None,
    sort: None,
};

const CUSTOMERS: Sheet = Sheet {
    title: "New and returning customers",
    view: "customers_by_month",
    rows: &[sum("new_customers"), sum("returning_customers")],
    columns: &[month("month")],
    mark: Mark::Bar,
    encodings: &[(Channel::Color, value("is_complete"))],
    only: None,
    sort: None,
};

const RFM: Sheet = Sheet {
    title: "Customers by recency and frequency",
    view: "customer_rfm",
    rows: &[value("recency_score")],
    columns: &[value("frequency_score")],
    mark: Mark::Square,
    encodings: &[
        (Channel::Color, average("monetary")),
        (Channel::Text, count_distinct("customer_id")),
    ],
    only: None,
    sort: None,
};

const BASKETS: Sheet = Sheet {
    title: "Baskets by month",
    view: "baskets_by_month",
    rows: &[
        average("revenue_per_order"),
        average("units_per_order"),
        average("lines_per_order"),
    ],
    columns: &[month("month")],
    mark: Mark::Line,
    encodings: &[],
    only: None,
    sort: None,
};

/// All sheets in the order of the dashboard.
pub(crate) fn all() -> impl Iterator<Item = &'static Sheet> {
    ROWS.iter().copied().flatten()
}
