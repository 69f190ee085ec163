"""Authorizes requests to the emulator.

- MiniStack's administration (paths that start with `/_`) requires the secret of the environment. Only the health
  check is open: it reveals nothing and changes nothing.
- Requests to the HTTP API (execute-api) are passed on, because each of its methods has its own authorization. Their
  paths stay percent-encoded, as in a REST API of AWS; MiniStack would decode them.
- All other requests must be signed. MiniStack verifies the signatures of IAM users and roles, but accepts the root's
  access key id without a signature. Here the root's signature is verified too.
"""

import hmac
import json
import os
import threading
from urllib.parse import parse_qs

SECRET_HEADER = b"x-riverhouse-secret"
SAVE = "/_riverhouse/save"
HEALTH = "/_ministack/health"
EXECUTE_API = "/_aws/execute-api/"
READS = ("Get", "List", "Describe", "BatchGet", "Query", "Scan", "Filter", "Select", "Assume")


class Gate:
    """The ASGI application in front of MiniStack's."""

    def __init__(self, app, keeper, secret: str):
        self.app, self.keeper, self.secret = app, keeper, secret.encode()
        verify_root()

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self.http(scope, receive, send)

    async def http(self, scope, receive, send):
        headers = dict(scope["headers"])
        refusal = self.refusal(scope, headers)
        if refusal is not None:
            await answer(send, 403, *refusal_body(headers, *refusal))
        elif scope["path"] == SAVE:
            kept = await self.keeper.save()
            await answer(send, 200 if kept else 500, b"application/json", json.dumps({"kept": kept}).encode())
        else:
            if changes(scope["method"], headers):
                self.keeper.changed()
            await self.app(with_raw_path(scope), receive, send)

    def refusal(self, scope, headers) -> tuple[str, str] | None:
        """Returns the code and message of a refusal; None if the request is allowed."""
        path, key = scope["path"], signing_key(scope, headers)
        if path == HEALTH and scope["method"] in ("GET", "HEAD"):
            return None
        # MiniStack selects some services by the host name, which an unsigned caller must not do.
        host = headers.get(b"host", b"").decode("latin-1").rpartition(":")[0]
        if path.startswith(EXECUTE_API) and host in ("127.0.0.1", "localhost"):
            return other_root(key)
        if path.startswith("/_"):
            known = hmac.compare_digest(headers.get(SECRET_HEADER, b""), self.secret)
            return None if known else ("AccessDenied", "The emulator's administration is for `stack` alone.")
        return other_root(key) if key else ("MissingAuthenticationToken", "The request is not signed.")


def with_raw_path(scope):
    """Returns the scope, with the path as it was sent if it is a path of the HTTP API."""
    raw_path = scope.get("raw_path", b"").decode("latin-1")
    return {**scope, "path": raw_path} if raw_path.startswith(EXECUTE_API) else scope


def signing_key(scope, headers) -> str:
    """Returns the access key id of the request; empty if the request is not signed."""
    from ministack.core.router import extract_access_key_id

    authorization = headers.get(b"authorization", b"").decode("latin-1")
    query = parse_qs(scope.get("query_string", b"").decode("utf-8", "replace"), keep_blank_values=True)
    signed = authorization.startswith("AWS4-HMAC-SHA256 ") or "X-Amz-Signature" in query
    return extract_access_key_id({"authorization": authorization}, query) if signed else ""


def other_root(key: str) -> tuple[str, str] | None:
    """Refuses access key ids of root other than ours: MiniStack accepts several."""
    from ministack.core.iam_evaluator import is_root_access_key

    if key and is_root_access_key(key) and key != os.environ["AWS_ACCESS_KEY_ID"]:
        return "InvalidClientTokenId", "The security token included in the request is invalid."
    return None


def verify_root() -> None:
    """Makes MiniStack verify the root's signatures like those of IAM users.

    MiniStack skips the verification if `_is_root_key` is true while `pin_signed_request` runs, so it returns false
    there, in the same thread.
    """
    from ministack import app as ministack
    from ministack.core import iam_evaluator

    pinning = threading.local()
    is_root, pin = iam_evaluator._is_root_key, iam_evaluator.pin_signed_request

    def is_root_key(key):
        return is_root(key) and not (key and getattr(pinning, "now", False))

    def pin_signed_request(*arguments, **named):
        pinning.now = True
        try:
            pin(*arguments, **named)
        finally:
            pinning.now = False

    iam_evaluator._is_root_key = is_root_key
    iam_evaluator.pin_signed_request = ministack.pin_signed_request = pin_signed_request


def changes(method: str, headers) -> bool:
    """Returns whether the request may change the state."""
    if method in ("GET", "HEAD", "OPTIONS"):
        return False
    action = headers.get(b"x-amz-target", b"").decode("latin-1").rpartition(".")[2]
    return not action.startswith(READS)


def refusal_body(headers, code: str, message: str) -> tuple[bytes, bytes]:
    """Returns content type and body of an error: JSON for the JSON protocols, XML otherwise."""
    if b"x-amz-target" in headers or b"json" in headers.get(b"content-type", b""):
        return b"application/json", json.dumps({"__type": code, "message": message}).encode()
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return b"application/xml", body.encode()


async def answer(send, status: int, content_type: bytes, body: bytes) -> None:
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
