"""Ten numbers that analysts ask for, computed by DuckDB from the producer's CSV and by nothing of ours."""

import json
import sys

import duckdb

path = json.load(sys.stdin)["csv"]
db = duckdb.connect()
db.execute(
    """
    CREATE TABLE line AS
    SELECT
        trim(InvoiceNo) AS invoice,
        trim(StockCode) AS code,
        CAST(Quantity AS DECIMAL(12,0)) AS units,
        CAST(UnitPrice AS DECIMAL(12,4)) AS price,
        strptime(InvoiceDate, '%m/%d/%Y %H:%M') AS placed,
        nullif(trim(CustomerID), '') AS customer,
        trim(Country) AS country,
        CASE left(trim(InvoiceNo), 1) WHEN 'C' THEN 'cancellation' WHEN 'A' THEN 'adjustment' ELSE 'sale' END AS kind
    FROM read_csv(?, header = true, all_varchar = true, encoding = 'latin-1')
    """,
    [path],
)


def ask(sql):
    return [str(value) for value in db.execute(sql).fetchone()]


told = {
    "order_lines": ask("SELECT count(*) FROM line"),
    "units": ask("SELECT sum(units) FROM line"),
    "revenue": ask("SELECT sum(units * price) FROM line"),
    "invoices": ask("SELECT count(DISTINCT invoice) FROM line"),
    "top_item": ask(
        "SELECT code, sum(units), sum(units * price) FROM line GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"
    ),
    "best_month_and_country": ask(
        """SELECT CAST(date_trunc('month', placed) AS DATE), country, sum(units * price) FROM line
           GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 1"""
    ),
    "most_cancelled_month": ask(
        """SELECT CAST(date_trunc('month', placed) AS DATE),
                  count(DISTINCT CASE WHEN kind = 'cancellation' THEN invoice END),
                  count(DISTINCT CASE WHEN kind = 'sale' THEN invoice END),
                  sum(CASE WHEN kind = 'cancellation' THEN units * price ELSE 0 END)
           FROM line GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"""
    ),
    "customers": ask(
        """SELECT count(*), sum(CASE WHEN orders > 1 THEN 1 ELSE 0 END) FROM
           (SELECT count(DISTINCT CASE WHEN kind = 'sale' THEN invoice END) AS orders FROM line
            WHERE customer IS NOT NULL GROUP BY customer)"""
    ),
    "returning_in_the_last_month": ask(
        """WITH visit AS (SELECT DISTINCT date_trunc('month', placed) AS month, customer FROM line
                          WHERE kind = 'sale' AND customer IS NOT NULL),
                first AS (SELECT customer, min(month) AS month FROM visit GROUP BY 1)
           SELECT CAST(visit.month AS DATE), count(*), sum(CASE WHEN first.month < visit.month THEN 1 ELSE 0 END)
           FROM visit JOIN first USING (customer) GROUP BY 1 ORDER BY 1 DESC LIMIT 1"""
    ),
    "greatest_basket": ask(
        """SELECT invoice, count(*), count(DISTINCT code), sum(units), sum(units * price) FROM line
           WHERE kind = 'sale' GROUP BY 1 ORDER BY 5 DESC, 1 LIMIT 1"""
    ),
    "best_customer": ask(
        """SELECT customer, sum(units * price), count(DISTINCT CASE WHEN kind = 'sale' THEN invoice END),
                  date_diff('day', max(CASE WHEN kind = 'sale' THEN placed END), (SELECT max(placed) FROM line))
           FROM line WHERE customer IS NOT NULL GROUP BY 1
           HAVING count(DISTINCT CASE WHEN kind = 'sale' THEN invoice END) > 0 ORDER BY 2 DESC, 1 LIMIT 1"""
    ),
}
json.dump(told, sys.stdout)
