"""Connects with Amazon's driver and verified TLS, as the analysts' database user."""

import json
import os
import sys

import redshift_connector

door = json.load(sys.stdin)
with open(door["pgpass"], encoding="utf-8") as file:
    password = file.readline().strip().rsplit(":", 1)[1]


def connect(**other):
    arguments = {
        "host": door["host"],
        "port": door["port"],
        "database": door["database"],
        "user": door["user"],
        "password": password,
        "ssl": True,
        "sslmode": "verify-full",
    }
    return redshift_connector.connect(**(arguments | other))


def error(action):
    try:
        action()
    except Exception as raised:  # the error is the result
        return f"{type(raised).__name__}: {raised}"
    return None


told = {"untrusted": error(connect)}
os.environ["SSL_CERT_FILE"] = door["sslrootcert"]
# This address reaches the same server, but it is not in the certificate.
told["wrong_name"] = error(lambda: connect(host="0.0.0.0"))
told["wrong_password"] = error(lambda: connect(password="Wrong-Password-1"))
with connect() as connection:
    cursor = connection.cursor()
    cursor.execute("SELECT current_user, %s + 1, CAST('0.0010' AS DECIMAL(12,4)), NULL", (41,))
    told["row"] = [None if value is None else str(value) for value in cursor.fetchone()]
    cursor.execute("CREATE TEMP TABLE numbers (n INTEGER)")
    cursor.executemany("INSERT INTO numbers (n) VALUES (%s)", [[n] for n in range(25)])
    cursor.execute("SELECT n FROM numbers ORDER BY n")
    pages = []
    while page := cursor.fetchmany(10):
        pages.append(len(page))
    told["pages"] = pages
    cursor.execute("SELECT COUNT(*) FROM analytics.top_items")
    told["items"] = cursor.fetchone()[0]
    connection.rollback()
    told["denied"] = error(lambda: cursor.execute("SELECT * FROM retail.sales_line"))
json.dump(told, sys.stdout)
