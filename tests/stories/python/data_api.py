"""Uses the Redshift Data API through boto3, which reads its endpoint from the environment variables only."""

import json
import sys

import boto3

cluster = json.load(sys.stdin)
client = boto3.client("redshift-data")
place = {"ClusterIdentifier": cluster["cluster_identifier"], "Database": cluster["database"]}


def run(sql, **more):
    sent = client.execute_statement(Sql=sql, WaitTimeSeconds=30, **place, **more)
    return client.describe_statement(Id=sent["Id"], WaitTimeSeconds=30)


def error(action):
    try:
        action()
    except client.exceptions.ClientError as raised:
        return raised.response["Error"]["Code"]
    return None


many = run("SELECT REPEAT('x', 1000) AS text FROM svv_columns a, svv_columns b LIMIT 3000")
pages = client.get_paginator("get_statement_result").paginate(Id=many["Id"])
counts = [len(page["Records"]) for page in pages]
row = run("SELECT :a + 1, CAST(0.001 AS DECIMAL(12,4)), NULL", Parameters=[{"name": "a", "value": "41"}])
failed = run("SELECT * FROM retail.none_such")
batch = client.batch_execute_statement(Sqls=["SELECT 1", "SELECT 2 / 0"], WaitTimeSeconds=30, **place)
batch = client.describe_statement(Id=batch["Id"], WaitTimeSeconds=30)
told = {
    "many": many["Status"],
    "pages": len(counts),
    "rows": sum(counts),
    "row": client.get_statement_result(Id=row["Id"])["Records"][0] if row["Status"] == "FINISHED" else row,
    "failed": [failed["Status"], failed["Error"]],
    "batch": [batch["Status"], [part["Status"] for part in batch["SubStatements"]]],
    "unknown_id": error(lambda: client.describe_statement(Id="00000000-0000-0000-0000-000000000000")),
    "no_result": error(lambda: client.get_statement_result(Id=failed["Id"])),
    "too_long": error(lambda: run("SELECT '" + "x" * 110_000 + "'")),
}
json.dump(told, sys.stdout)
