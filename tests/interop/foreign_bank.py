#!/usr/bin/env python3
"""Somebody else's bank for our client: Python's ssl lets it in, httpsig verifies it.

    python foreign_bank.py --client-id ID --tls-certificate FILE --signing-key FILE

Prints one line of JSON, {"host": …, "ca": …}, once it listens on a free port of 127.0.0.1, and
ends when its standard input does. --tls-certificate is the one client certificate that is let in;
X.509 v1 and self-signed are fine, since it is its own trust anchor. --signing-key is the client's
public key, or a certificate over it. Requests are refused with 401 and the reason.

Needs `pip install httpsig "setuptools<81"` (httpsig imports pkg_resources) and the `openssl` program.
"""

import argparse
import base64
import hashlib
import http.server
import json
import pathlib
import secrets
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid
from email.utils import parsedate_to_datetime

from httpsig import HeaderVerifier

LIFE = 905
SKEW = 300
SIGNED = ["(request-target)", "date", "digest"]


class Refused(Exception):
    """A request that the bank does not serve: a status and a reason."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


class Bank:
    """What the bank knows and checks; nothing of it is about sockets."""

    def __init__(self, client_id, certificate, signing_key):
        self.client_id = client_id
        self.certificate = certificate
        self.signing_key = signing_key
        self.tokens = {}
        self.request_ids = set()
        self.lock = threading.Lock()

    def serve(self, peer, method, target, headers, body):
        if peer != self.certificate:
            raise Refused(401, "the TLS certificate is not the registered one")
        path = urllib.parse.urlsplit(target).path
        if (method, path) == ("POST", "/oauth2/token"):
            self.verify("authorization", method, target, headers, body)
            return self.token(body)
        if (method, path) == ("GET", "/greetings/single"):
            self.verify("signature", method, target, headers, body)
            self.check_token(headers.get("authorization", ""))
            return self.greeting()
        raise Refused(404, f"there is no {method} {path} here")

    def verify(self, carrier, method, target, headers, body):
        if carrier not in headers:
            raise Refused(401, f"there is no {carrier} header")
        try:
            verifier = HeaderVerifier(
                headers, self.signing_key, SIGNED, method=method, path=target, sign_header=carrier
            )
            good = verifier.verify()
        except Exception as error:  # httpsig raises bare Exception for what is missing
            raise Refused(401, f"httpsig: {error}") from error
        if not good:
            raise Refused(401, "httpsig: the signature does not verify")
        if verifier.auth_dict.get("keyid") != self.client_id:
            raise Refused(401, f"the keyId is {verifier.auth_dict.get('keyid')!r}")
        if verifier.auth_dict["algorithm"] != "rsa-sha256":
            raise Refused(401, f"the algorithm is {verifier.auth_dict['algorithm']}")
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if headers["digest"] != f"SHA-256={digest}":
            raise Refused(400, "the digest is not the body's")
        if abs(parsedate_to_datetime(headers["date"]).timestamp() - time.time()) > SKEW:
            raise Refused(401, "the date is too far from now")
        self.use(headers.get("x-ing-reqid", ""))

    def use(self, request_id):
        if not request_id:
            raise Refused(401, "there is no X-ING-ReqID")
        with self.lock:
            if request_id in self.request_ids:
                raise Refused(401, "the request id was used before")
            self.request_ids.add(request_id)

    def token(self, body):
        form = urllib.parse.parse_qs(body.decode(), strict_parsing=True)
        if form.get("grant_type") != ["client_credentials"]:
            raise Refused(400, "the grant type is not client_credentials")
        token = secrets.token_urlsafe(32)
        with self.lock:
            self.tokens[token] = time.monotonic() + LIFE
        return {
            "access_token": token,
            "expires_in": LIFE,
            "scope": "greetings:view",
            "token_type": "Bearer",
            "client_id": self.client_id,
        }

    def check_token(self, authorization):
        scheme, _, token = authorization.partition(" ")
        with self.lock:
            ends = self.tokens.get(token, 0)
        if scheme != "Bearer" or ends < time.monotonic():
            raise Refused(401, "the access token is missing, unknown or old")

    @staticmethod
    def greeting():
        return {
            "message": "Welcome to ING!",
            "id": str(uuid.uuid4()),
            "messageTimestamp": time.strftime("%Y-%m-%d %H:%M:%S GMT", time.gmtime()),
        }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        target = self.requestline.split(" ")[1]
        peer = self.connection.getpeercert(binary_form=True)
        try:
            status, answer = 200, self.server.bank.serve(peer, self.command, target, headers, body)
        except Refused as refused:
            status = refused.status
            answer = {"error": {"code": "Refused", "message": str(refused), "severity": "CRITICAL"}}
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-ING-Response-ID", str(uuid.uuid4()))
        if "x-ing-reqid" in headers:
            self.send_header("X-ING-ReqID", headers["x-ing-reqid"])
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer

    def log_message(self, form, *values):
        print(form % values, file=sys.stderr)


class Server(http.server.ThreadingHTTPServer):
    """Shakes hands in the connection's own thread, so that nobody waits for a slow client."""

    daemon_threads = True

    def __init__(self, bank, context):
        super().__init__(("127.0.0.1", 0), Handler)
        self.bank = bank
        self.context = context

    def finish_request(self, request, client_address):
        request.settimeout(10)
        with self.context.wrap_socket(request, server_side=True) as stream:
            super().finish_request(stream, client_address)

    def handle_error(self, request, client_address):
        print(f"{client_address[0]}: {sys.exc_info()[1]}", file=sys.stderr)


