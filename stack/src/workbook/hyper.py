"""Writes a Tableau extract.

Reads {"path", "statements", "questions"} as JSON from standard input: the file to create, SQL to run, and queries. Prints
the first row of each query as JSON, with numbers as text.
"""

import json
import sys

from tableauhyperapi import Connection, CreateMode, HyperException, HyperProcess, Telemetry

asked = json.load(sys.stdin)
# Without a log, which Hyper would write into the current folder.
settings = {"log_config": ""}
try:
    with (
        HyperProcess(Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters=settings) as hyper,
        Connection(hyper.endpoint, asked["path"], CreateMode.CREATE) as connection,
    ):
        for statement in asked["statements"]:
            connection.execute_command(statement)
        rows = [connection.execute_list_query(question)[0] for question in asked["questions"]]
except HyperException as error:
    sys.exit(str(error))
json.dump([[None if value is None else str(value) for value in row] for row in rows], sys.stdout)
