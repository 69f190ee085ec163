"""Computes every view of the schemas `analytics` and `retail` with DuckDB from the producer's CSV, without any of our
code, and compares it to the last digit with the view in the warehouse. Views of `analytics` are read as `tableau`
through the TLS port, views of `retail` as the administrator, because analysts may not read them."""

import json
import sys
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import psycopg2

given = json.load(sys.stdin)
db = duckdb.connect()
db.execute(
    """
    CREATE TABLE line AS
    SELECT
        trim(InvoiceNo) AS invoice_no,
        CASE left(trim(InvoiceNo), 1) WHEN 'C' THEN 'cancellation' WHEN 'A' THEN 'adjustment' ELSE 'sale' END AS kind,
        upper(trim(StockCode)) AS item_code,
        trim(StockCode) AS stock_code,
        nullif(trim(Description), '') AS description,
        CAST(Quantity AS INTEGER) AS quantity,
        CAST(UnitPrice AS DECIMAL(12,4)) AS unit_price,
        CAST(Quantity AS INTEGER) * CAST(UnitPrice AS DECIMAL(12,4)) AS amount,
        strptime(InvoiceDate, '%m/%d/%Y %H:%M') AS placed,
        nullif(trim(CustomerID), '') AS customer_id,
        trim(Country) AS country,
        kind = 'sale' AND CAST(Quantity AS INTEGER) > 0 AND CAST(UnitPrice AS DECIMAL(12,4)) > 0 AS sold
    FROM read_csv(?, header = true, all_varchar = true, encoding = 'latin-1')
    """,
    [given["csv"]],
)
db.execute(
    """
    CREATE TABLE invoice AS
    SELECT invoice_no, min(kind) AS kind, min(placed) AS ordered_at, CAST(date_trunc('month', min(placed)) AS DATE) AS month,
           min(country) AS country, min(customer_id) AS customer_id, count(*) AS lines,
           count(DISTINCT item_code) AS items, sum(quantity) AS units, sum(amount) AS amount, bool_or(sold) AS ordered
    FROM line GROUP BY invoice_no;

    -- A month is whole when the data begin on its first day or before, and go on in a later month.
    CREATE TABLE month AS
    SELECT DISTINCT CAST(date_trunc('month', placed) AS DATE) AS month,
           CAST(month >= (SELECT CAST(min(placed) AS DATE) FROM line)
                AND month + INTERVAL 1 MONTH <= (SELECT max(placed) FROM line) AS INTEGER) AS is_complete
    FROM (SELECT unnest(range((SELECT date_trunc('month', min(placed)) FROM line),
                              (SELECT max(placed) + INTERVAL 1 MINUTE FROM line), INTERVAL 1 DAY)) AS placed
          UNION SELECT placed FROM line);

    CREATE TABLE wording AS
    SELECT item_code, description, row_number() OVER (PARTITION BY item_code ORDER BY n DESC, description) AS place
    FROM (SELECT item_code, description, count(*) AS n FROM line WHERE description IS NOT NULL GROUP BY ALL);

    CREATE TABLE item AS
    SELECT item_code, min(wording.description) AS description,
           CAST(item_code NOT IN ('POST', 'DOT', 'C2', 'M', 'D', 'S', 'BANK CHARGES', 'AMAZONFEE', 'CRUK', 'B') AS INTEGER) AS is_product,
           count(DISTINCT line.description) AS wordings,
           min(placed) FILTER (sold) AS first_sold, max(placed) FILTER (sold) AS last_sold,
           sum(quantity) AS net_quantity, sum(amount) AS net_revenue, count(*) FILTER (sold) AS sale_lines
    FROM line LEFT JOIN wording USING (item_code) WHERE place = 1 OR place IS NULL GROUP BY item_code;

    CREATE TABLE customer AS
    SELECT customer_id,
           (SELECT country FROM line AS other WHERE other.customer_id = line.customer_id
            ORDER BY placed DESC, country LIMIT 1) AS country,
           min(placed) FILTER (sold) AS first_order, max(placed) FILTER (sold) AS last_order,
           count(DISTINCT invoice_no) FILTER (sold) AS orders, sum(quantity) AS units, sum(amount) AS net_revenue
    FROM line WHERE customer_id IS NOT NULL GROUP BY customer_id
    """
)

