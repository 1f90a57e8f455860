#!/usr/bin/env python3
"""Somebody else's authorisation server for our client: jwcrypto verifies what it is told.

    python authorization_server.py --client-id ID --secret TEXT --key FILE --tls-certificate FILE

Prints one line of JSON, {"host": ..., "ca": ...}, once it listens on a free port of 127.0.0.1, and
ends when its standard input does. --key is the client's public key for assertions, in PEM;
--tls-certificate the certificate that is registered for it.

    POST /token          tells who the client is in one of five ways, and gets a token; a proof in
                         `DPoP` binds it to a key, mutual TLS to a certificate
    POST /nonce/token    the same, and the proof must have a nonce of this server
    POST /careless/token the same, and whatever is proved, the token is bound to nothing
    POST /mixed/token    the same, and the token is bound to somebody else's key and certificate
    GET  /resource       wants a token, with a proof where it is bound to a key
    GET  /nonce/resource the same, and the proof must have a nonce
    GET  /always/resource never accepts a nonce

Refusals are `{"error": ..., "error_description": ...}` with the reason.
"""

import argparse
import base64
import hashlib
import http.server
import json
import pathlib
import secrets
import ssl
import sys
import tempfile
import threading
import time
import urllib.parse

from jwcrypto import jwk, jws

from foreign_bank import Server, first_certificate, make_server_certificate

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SKEW = 60


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def now():
    return int(time.time())


class Refused(Exception):
    def __init__(self, status, error, reason, **headers):
        super().__init__(reason)
        self.status, self.error, self.headers = status, error, headers


