"""Sends order lines from a CSV to the API of an environment. Needs Python 3.10 or later and no packages.

    eval "$(stack outputs --env)"
    python3 examples/producer.py till-7 < orders.csv

The header of the CSV has the names of the fields: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice,
CustomerID, Country. The first argument names the source. It becomes part of each event's id, so another file needs
another name, and the same file can be sent again: an event that arrives twice counts once. Values are sent as text, so
that no price is rounded. On AWS, set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for a role, AWS_SESSION_TOKEN.

Prints the number of accepted and rejected events. Exit code 1: an event was rejected, or the API did not answer.
"""

import csv
import datetime
import hashlib
import hmac
import http.client
import itertools
import json
import os
import random
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

BATCH = 500  # The API's limit of events in a request.
ATTEMPTS = 12  # With waits of at most two minutes together.
LONGEST_WAIT = 10.0  # Seconds.
# Throttled or not confirmed. The events may have arrived; it is safe to send them again with the same ids.
RETRIED = {429, 500, 502, 503, 504}


def signed(url: str, body: bytes, now: datetime.datetime) -> urllib.request.Request:
    """Returns a POST request with Signature Version 4.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    """
    parts = urllib.parse.urlsplit(url)
    moment, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    headers = {"content-type": "application/json", "host": parts.netloc, "x-amz-date": moment}
    if token := os.environ.get("AWS_SESSION_TOKEN"):
        headers["x-amz-security-token"] = token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    path = urllib.parse.quote(parts.path)
    canonical = "\n".join(["POST", path, "", lines, names, hashlib.sha256(body).hexdigest()])
    scope = f"{day}/{os.environ['AWS_REGION']}/execute-api/aws4_request"
    key = b"AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"].encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return urllib.request.Request(url, body, headers, method="POST")


def post(url: str, events: list[dict]) -> dict:
    """Sends the events until the API has answered for each of them, and returns its response."""
    body = json.dumps(events).encode()
    for attempt in itertools.count(1):
        asked = 0.0
        try:
            request = signed(url, body, datetime.datetime.now(datetime.timezone.utc))
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode(errors="replace")
            if status == 400 and '"rejected"' in text:
                return json.loads(text)
            if status not in RETRIED or attempt == ATTEMPTS:
                sys.exit(f"{url} returned {status}: {text}")
            asked = float(error.headers.get("Retry-After") or 0)
        except (OSError, http.client.HTTPException) as error:
            if attempt == ATTEMPTS:
                sys.exit(f"cannot reach {url}: {error}")
        wait = min(LONGEST_WAIT, 0.1 * 2**attempt) * random.uniform(0.5, 1)
        time.sleep(max(wait, min(asked, LONGEST_WAIT)))


def main(source: str) -> int:
    url = os.environ["RIVERHOUSE_API_URL"] + "/events"
    events = ({"EventId": f"{source}/{number}", **row} for number, row in enumerate(csv.DictReader(sys.stdin), 1))
    accepted = rejected = 0
    while batch := list(itertools.islice(events, BATCH)):
        answer = post(url, batch)
        accepted += answer["accepted"]
        rejected += len(answer["rejected"])
        for one in answer["rejected"]:
            print(f"rejected: {batch[one['index']]['EventId']}: {one['field']}: {one['reason']}", file=sys.stderr)
    print(f"{accepted} accepted, {rejected} rejected")
    return 1 if rejected else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: producer.py SOURCE < orders.csv")
    sys.exit(main(sys.argv[1]))