# A quotient is (dividend, divisor, digits), because DuckDB would divide as floating point.
MONEY = """
    count(*) FILTER (ordered) AS orders, sum(units) AS units,
    coalesce(sum(amount) FILTER (kind = 'sale'), 0) AS gross_revenue"""
CANCELLED = """
    count(*) FILTER (kind = 'cancellation') AS cancellations,
    row(count(*) FILTER (kind = 'cancellation'), count(*) FILTER (ordered), 4) AS cancellation_rate"""
LOST = "coalesce(sum(amount) FILTER (kind = 'cancellation'), 0) AS cancelled_revenue"
EXPECTED = {
    "analytics.revenue_by_month": f"""
        SELECT month, is_complete, {MONEY}, {LOST}, sum(amount) AS net_revenue
        FROM invoice JOIN month USING (month) GROUP BY 1, 2""",
    "analytics.revenue_by_country": f"""
        SELECT country, {MONEY}, {CANCELLED}, {LOST}, sum(amount) AS net_revenue FROM invoice GROUP BY 1""",
    "analytics.revenue_by_month_country": f"""
        SELECT month, is_complete, country, {MONEY}, {CANCELLED}, {LOST}, sum(amount) AS net_revenue
        FROM invoice JOIN month USING (month) GROUP BY 1, 2, 3""",
    "analytics.cancellations": f"""
        SELECT month, is_complete, count(*) FILTER (ordered) AS orders, {CANCELLED},
               coalesce(sum(units) FILTER (kind = 'cancellation'), 0) AS cancelled_units, {LOST}
        FROM invoice JOIN month USING (month) GROUP BY 1, 2""",
    "analytics.data_as_of": """
        SELECT min(placed) AS first_order, max(placed) AS last_order, count(*) AS order_lines FROM line""",
    "analytics.top_items": """
        SELECT item_code, description, is_product, net_quantity, net_revenue, sale_lines FROM item""",
    "analytics.baskets": """
        SELECT invoice_no, ordered_at, country, customer_id, lines, items, units, amount AS revenue
        FROM invoice WHERE ordered""",
    "analytics.baskets_by_month": """
        SELECT month, is_complete, count(*) AS orders, row(sum(lines), count(*), 2) AS lines_per_order,
               row(sum(units), count(*), 2) AS units_per_order, row(sum(amount), count(*), 2) AS revenue_per_order
        FROM invoice JOIN month USING (month) WHERE ordered GROUP BY 1, 2""",
    "analytics.customers": """
        SELECT customer_id, country, first_order, last_order, orders, CAST(orders > 1 AS INTEGER) AS is_returning,
               units, net_revenue FROM customer""",
    "analytics.customers_by_month": """
        WITH visit AS (SELECT invoice.*, month > (SELECT min(month) FROM invoice AS other WHERE ordered
                                                  AND other.customer_id = invoice.customer_id) AS back
                       FROM invoice WHERE ordered AND customer_id IS NOT NULL)
        SELECT month, is_complete, count(DISTINCT customer_id) AS customers,
               count(DISTINCT customer_id) FILTER (NOT back) AS new_customers,
               count(DISTINCT customer_id) FILTER (back) AS returning_customers,
               count(*) AS orders, row(count(*), count(DISTINCT customer_id), 2) AS orders_per_customer,
               coalesce(sum(amount) FILTER (NOT back), 0) AS new_revenue,
               coalesce(sum(amount) FILTER (back), 0) AS returning_revenue
        FROM visit JOIN month USING (month) GROUP BY 1, 2""",
    "analytics.customer_rfm": """
        SELECT customer_id, recency_days, orders AS frequency, net_revenue AS monetary,
               ntile(5) OVER (ORDER BY recency_days DESC, customer_id) AS recency_score,
               ntile(5) OVER (ORDER BY orders, customer_id) AS frequency_score,
               ntile(5) OVER (ORDER BY net_revenue, customer_id) AS monetary_score
        FROM (SELECT *, date_diff('day', last_order, (SELECT max(placed) FROM line)) AS recency_days FROM customer)
        WHERE orders > 0""",
    "retail.fact_order_line": """
        SELECT invoice_no, kind, CAST(sold AS INTEGER) AS is_sale_line, item_code, stock_code, description, quantity,
               unit_price, amount, placed AS invoice_ts, CAST(placed AS DATE) AS order_date,
               CAST(date_trunc('month', placed) AS DATE) AS month, customer_id, country FROM line""",
    "retail.fact_invoice": """
        SELECT invoice_no, kind, CAST(ordered AS INTEGER) AS is_order, ordered_at, month, country, customer_id, lines,
               items, units, amount FROM invoice""",
    "retail.data_span": """
        SELECT (SELECT CAST(min(placed) AS DATE) FROM line) AS first_day, (SELECT CAST(max(placed) AS DATE) FROM line) AS last_day,
               min(month) AS first_complete_month, max(month) AS last_complete_month FROM month WHERE is_complete = 1""",
    "retail.dim_item": """
        SELECT item_code, description, is_product, wordings, first_sold, last_sold FROM item""",
    "retail.dim_customer": """
        SELECT customer_id, country, first_order, last_order, orders FROM customer""",
    "retail.dim_country": """
        SELECT country, count(DISTINCT customer_id) FILTER (sold) AS customers, min(placed) AS first_order_line,
               max(placed) AS last_order_line FROM line GROUP BY 1""",
    "retail.dim_date": """
        SELECT CAST(day AS DATE) AS date, year(day) AS year, quarter(day) AS quarter, month(day) AS month,
               month.month AS month_start, is_complete, CAST(day - to_days(CAST(isodow(day) AS INTEGER) - 1) AS DATE) AS week_start,
               dayofweek(day) AS day_of_week
        FROM (SELECT unnest(range((SELECT CAST(min(placed) AS DATE) FROM line), (SELECT max(placed) FROM line) + INTERVAL 1 MINUTE,
                                  INTERVAL 1 DAY)) AS day)
        JOIN month ON month.month = date_trunc('month', day)""",
}
# Columns that are not in the producer's file, and so are not compared.
OURS = {"event_id", "ingested_at", "data_as_of"}


