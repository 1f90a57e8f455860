#!/usr/bin/env python3
"""Somebody else's signed requests: each bank's documentation followed by hand, pycryptodome signs.

    echo '{"now": …, "key": …, "certificate": …, "requests": [{"profile": …, …}]}' | python bank_requests.py

Each request has profile, method, url, headers and body, and key_id where the API hands one out.
Prints a JSON list: for each request the headers that the bank must see and the text that was
signed. Nothing of countersign's own code takes part; what is in the certificate, openssl says.

Needs `pip install pycryptodome` and the `openssl` program.
"""

import base64
import json
import subprocess
import sys
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlsplit

from Crypto.Hash import SHA256, SHA512
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15


def base64_of(data):
    return base64.b64encode(data).decode("ascii")


class Signer:
    """A key and its certificate, and the moment of signing."""

    def __init__(self, key, certificate, now):
        with open(key, encoding="ascii") as file:
            self.key = RSA.import_key(file.read())
        self.certificate = certificate
        self.http_date = format_datetime(now, usegmt=True)
        self.iso_date = now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def openssl(self, *options):
        line = ["openssl", "x509", "-in", self.certificate, *options]
        return subprocess.run(line, check=True, capture_output=True).stdout

    def serial(self):
        return self.openssl("-noout", "-serial").decode().strip().removeprefix("serial=")

    def issuer(self):
        return self.openssl("-noout", "-issuer", "-nameopt", "RFC2253").decode().strip().removeprefix("issuer=")

    def der(self):
        return base64_of(self.openssl("-outform", "DER"))

    def sign(self, text, hash_of):
        return base64_of(pkcs1_15.new(self.key).sign(hash_of.new(text.encode("ascii"))))


def target(request):
    url = urlsplit(request["url"])
    return request["method"].lower() + " " + url.path + ("?" + url.query if url.query else "")


def cavage(key_id, algorithm, names, signature):
    return f'keyId="{key_id}",algorithm="{algorithm}",headers="{" ".join(names)}",signature="{signature}"'


def signature_header(signer, lines, key_id, hash_of, algorithm):
    """The `Signature` header of most banks, and the text that it is of."""
    text = "\n".join(f"{name}: {value}" for name, value in lines)
    names = [name for name, _ in lines]
    return cavage(key_id, algorithm, names, signer.sign(text, hash_of)), text


def sent(headers, *names):
    """Those of the headers that the request has."""
    lower = {name.lower(): value for name, value in headers.items()}
    return [(name, lower[name]) for name in names if name in lower]


def rabobank(signer, request):
    """https://developer.rabobank.nl/signing-requests-psd2-apis, steps 2 to 6."""
    digest = "sha-512=" + base64_of(SHA512.new(request["body"].encode()).digest())
    lines = [("date", signer.http_date), ("digest", digest)]
    lines += sent(request["headers"], "x-request-id", "tpp-redirect-uri")
    key_id = str(int(signer.serial(), 16))
    value, text = signature_header(signer, lines, key_id, SHA512, "rsa-sha512")
    return {"date": signer.http_date, "digest": digest, "tpp-signature-certificate": signer.der(), "signature": value}, text


def nordea(signer, request):
    """https://support.nordeaopenbanking.com/hc/en-us/articles/360009555599"""
    host = urlsplit(request["url"]).netloc
    headers = {"x-nordea-originating-host": host, "x-nordea-originating-date": signer.http_date}
    lines = [("(request-target)", target(request)), *headers.items()]
    if request["method"] in ("POST", "PUT", "PATCH"):
        headers["digest"] = "sha-256=" + base64_of(SHA256.new(request["body"].encode()).digest())
        lines += sent(request["headers"], "content-type") + [("digest", headers["digest"])]
    headers["signature"], text = signature_header(signer, lines, request["key_id"], SHA256, "rsa-sha256")
    return headers, text


def xs2a(signer, request, key_id, algorithm, optional):
    """NextGenPSD2 implementation guidelines 1.3, section 12 (signing messages)."""
    headers = {"digest": "SHA-256=" + base64_of(SHA256.new(request["body"].encode()).digest())}
    lines = [("digest", headers["digest"]), *sent(request["headers"], "x-request-id", *optional)]
    headers["signature"], text = signature_header(signer, lines, key_id, SHA256, algorithm)
    headers["tpp-signature-certificate"] = signer.der()
    return headers, text


def berlin_group(signer, request):
    optional = ("date", "psu-id", "psu-corporate-id", "tpp-redirect-uri")
    return xs2a(signer, request, f"SN={signer.serial()},CA={signer.issuer()}", "rsa-sha256", optional)


def redsys(signer, request):
    """As the guidelines, but for the number base and the name of the algorithm."""
    key_id = f"SN={int(signer.serial(), 16)},CA={signer.issuer()}"
    return xs2a(signer, request, key_id, "SHA-256", ("tpp-redirect-uri",))


def stet(signer, request):
    """STET PSD2 API 1.6.3, part 1, section 3.5.1 (HTTP signature)."""
    headers = {
        "date": signer.http_date,
        "digest": "SHA-256=" + base64_of(SHA256.new(request["body"].encode()).digest()),
    }
    whole = {**request["headers"], **headers, "host": urlsplit(request["url"]).netloc}
    order = ("accept", "host", "date", "content-type", "x-request-id", "digest", "authorization")
    lines = [("(request-target)", target(request)), *sent(whole, *order)]
    headers["signature"], text = signature_header(signer, lines, request["key_id"], SHA256, "rsa-sha256")
    return headers, text


def starling(signer, request):
    """https://developer.starlingbank.com/docs, API keys and message signing."""
    body = request["body"].encode()
    digest = base64_of(SHA512.new(body).digest()) if body else "X"
    text = f"(request-target): {target(request)}\nDate: {signer.iso_date}\nDigest: {digest}"
    signature = (
        f'Signature keyid="{request["key_id"]}",algorithm="rsa-sha512",'
        f'headers="(request-target) Date Digest",signature="{signer.sign(text, SHA512)}"'
    )
    token = request["headers"].get("Authorization")
    authorization = f"{token};{signature}" if token else signature
    return {"date": signer.iso_date, "digest": digest, "authorization": authorization}, text


def activitypub(signer, request):
    """https://docs.joinmastodon.org/spec/security/#http"""
    headers = {"date": signer.http_date}
    lines = [("(request-target)", target(request)), ("host", urlsplit(request["url"]).netloc), ("date", headers["date"])]
    if request["body"]:
        headers["digest"] = "SHA-256=" + base64_of(SHA256.new(request["body"].encode()).digest())
        lines.append(("digest", headers["digest"]))
    headers["signature"], text = signature_header(signer, lines, request["key_id"], SHA256, "rsa-sha256")
    return headers, text


BANKS = {
    "rabobank": rabobank,
    "nordea": nordea,
    "berlin-group": berlin_group,
    "redsys": redsys,
    "stet": stet,
    "starling": starling,
    "activitypub": activitypub,
}


def main():
    asked = json.load(sys.stdin)
    signer = Signer(asked["key"], asked["certificate"], datetime.fromisoformat(asked["now"]))
    answers = []
    for request in asked["requests"]:
        headers, text = BANKS[request["profile"]](signer, request)
        answers.append({"headers": headers, "signing_string": text})
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
