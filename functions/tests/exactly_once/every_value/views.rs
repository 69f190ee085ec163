//! What the winning rows come to in each view.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Row, by, money};

/// One cell; `None` is NULL.
pub(super) type Cell = Option<String>;

/// Cells, of which an empty text is NULL.
pub(super) fn cells(cells: impl IntoIterator<Item = String>) -> Vec<Cell> {
    let cells = cells.into_iter();
    cells
        .map(|cell| Some(cell).filter(|it| !it.is_empty()))
        .collect()
}

/// An invoice as analysts know it: of times, countries and customers the first counts.
struct Invoice {
    no: String,
    kind: &'static str,
    ordered_at: String,
    month: String,
    country: String,
    customer: String,
    is_order: bool,
    lines: usize,
    items: usize,
    units: i64,
    amount: i128,
}

impl Invoice {
    fn of(no: &str, rows: &[&Row]) -> Self {
        let ordered_at = rows.iter().map(|row| row.invoice_ts.clone()).min().unwrap();
        let customers = rows.iter().map(|row| row.customer_id.clone());
        Self {
            no: no.to_owned(),
            kind: rows[0].kind(),
            month: month(&ordered_at),
            ordered_at,
            country: rows.iter().map(|row| row.country.clone()).min().unwrap(),
            customer: customers
                .filter(|it| !it.is_empty())
                .min()
                .unwrap_or_default(),
            is_order: rows.iter().any(|row| row.is_sale_line()),
            lines: rows.len(),
            items: rows
                .iter()
                .map(|row| code(row))
                .collect::<BTreeSet<_>>()
                .len(),
            units: rows.iter().map(|row| row.quantity).sum(),
            amount: rows.iter().map(|row| row.amount()).sum(),
        }
    }
}

fn month(ts: &str) -> String {
    format!("{}-01", &ts[..7])
}

/// The warehouse on one machine knows the upper case of ASCII alone.
fn code(row: &Row) -> String {
    row.stock_code.to_ascii_uppercase()
}

/// `dividend / divisor` to two places, half away from zero.
fn average(dividend: i128, divisor: usize) -> String {
    let divisor = i128::try_from(divisor).unwrap();
    let hundredths = (2 * dividend.abs() * 100 + divisor) / (2 * divisor);
    let sign = if dividend < 0 && hundredths > 0 {
        "-"
    } else {
        ""
    };
    format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100)
}

pub(super) fn expected(rows: &[Row]) -> BTreeMap<&'static str, Vec<Vec<Cell>>> {
    let invoices = by(rows, |row| row.invoice_no.clone());
    let invoices = invoices.iter().map(|(no, rows)| Invoice::of(no, rows));
    let invoices: Vec<_> = invoices.collect();
    let orders: Vec<_> = invoices.iter().filter(|it| it.is_order).collect();
    let mut all = of_customers(rows, &orders);
    all.extend(of_orders(&orders));
    all.extend(revenues(&invoices));
    all.insert("cancellations", cancellations(&invoices));
    let item = |(code, rows): (String, Vec<&Row>)| {
        let units = rows.iter().map(|row| row.quantity).sum::<i64>();
        let sold = rows.iter().filter(|row| row.is_sale_line()).count();
        let amount = rows.iter().map(|row| row.amount()).sum();
        cells([code, units.to_string(), money(amount), sold.to_string()])
    };
    all.insert("top_items", by(rows, code).into_iter().map(item).collect());
    let times = || rows.iter().map(|row| row.invoice_ts.clone());
    let fresh = rows.iter().map(|row| row.ingested_at.clone()).max();
    let as_of = [fresh, times().min(), times().max()].map(Option::unwrap);
    let as_of = as_of.into_iter().chain([rows.len().to_string()]);
    all.insert("data_as_of", vec![cells(as_of)]);
    all
}