def computed(value):
    if isinstance(value, tuple):
        dividend, divisor, digits = value
        if divisor == 0:
            return None
        return (Decimal(dividend) / Decimal(divisor)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    assert not isinstance(value, float), value
    return value


def difference(cursor, view, sql):
    expected = db.execute(sql)
    names = [column[0] for column in expected.description]
    rows = Counter(tuple(map(computed, row)) for row in expected.fetchall())
    cursor.execute(f"SELECT * FROM {view}")
    kept = [place for place, column in enumerate(cursor.description) if column.name not in OURS]
    answered = [cursor.description[place].name for place in kept]
    if names != answered:
        return f"columns {answered}, expected {names}"
    found = Counter(tuple(row[place] for place in kept) for row in cursor.fetchall())
    if rows != found:
        return f"surplus {list((found - rows).items())[:3]}, missing {list((rows - found).items())[:3]}"
    return f"{rows.total()} rows"


door = given["door"]
with open(door["pgpass"], encoding="utf-8") as file:
    password = file.readline().strip().rsplit(":", 1)[1]
tableau = psycopg2.connect(
    host=door["host"],
    port=door["port"],
    dbname=door["database"],
    user=door["user"],
    password=password,
    sslmode="verify-full",
    sslrootcert=door["sslrootcert"],
    gssencmode="disable",
).cursor()
administrator = psycopg2.connect(given["dsn"]).cursor()
administrator.execute(
    "SELECT table_schema || '.' || table_name FROM information_schema.views WHERE table_schema IN ('analytics', 'retail')"
)
views = sorted(view for (view,) in administrator.fetchall())
cursors = {"analytics": tableau, "retail": administrator}
told = {
    view: difference(cursors[view.split(".")[0]], view, EXPECTED[view]) if view in EXPECTED else "computed by nobody else"
    for view in views
}
json.dump(told, sys.stdout)
