#!/usr/bin/env python3
"""Somebody else's client against our sandbox: pycryptodome signs, requests sends.

    countersign sandbox --json | head -1 | python seed_client.py
    python seed_client.py '{"host": …, "ca": …, "client_id": …, …}'

The input is the line that `countersign sandbox --json` prints: host, ca, client_id,
tls_certificate, tls_key, signing_key. It asks for an application token, then for the greeting,
and prints the greeting as one line of JSON. Nothing of countersign's own code takes part.

Needs `pip install pycryptodome requests`.
"""

import json
import sys
import uuid
from base64 import b64encode
from datetime import datetime, timezone

import requests
from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import PKCS1_v1_5

FORM = "application/x-www-form-urlencoded"


class Client:
    def __init__(self, bank):
        self.bank = bank
        with open(bank["signing_key"], encoding="ascii") as file:
            self.signer = PKCS1_v1_5.new(RSA.importKey(file.read()))

    def call(self, method, endpoint, body="", token=None):
        """Sends one signed request and returns the JSON of a good answer."""
        date = datetime.now(timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")
        digest = "SHA-256=" + b64encode(SHA256.new(body.encode()).digest()).decode()
        request_id = str(uuid.uuid4())
        signature = self.signature(
            [
                ("(request-target)", f"{method.lower()} {endpoint}"),
                ("date", date),
                ("digest", digest),
                ("x-ing-reqid", request_id),
            ]
        )
        headers = {
            "Date": date,
            "Digest": digest,
            "X-ING-ReqID": request_id,
            "Content-Type": FORM,
            "Accept": "application/json",
        }
        if token is None:
            headers["Authorization"] = f"Signature {signature}"
        else:
            headers["Authorization"] = f"Bearer {token}"
            headers["Signature"] = signature
        answer = requests.request(
            method,
            self.bank["host"].rstrip("/") + endpoint,
            headers=headers,
            data=body,
            cert=(self.bank["tls_certificate"], self.bank["tls_key"]),
            verify=self.bank["ca"],
            timeout=10,
        )
        if answer.status_code != 200:
            sys.exit(f"{method} {endpoint}: {answer.status_code} {answer.text}")
        if answer.headers.get("X-ING-ReqID") != request_id:
            sys.exit(f"{method} {endpoint}: the answer is for another request")
        return answer.json()

    def signature(self, parts):
        """The value that carries the signature over the parts, in their order."""
        text = "\n".join(f"{name}: {value}" for name, value in parts)
        signed = b64encode(self.signer.sign(SHA256.new(text.encode()))).decode()
        fields = {
            "keyId": self.bank["client_id"],
            "algorithm": "rsa-sha256",
            "headers": " ".join(name for name, _ in parts),
            "signature": signed,
        }
        return ",".join(f'{name}="{value}"' for name, value in fields.items())


def main():
    line = sys.argv[1] if len(sys.argv) > 1 else sys.stdin.readline()
    client = Client(json.loads(line))
    token = client.call("POST", "/oauth2/token", "grant_type=client_credentials")
    greeting = client.call("GET", "/greetings/single", token=token["access_token"])
    print(json.dumps(greeting))


if __name__ == "__main__":
    main()
