"""Sends one HTTP request, signed by botocore's SigV4 signer if `service` is given.

Reads {method, url, headers: [[name, value]], body: BASE64, service} and prints {status, headers, body: BASE64}.
The request target is sent exactly as it is in the URL.
"""

import base64
import http.client
import json
import os
import sys
import urllib.parse

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

asked = json.load(sys.stdin)
url = urllib.parse.urlsplit(asked["url"])
body = base64.b64decode(asked["body"])
headers = dict(asked["headers"])
if asked["service"]:
    request = AWSRequest(asked["method"], asked["url"], headers, body)
    credentials = Credentials(
        os.environ["AWS_ACCESS_KEY_ID"],
        os.environ["AWS_SECRET_ACCESS_KEY"],
        os.environ.get("AWS_SESSION_TOKEN"),
    )
    SigV4Auth(credentials, asked["service"], os.environ["AWS_REGION"]).add_auth(request)
    headers = dict(request.headers)
connection = http.client.HTTPConnection(url.netloc, timeout=60)
target = url.path + ("?" + url.query if url.query else "")
connection.request(asked["method"], target, body or None, headers)
answer = connection.getresponse()
json.dump(
    {
        "status": answer.status,
        "headers": {name.lower(): value for name, value in answer.getheaders()},
        "body": base64.b64encode(answer.read()).decode(),
    },
    sys.stdout,
)