fn of_orders(orders: &[&Invoice]) -> [(&'static str, Vec<Vec<Cell>>); 2] {
    let basket = |it: &&Invoice| {
        cells([
            it.no.clone(),
            it.ordered_at.clone(),
            it.country.clone(),
            it.customer.clone(),
            it.lines.to_string(),
            it.items.to_string(),
            it.units.to_string(),
            money(it.amount),
        ])
    };
    let month = |(month, them): (String, Vec<&&Invoice>)| {
        let lines = them.iter().map(|it| it.lines as i128).sum();
        let units = them.iter().map(|it| i128::from(it.units)).sum();
        let amount = them.iter().map(|it| it.amount).sum();
        let each = |sum| average(sum, them.len());
        let revenue = average(amount, them.len() * 10_000);
        let count = them.len().to_string();
        cells([month, count, each(lines), each(units), revenue])
    };
    let months = by(orders, |it| it.month.clone()).into_iter();
    [
        ("baskets", orders.iter().map(basket).collect()),
        ("baskets_by_month", months.map(month).collect()),
    ]
}

fn cancellations(invoices: &[Invoice]) -> Vec<Vec<Cell>> {
    let month = |(month, them): (String, Vec<&Invoice>)| {
        let [orders, cancelled, _, _, revenue, _] = sums(&them);
        let taken_back = them.iter().filter(|it| it.kind == "cancellation");
        let units = taken_back.map(|it| it.units).sum::<i64>();
        cells([month, orders, cancelled, units.to_string(), revenue])
    };
    let months = by(invoices, |it| it.month.clone()).into_iter();
    months.map(month).collect()
}

/// Orders, cancellations, units, gross, cancelled and net revenue.
fn sums(them: &[&Invoice]) -> [String; 6] {
    let of = |kind: &'static str| them.iter().filter(move |it| it.kind == kind);
    let orders = them.iter().filter(|it| it.is_order).count();
    let units: i64 = them.iter().map(|it| it.units).sum();
    let revenue = |kind| money(of(kind).map(|it| it.amount).sum());
    let net = money(them.iter().map(|it| it.amount).sum());
    let cancelled = of("cancellation").count().to_string();
    [
        orders.to_string(),
        cancelled,
        units.to_string(),
        revenue("sale"),
        revenue("cancellation"),
        net,
    ]
}

fn revenues(invoices: &[Invoice]) -> [(&'static str, Vec<Vec<Cell>>); 3] {
    let countries = by(invoices, |it| it.country.clone()).into_iter();
    let countries =
        countries.map(|(country, them)| cells([country].into_iter().chain(sums(&them))));
    let months = by(invoices, |it| it.month.clone()).into_iter();
    let months = months.map(|(month, them)| {
        // The view by month does not count cancellations.
        let [orders, _, rest @ ..] = sums(&them);
        cells([month, orders].into_iter().chain(rest))
    });
    let both = by(invoices, |it| (it.month.clone(), it.country.clone())).into_iter();
    let both =
        both.map(|((month, country), them)| cells([month, country].into_iter().chain(sums(&them))));
    [
        ("revenue_by_country", countries.collect()),
        ("revenue_by_month", months.collect()),
        ("revenue_by_month_country", both.collect()),
    ]
}

fn of_customers(rows: &[Row], orders: &[&Invoice]) -> BTreeMap<&'static str, Vec<Vec<Cell>>> {
    let known: Vec<_> = rows
        .iter()
        .filter(|row| !row.customer_id.is_empty())
        .collect();
    let (mut customers, mut rfm) = (Vec::new(), Vec::new());
    for (customer, lines) in by(&known, |row| row.customer_id.clone()) {
        let sold: Vec<_> = lines.iter().filter(|row| row.is_sale_line()).collect();
        let orders = sold
            .iter()
            .map(|row| &row.invoice_no)
            .collect::<BTreeSet<_>>()
            .len();
        let at = |ts: Option<&String>| ts.cloned().unwrap_or_default();
        let units = lines
            .iter()
            .map(|row| row.quantity)
            .sum::<i64>()
            .to_string();
        let revenue = money(lines.iter().map(|row| row.amount()).sum());
        if orders > 0 {
            rfm.push(cells([
                customer.clone(),
                orders.to_string(),
                revenue.clone(),
            ]));
        }
        customers.push(cells([
            customer,
            at(sold.iter().map(|row| &row.invoice_ts).min()),
            at(sold.iter().map(|row| &row.invoice_ts).max()),
            orders.to_string(),
            u8::from(orders > 1).to_string(),
            units,
            revenue,
        ]));
    }
    BTreeMap::from([
        ("customers", customers),
        ("customer_rfm", rfm),
        ("customers_by_month", visits(orders)),
    ])
}

/// A customer is new in the month of the first order, and returns in each later one.
fn visits(orders: &[&Invoice]) -> Vec<Vec<Cell>> {
    let known: Vec<_> = orders.iter().filter(|it| !it.customer.is_empty()).collect();
    let first: BTreeMap<_, _> = by(&known, |it| it.customer.clone())
        .into_iter()
        .map(|(customer, them)| {
            (
                customer,
                them.iter().map(|it| it.month.clone()).min().unwrap(),
            )
        })
        .collect();
    let visit = |(month, them): (String, Vec<&&&Invoice>)| {
        let customers: BTreeSet<_> = them.iter().map(|it| &it.customer).collect();
        let new = customers.iter().filter(|it| first[**it] == month).count();
        let counts = [customers.len(), new, customers.len() - new, them.len()];
        let [all, new, back, orders] = counts.map(|count| count.to_string());
        cells([month, all, new, back, orders])
    };
    by(&known, |it| it.month.clone())
        .into_iter()
        .map(visit)
        .collect()
}
