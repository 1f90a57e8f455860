#!/usr/bin/env python3
"""Somebody else's RFC 9421: http-message-signatures verifies our requests, and signs some for us.

    python message_signatures.py verify < message.json
    python message_signatures.py sign < message.json

The input is one JSON object: `algorithm` by its name in the RFC; `key`, the path of a PEM file, or
`secret`, text; the request as `countersign explain --json` prints it (`method`, `url`, `headers`,
`body_base64`), or an answer: `status`, `headers`, `body_base64`, and the `request`. Verifying needs `tag` and `components`, those that must be signed, and prints the
signature base; `checks_body: false` is for a signature that leaves the body to another one. Signing needs `key_id`, `label`, `components`, and may have `created`, `expires`,
`nonce`, `tag`; it prints the headers of the signed message. Nothing of countersign's own code
takes part.

Needs `pip install http-message-signatures`.
"""

import base64
import datetime
import json
import pathlib
import sys

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

ALGORITHMS = {
    "rsa-pss-sha512": algorithms.RSA_PSS_SHA512,
    "rsa-v1_5-sha256": algorithms.RSA_V1_5_SHA256,
    "hmac-sha256": algorithms.HMAC_SHA256,
    "ecdsa-p256-sha256": algorithms.ECDSA_P256_SHA256,
    "ecdsa-p384-sha384": algorithms.ECDSA_P384_SHA384,
    "ed25519": algorithms.ED25519,
}


class Headers:
    """Header lines in their order, as the library asks for them."""

    def __init__(self, lines):
        self.lines = [tuple(line) for line in lines]

    def items(self):
        return list(self.lines)

    def __iter__(self):
        return iter(dict.fromkeys(name for name, _ in self.lines))

    def __contains__(self, name):
        return any(known.lower() == name.lower() for known, _ in self.lines)

    def __setitem__(self, name, value):
        if name in self:
            del self[name]
        self.lines.append((name, value))

    def __delitem__(self, name):
        self.lines = [line for line in self.lines if line[0].lower() != name.lower()]


class Request:
    """A request with what can be signed of it."""

    def __init__(self, given):
        self.method = given["method"]
        self.url = given["url"]
        self.headers = Headers(given["headers"])
        self.body = base64.b64decode(given["body_base64"])


class Answer:
    """An answer with what can be signed of it and of its request."""

    def __init__(self, given):
        self.status_code = given["status"]
        self.headers = Headers(given["headers"])
        self.body = base64.b64decode(given["body_base64"])
        self.request = Request(given["request"])


class Key(HTTPSignatureKeyResolver):
    """The one key, whatever it is called."""

    def __init__(self, given):
        if "secret" in given:
            self.private = self.public = given["secret"].encode()
        else:
            self.private = load_pem_private_key(pathlib.Path(given["key"]).read_bytes(), None)
            self.public = self.private.public_key()

    def resolve_public_key(self, key_id):
        return self.public

    def resolve_private_key(self, key_id):
        return self.private


def verify(given, algorithm, key, message):
    verifier = HTTPMessageVerifier(signature_algorithm=algorithm, key_resolver=key)
    (result,) = verifier.verify(
        message,
        expect_tag=given["tag"],
        require_components=given["components"],
        body=message.body if message.body and given.get("checks_body", True) else None,
    )
    covered = result.covered_components.items()
    return {"signing_string": "\n".join(f"{name}: {value}" for name, value in covered)}


def sign(given, algorithm, key, message):
    def moment(name):
        seconds = given.get(name)
        return seconds and datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)

    signer = HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=key)
    signer.sign(
        message,
        key_id=given["key_id"],
        created=moment("created"),
        expires=moment("expires"),
        nonce=given.get("nonce"),
        label=given["label"],
        tag=given.get("tag"),
        covered_component_ids=tuple(given["components"]),
        append_if_signature_exists=True,
        body=message.body if message.body else None,
    )
    return {"headers": message.headers.items()}


def main():
    given = json.load(sys.stdin)
    action = {"verify": verify, "sign": sign}[sys.argv[1]]
    message = Answer(given) if "status" in given else Request(given)
    print(json.dumps(action(given, ALGORITHMS[given["algorithm"]], Key(given), message)))


if __name__ == "__main__":
    main()
