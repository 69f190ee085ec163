"""Computes numbers of the report with DuckDB from the producer's CSV files, without any of our code, and compares them
as they are shown. Lists what in the HTML would cause a request or run a program."""

import json
import re
import sys
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser

import duckdb

given = json.load(sys.stdin)
db = duckdb.connect()
db.execute(
    """
    CREATE TABLE line AS
    SELECT
        trim(InvoiceNo) AS invoice_no,
        CASE left(trim(InvoiceNo), 1) WHEN 'C' THEN 'cancellation' WHEN 'A' THEN 'adjustment' ELSE 'sale' END AS kind,
        upper(trim(StockCode)) AS item_code,
        CAST(Quantity AS INTEGER) AS quantity,
        CAST(Quantity AS INTEGER) * CAST(UnitPrice AS DECIMAL(12,4)) AS amount,
        strptime(InvoiceDate, '%m/%d/%Y %H:%M') AS placed,
        nullif(trim(CustomerID), '') AS customer_id,
        trim(Country) AS country,
        kind = 'sale' AND CAST(Quantity AS INTEGER) > 0 AND CAST(UnitPrice AS DECIMAL(12,4)) > 0 AS sold
    FROM read_csv(?, header = true, all_varchar = true)
    """,
    [given["csv"]],
)
db.execute(
    """
    CREATE TABLE invoice AS
    SELECT invoice_no, min(kind) AS kind, strftime(min(placed), '%b %Y') AS month, date_trunc('month', min(placed)) AS day,
           min(country) AS country, min(customer_id) AS customer_id, sum(amount) AS amount, bool_or(sold) AS ordered
    FROM line GROUP BY invoice_no
    """
)
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Collects figures by their name, rows of tables by caption, and what causes requests."""

    def __init__(self):
        super().__init__()
        self.figures, self.tables, self.requests = {}, {}, []
        self.open, self.text, self.caption, self.row, self.term = [], "", "", [], ""

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("dt", "dd", "caption", "th", "td"):
            self.text = ""
        if tag == "tr":
            self.row = []
        for name, value in attributes:
            name, value = name.rsplit(":")[-1], value or ""
            if name == "href" and (tag == "a" or value.startswith("#")):
                continue
            if name in ("href", "src", "srcset", "poster", "action", "background", "ping") or name.startswith("on"):
                self.requests.append(f"<{tag} {name}={value}>")
            self.style(value)
        if tag in ("script", "link", "iframe", "object", "embed", "base"):
            self.requests.append(f"<{tag}>")

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass
        if tag == "dt":
            self.term = self.text
        elif tag == "dd":
            self.figures[self.term] = self.text
        elif tag == "caption":
            self.caption = self.text
        elif tag in ("th", "td"):
            self.row.append(self.text)
        elif tag == "tr":
            self.tables.setdefault(self.caption, []).append(self.row)

    def handle_data(self, data):
        self.text += data
        if "style" in self.open:
            self.style(data)

    def style(self, text):
        self.requests += re.findall(r"@import.*|url\((?!#).*", text)


page = Page()
page.feed(given["html"])


def one(sql):
    return db.execute(sql).fetchone()[0]


def rounded(dividend, divisor, digits):
    return (Decimal(dividend) / Decimal(divisor)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def number(shown):
    """Reads a number as the report shows it."""
    text = shown.replace("−", "-").replace(",", "").replace("£", "").replace("\u00a0", "")
    return Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)


def cell(table, row, column):
    header, *rows = page.tables[table]
    return number(next(line for line in rows if row in line)[header.index(column)])


orders, total = one("SELECT count(*) FROM invoice WHERE ordered"), one("SELECT sum(amount) FROM line")
last = db.execute("SELECT month, day FROM invoice WHERE ordered AND customer_id IS NOT NULL ORDER BY day DESC LIMIT 1").fetchone()
month, country = "Revenue, orders and cancellations by month", "Revenue, orders and cancellations by country"
customers = "New and returning customers by month"
FIRST = "SELECT customer_id, min(day) AS day FROM invoice WHERE ordered AND customer_id IS NOT NULL GROUP BY 1"
COMPARED = {
    "net revenue": (number(page.figures["Net revenue"]), total),
    "orders": (number(page.figures["Orders"]), orders),
    "units": (number(page.figures["Units"]), one("SELECT sum(quantity) FROM line")),
    "customers": (number(page.figures["Customers"]), one("SELECT count(DISTINCT customer_id) FROM line WHERE sold")),
    "revenue per order": (number(page.figures["Revenue per order"]),
                          rounded(one("SELECT sum(amount) FROM invoice WHERE ordered"), orders, 2)),
    "cancellations per order": (number(page.figures["Cancellations per order"]),
                                rounded(one("SELECT count(*) FROM invoice WHERE kind = 'cancellation'"), orders, 4)),
    "order lines": (number(page.figures["Order lines"]), one("SELECT count(*) FROM line")),
    "net revenue of a month": (cell(month, "Feb 2011", "Net revenue"),
                               one("SELECT sum(amount) FROM invoice WHERE month = 'Feb 2011'")),
    "cancelled in a month": (cell(month, "Feb 2011", "Cancelled"),
                             one("SELECT sum(amount) FROM invoice WHERE month = 'Feb 2011' AND kind = 'cancellation'")),
    "orders of a country": (cell(country, "France", "Orders"),
                            one("SELECT count(*) FROM invoice WHERE ordered AND country = 'France'")),
    "share of a country": (cell(country, "EIRE", "Share of net revenue"),
                           rounded(one("SELECT sum(amount) FROM invoice WHERE country = 'EIRE'"), total, 4)),
    "units of the top item": (cell("The 15 items that sold most units", "ODD", "Units"),
                              one("SELECT sum(quantity) FROM line WHERE item_code = 'ODD'")),
    "revenue of the top item": (cell("The 15 items with the highest net revenue", "ODD", "Net revenue"),
                                one("SELECT sum(amount) FROM line WHERE item_code = 'ODD'")),
    "new customers": (cell(customers, last[0], "New customers"),
                      one(f"SELECT count(*) FROM ({FIRST}) WHERE strftime(day, '%b %Y') = '{last[0]}'")),
    "orders of 200 to 400 pounds": (cell("Orders by value", "£200 to 400", "Orders"),
                                    one("SELECT count(*) FROM invoice WHERE ordered AND amount >= 200 AND amount < 400")),
}
differences = {name: f"{shown}, expected {expected}" for name, (shown, expected) in COMPARED.items() if shown != expected}
json.dump({"differences": differences, "requests": page.requests, "numbers": len(COMPARED)}, sys.stdout)
