"""Connects with psycopg2 and verified TLS, as the analysts' database user."""

import json
import os
import sys

import certifi
import psycopg2

door = json.load(sys.stdin)
os.environ["PGPASSFILE"] = door["pgpass"]


def connect(**other):
    arguments = {
        "host": door["host"],
        "port": door["port"],
        "dbname": door["database"],
        "user": door["user"],
        "sslmode": "verify-full",
        "sslrootcert": door["sslrootcert"],
        "gssencmode": "disable",
    }
    return psycopg2.connect(**(arguments | other))


def error(action):
    try:
        action()
    except psycopg2.Error as raised:
        return str(raised)
    return None


told = {
    "without_tls": error(lambda: connect(sslmode="disable")),
    "wrong_password": error(lambda: connect(password="Wrong-Password-1")),
    "untrusted": error(lambda: connect(sslrootcert=certifi.where())),
    "wrong_name": error(lambda: connect(host="wrong.example", hostaddr="127.0.0.1")),
    "other_roots": certifi.where(),
}
connection = connect()
cursor = connection.cursor()
cursor.execute("SELECT current_user, %s + 1, CAST('0.0010' AS DECIMAL(12,4)), NULL", (41,))
told["row"] = [None if value is None else str(value) for value in cursor.fetchone()]
cursor.execute("SELECT * FROM analytics.top_items")
told["items"] = len(cursor.fetchall())
# A named cursor is on the server, which returns its rows page by page.
with connection.cursor(name="pages") as pages:
    pages.execute("SELECT n FROM generate_series(1, 25) AS n")
    told["pages"] = [len(pages.fetchmany(10)) for _ in range(4)]
told["denied"] = error(lambda: cursor.execute("SELECT * FROM retail.sales_line"))
json.dump(told, sys.stdout)
