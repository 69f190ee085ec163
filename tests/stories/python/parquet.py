"""Reads a Parquet file of order lines with DuckDB, and prints sums and column types."""

import json
import sys

import duckdb

file = json.load(sys.stdin)["file"]
db = duckdb.connect()
sums = db.execute(
    """SELECT count(*), sum(quantity), sum(quantity * unit_price), count(customer_id), max(invoice_ts)
       FROM read_parquet(?)""",
    [file],
).fetchone()
types = db.execute("DESCRIBE SELECT * FROM read_parquet(?)", [file]).fetchall()
json.dump({"sums": [str(value) for value in sums], "types": [row[:2] for row in types]}, sys.stdout)