def make_server_certificate(folder):
    """A CA and a certificate for this machine; returns the paths of CA, certificate and key."""
    ca, ca_key, key, csr, crt, extensions = (
        str(folder / name) for name in ("ca.crt", "ca.key", "server.key", "server.csr", "server.crt", "ext")
    )
    pathlib.Path(extensions).write_text(
        "basicConstraints=critical,CA:FALSE\n"
        "extendedKeyUsage=serverAuth\n"
        "subjectAltName=DNS:localhost,IP:127.0.0.1\n",
        encoding="ascii",
    )
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for line in (
        ["req", "-x509", *new_key, "-keyout", ca_key, "-out", ca, "-days", "2", "-subj", "/CN=foreign bank CA"],
        ["req", "-new", *new_key, "-keyout", key, "-out", csr, "-subj", "/CN=localhost"],
        ["x509", "-req", "-in", csr, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial",
         "-days", "2", "-extfile", extensions, "-out", crt],
    ):  # fmt: skip
        subprocess.run(["openssl", *line], check=True, capture_output=True)
    return ca, crt, key


def make_context(certificate, key, client_certificate):
    """Lets in exactly the client's certificate: it is the only trust anchor there is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(client_certificate)
    # Its issuer need not be known: what is in the store itself is trusted.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def first_certificate(path):
    text = pathlib.Path(path).read_text(encoding="ascii")
    end = "-----END CERTIFICATE-----"
    start = text.index("-----BEGIN CERTIFICATE-----")
    return ssl.PEM_cert_to_DER_cert(text[start : text.index(end, start) + len(end)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--tls-certificate", required=True)
    parser.add_argument("--signing-key", required=True, help="public key or certificate, PEM")
    given = parser.parse_args()
    signing_key = pathlib.Path(given.signing_key).read_text(encoding="ascii")
    bank = Bank(given.client_id, first_certificate(given.tls_certificate), signing_key)
    with tempfile.TemporaryDirectory() as folder:
        ca, certificate, key = make_server_certificate(pathlib.Path(folder))
        server = Server(bank, make_context(certificate, key, given.tls_certificate))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(json.dumps({"host": f"https://127.0.0.1:{server.server_port}", "ca": ca}), flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