class AuthorizationServer:
    def __init__(self, given, host):
        self.client_id, self.secret, self.host = given.client_id, given.secret, host
        self.key = jwk.JWK.from_pem(pathlib.Path(given.key).read_bytes())
        self.certificate = first_certificate(given.tls_certificate)
        self.own = jwk.JWK.generate(kty="EC", crv="P-256")
        self.used, self.nonces, self.tokens = set(), set(), {}
        self.lock = threading.Lock()

    def serve(self, peer, method, target, headers, body):
        path = urllib.parse.urlsplit(target).path
        kind, _, name = path.strip("/").rpartition("/")
        if (method, name) == ("POST", "token"):
            form = urllib.parse.parse_qs(body.decode(), keep_blank_values=True, strict_parsing=True)
            twice = [name for name, values in form.items() if len(values) > 1]
            if twice:
                raise Refused(400, "invalid_request", f"twice in the form: {twice}")
            how = self.authenticate(peer, path, headers, {name: values[0] for name, values in form.items()})
            key = self.proof(method, path, headers, None, kind == "nonce") if "dpop" in headers else None
            return self.token(kind, how, key, peer)
        if (method, name) == ("GET", "resource"):
            return self.resource(peer, kind, path, headers)
        raise Refused(404, "not_found", f"there is no {method} {path} here")

    def once(self, jti):
        with self.lock:
            if not jti or jti in self.used:
                raise Refused(400, "invalid_request", f"the jti {jti!r} is missing or was used before")
            self.used.add(jti)

    def authenticate(self, peer, path, headers, form):
        """RFC 6749, section 2.3: exactly one way to tell who the client is."""
        ways = [
            way
            for way, used in [
                ("basic", headers.get("authorization", "").lower().startswith("basic ")),
                ("body", "client_secret" in form),
                ("assertion", "client_assertion" in form),
            ]
            if used
        ]
        if len(ways) > 1:
            raise Refused(400, "invalid_request", f"the client says who it is in several ways: {ways}")
        way = ways[0] if ways else "tls"
        if way == "basic":
            encoded = base64.b64decode(headers["authorization"].split(" ", 1)[1], validate=True).decode()
            told, _, secret = encoded.partition(":")
            told, secret = urllib.parse.unquote_plus(told), urllib.parse.unquote_plus(secret)
        elif way == "body":
            told, secret = form.get("client_id"), form["client_secret"]
        elif way == "assertion":
            told, secret = self.assertion(path, form), self.secret
        else:
            told, secret = form.get("client_id"), self.secret
            if peer != self.certificate:
                raise Refused(401, "invalid_client", "the certificate of the connection is not the registered one")
        if told != self.client_id or secret != self.secret:
            raise Refused(401, "invalid_client", f"{way}: the client id or secret is wrong: {told!r}")
        return way

    def assertion(self, path, form):
        """RFC 7523, section 3."""
        if form.get("client_assertion_type") != ASSERTION:
            raise Refused(400, "invalid_request", f"the assertion is a {form.get('client_assertion_type')!r}")
        token = jws.JWS()
        token.allowed_algs = ["PS256", "PS512", "RS256", "ES256", "ES384", "ES512", "EdDSA", "HS256"]
        try:
            token.deserialize(form["client_assertion"])
            symmetric = token.jose_header["alg"].startswith("HS")
            secret = jwk.JWK(kty="oct", k=b64url(self.secret.encode()))
            token.verify(secret if symmetric else self.key)
        except Exception as error:
            raise Refused(401, "invalid_client", f"jwcrypto: {error!r}") from error
        claims = json.loads(token.payload)
        if claims["iss"] != claims["sub"] or claims["iss"] != form.get("client_id", claims["iss"]):
            raise Refused(401, "invalid_client", f"it is not clear whom the assertion is of: {claims}")
        if claims["aud"] != self.host + path:
            raise Refused(401, "invalid_client", f"the assertion is for {claims['aud']!r}, not {self.host + path!r}")
        if not claims["iat"] - SKEW <= now() < claims["exp"] <= claims["iat"] + 600:
            raise Refused(401, "invalid_client", f"the assertion is not good now: {claims}")
        self.once(claims["jti"])
        return claims["sub"]

    def proof(self, method, path, headers, token, wants_nonce):
        """RFC 9449, section 4.3; returns the thumbprint of the key."""

        def refuse(reason):
            challenge = {} if token is None else {"WWW-Authenticate": 'DPoP error="invalid_dpop_proof"'}
            return Refused(400 if token is None else 401, "invalid_dpop_proof", reason, **challenge)

        proof = jws.JWS()
        proof.allowed_algs = ["ES256", "ES384", "ES512", "PS256", "EdDSA"]
        try:
            proof.deserialize(headers["dpop"])
            key = jwk.JWK(**proof.jose_header["jwk"])
            proof.verify(key)
        except Exception as error:
            raise refuse(f"jwcrypto: {error!r}") from error
        claims = json.loads(proof.payload)
        if proof.jose_header["typ"] != "dpop+jwt" or key.has_private:
            raise refuse(f"the header is {proof.jose_header}")
        if (claims["htm"], claims["htu"]) != (method, self.host + path):
            raise refuse(f"the proof is for {claims['htm']} {claims['htu']}")
        if abs(claims["iat"] - now()) > SKEW:
            raise refuse(f"the proof was made at {claims['iat']}")
        self.once(claims["jti"])
        wanted = None if token is None else b64url(hashlib.sha256(token.encode()).digest())
        if claims.get("ath") != wanted:
            raise refuse(f"ath is {claims.get('ath')!r}, not {wanted!r}")
        if wants_nonce and claims.get("nonce") not in self.nonces:
            raise self.wants_nonce(token)
        return key.thumbprint()

    def wants_nonce(self, token):
        nonce = secrets.token_urlsafe(12)
        with self.lock:
            self.nonces.add(nonce)
        headers = {"DPoP-Nonce": nonce}
        if token is not None:
            headers["WWW-Authenticate"] = 'DPoP error="use_dpop_nonce", error_description="a nonce is needed"'
        return Refused(400 if token is None else 401, "use_dpop_nonce", "a nonce is needed", **headers)

    def token(self, kind, how, key, peer):
        confirmed = {}
        if key and kind != "careless":
            confirmed["jkt"] = key
        if peer == self.certificate and how == "tls":
            confirmed["x5t#S256"] = b64url(hashlib.sha256(peer).digest())
        if kind == "mixed":
            confirmed = {name: b64url(hashlib.sha256(name.encode()).digest()) for name in ("jkt", "x5t#S256")}
        claims = {"sub": self.client_id, "exp": now() + 300, "jti": secrets.token_urlsafe(8), "cnf": confirmed}
        made = jws.JWS(json.dumps(claims))
        made.add_signature(self.own, protected=json.dumps({"alg": "ES256", "typ": "at+jwt"}))
        token = made.serialize(compact=True)
        with self.lock:
            self.tokens[token] = confirmed
        bound = "DPoP" if "jkt" in confirmed else "Bearer"
        return {"access_token": token, "token_type": bound, "expires_in": 300, "authenticated_by": how}

    def resource(self, peer, kind, path, headers):
        scheme, _, token = headers.get("authorization", "").partition(" ")
        confirmed = self.tokens.get(token)
        if confirmed is None:
            raise Refused(401, "invalid_token", "the token is missing or unknown", **{"WWW-Authenticate": "DPoP"})
        if scheme != ("DPoP" if "jkt" in confirmed else "Bearer"):
            raise Refused(401, "invalid_token", f"the token comes as {scheme}")
        if kind == "always":
            raise self.wants_nonce(token)
        if "jkt" in confirmed and self.proof("GET", path, headers, token, kind == "nonce") != confirmed["jkt"]:
            raise Refused(401, "invalid_token", "the token is bound to another key")
        if "x5t#S256" in confirmed and confirmed["x5t#S256"] != b64url(hashlib.sha256(peer or b"").digest()):
            raise Refused(401, "invalid_token", "the token is bound to another certificate")
        return {"message": "it is yours", "scheme": scheme}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        peer = self.connection.getpeercert(binary_form=True)
        target = self.requestline.split(" ")[1]
        more = {}
        try:
            status, answer = 200, self.server.bank.serve(peer, self.command, target, headers, body)
        except Refused as refused:
            status, more = refused.status, refused.headers
            answer = {"error": refused.error, "error_description": str(refused)}
        content = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer

    def log_message(self, form, *values):
        print(form % values, file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    for name in ("client-id", "secret", "key", "tls-certificate"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ca, certificate, key = make_server_certificate(pathlib.Path(folder))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(given.tls_certificate)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        server = Server(None, context)
        server.RequestHandlerClass = Handler
        host = f"https://127.0.0.1:{server.server_port}"
        server.bank = AuthorizationServer(given, host)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(json.dumps({"host": host, "ca": ca}), flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
