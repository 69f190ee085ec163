"""psycopg2, with TLS verified, as the analysts' login."""

import json
import os
import sys

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
}
connection = connect()
connection.autocommit = True
cursor = connection.cursor()
cursor.execute("SELECT current_user, %s + 1, CAST('0.0010' AS DECIMAL(12,4)), NULL", (41,))
told["row"] = [None if value is None else str(value) for value in cursor.fetchone()]
cursor.itersize = 10
cursor.execute("SELECT * FROM analytics.top_items")
told["items"] = len(cursor.fetchall())
told["denied"] = error(lambda: cursor.execute("SELECT * FROM retail.sales_line"))
json.dump(told, sys.stdout)
