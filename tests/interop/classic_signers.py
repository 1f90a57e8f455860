#!/usr/bin/env python3
"""Other people's implementations of AWS Signature Version 4, OAuth 1.0a and HMAC.

Reads one JSON object: `scheme`, `message` (what `countersign explain --json` prints), and what the
scheme needs. Signs the same request at the same moment with botocore, oauthlib, Mastercard's signer
or Python's hmac, and prints what they make of it as one JSON object.

Needs `pip install botocore oauthlib mastercard-oauth1-signer`.
"""

import base64
import hashlib
import hmac
import json
import sys
from datetime import datetime
from unittest import mock
from urllib.parse import urlsplit


def added_by_signing(name):
    return name.lower() in ("authorization", "x-amz-date", "x-amz-security-token")


def aws(task):
    import botocore.auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    message = task["message"]
    headers = {name: value for name, value in message["headers"] if not added_by_signing(name)}
    request = AWSRequest(message["method"], task["url"], headers, base64.b64decode(message["body_base64"]))
    credentials = Credentials(task["key_id"], task["secret"], task.get("token") or None)
    now = datetime.fromisoformat(task["now"].replace("Z", "+00:00"))
    if task["form"] == "query":
        signer = botocore.auth.SigV4QueryAuth(credentials, task["service"], task["region"], expires=task["expires"])
    else:
        signer = botocore.auth.SigV4Auth(credentials, task["service"], task["region"])
    with mock.patch("botocore.auth.get_current_datetime", return_value=now.replace(tzinfo=None)):
        signer.add_auth(request)
    return {"url": request.url, "authorization": request.headers.get("Authorization")}


def oauth(task):
    from oauthlib.oauth1 import Client

    message = task["message"]
    headers = {name: value for name, value in message["headers"] if not added_by_signing(name)}
    body = base64.b64decode(message["body_base64"]).decode()
    client = Client(
        task["key_id"],
        client_secret=task["secret"],
        resource_owner_key=task["token"],
        resource_owner_secret=task["token_secret"],
        signature_method=task["method"],
        nonce=task["nonce"],
        timestamp=task["timestamp"],
    )
    _, headers, _ = client.sign(message["url"], message["method"], body or None, headers)
    return {"authorization": headers["Authorization"]}


def mastercard(task):
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from oauth1 import coreutils
    from oauth1.oauth import OAuth

    message = task["message"]
    with open(task["key"], "rb") as file:
        key = load_pem_private_key(file.read(), None)
    body = base64.b64decode(message["body_base64"]).decode()
    with mock.patch.object(coreutils, "get_nonce", return_value=task["nonce"]), mock.patch.object(
        coreutils, "get_timestamp", return_value=task["timestamp"]
    ):
        header = OAuth.get_authorization_header(message["url"], message["method"], body, task["key_id"], key)
    return {"authorization": header}


def text_of_parts(task):
    """`{timestamp}{method}{target}{body}` with a base64 key, as Coinbase documents it."""
    message = task["message"]
    headers = {name.lower(): value for name, value in message["headers"]}
    url = urlsplit(message["url"])
    target = url.path + ("?" + url.query if url.query else "")
    body = base64.b64decode(message["body_base64"]).decode()
    text = headers["cb-access-timestamp"] + message["method"] + target + body
    made = hmac.new(base64.b64decode(task["secret"]), text.encode(), hashlib.sha256).digest()
    return {"signature": base64.b64encode(made).decode(), "sent": headers["cb-access-sign"]}


if __name__ == "__main__":
    given = json.load(sys.stdin)
    signers = {"aws": aws, "oauth": oauth, "mastercard": mastercard, "hmac": text_of_parts}
    print(json.dumps(signers[given["scheme"]](given)))
