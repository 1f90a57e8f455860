#!/usr/bin/env python3
"""Somebody else's JSON Web Signatures: jwcrypto and TrueLayer's own library check ours, and sign for us.

    python jws.py verify < message.json
    python jws.py sign < message.json
    python jws.py truelayer-verify < message.json
    python jws.py truelayer-sign < message.json

The input is one JSON object. `verify`: `signature` (the value of the header, detached), `key` (the
path of a private key in PEM; its public half is used) and `payload` in base64. `sign`: `key`,
`payload`, and `protected`, the header as an object. For TrueLayer: `method`, `path`, `headers`,
`body` in base64, `kid`, and `signature` where one is checked. What is signed is printed; a
signature that does not verify ends with 1. Nothing of countersign's own code takes part.

Needs `pip install jwcrypto truelayer-signing`.
"""

import base64
import json
import pathlib
import sys

from jwcrypto import jwk, jws
from jwcrypto.common import JWSEHeaderParameter
from truelayer_signing import HttpMethod, sign_with_pem, verify_with_pem

# jwcrypto refuses critical members that it does not know itself (RFC 7515, section 4.1.11).
CRITICAL = [
    "sigT",
    "sigD",
    "http://openbanking.org.uk/iat",
    "http://openbanking.org.uk/iss",
    "http://openbanking.org.uk/tan",
]
REGISTRY = {name: JWSEHeaderParameter(name, True, True, None) for name in CRITICAL}


def key(given):
    return jwk.JWK.from_pem(pathlib.Path(given["key"]).read_bytes())


def signature(payload):
    made = jws.JWS(payload, header_registry=REGISTRY)
    made.allowed_algs = ["PS256", "RS256", "ES256", "ES384", "ES512", "EdDSA"]
    return made


def verify(given):
    made = signature(None)
    made.deserialize(given["signature"])
    payload = base64.b64decode(given["payload"])
    public = jwk.JWK.from_json(key(given).export_public())
    made.verify(public, detached_payload=payload)
    return {"protected": made.jose_header}


def sign(given):
    made = signature(base64.b64decode(given["payload"]))
    made.add_signature(key(given), protected=json.dumps(given["protected"]))
    made.detach_payload()
    return {"signature": made.serialize(compact=True)}


def truelayer(given, start):
    for name, value in given["headers"]:
        start = start.add_header(name, value)
    return start.set_method(HttpMethod[given["method"]]).set_path(given["path"]).set_body(
        base64.b64decode(given["body"]).decode()
    )


def pem(given, public):
    from cryptography.hazmat.primitives import serialization as form

    private = form.load_pem_private_key(pathlib.Path(given["key"]).read_bytes(), None)
    if public:
        return private.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo).decode()
    return private.private_bytes(
        form.Encoding.PEM, form.PrivateFormat.TraditionalOpenSSL, form.NoEncryption()
    ).decode()


def truelayer_verify(given):
    truelayer(given, verify_with_pem(pem(given, True))).verify(given["signature"])
    return {}


def truelayer_sign(given):
    return {"signature": truelayer(given, sign_with_pem(given["kid"], pem(given, False))).sign()}


ACTIONS = {
    "verify": verify,
    "sign": sign,
    "truelayer-verify": truelayer_verify,
    "truelayer-sign": truelayer_sign,
}

if __name__ == "__main__":
    print(json.dumps(ACTIONS[sys.argv[1]](json.load(sys.stdin))))
