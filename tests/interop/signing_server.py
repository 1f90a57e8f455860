#!/usr/bin/env python3
"""Somebody else's FAPI server: http-message-signatures verifies requests and signs the answers.

    python signing_server.py --client FILE --server FILE

Prints one line of JSON, {"host": …}, once it listens on a free port of 127.0.0.1 without TLS, and
ends when its standard input does. --client is the PEM of the key whose public half verifies
requests (ECDSA on P-256), --server that of the Ed25519 key that signs answers. A request that does
not verify is refused with 401 and the reason, in an answer that is signed all the same. Nothing of
countersign's own code takes part.

Needs `pip install http-message-signatures`.
"""

import argparse
import base64
import http.server
import json
import sys
import threading

from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, algorithms
from message_signatures import Answer, Key, Request

REQUEST = ("@method", "@target-uri", "authorization")
ANSWER = ("@status", '"@method";req', '"@target-uri";req', '"signature";req', "content-type")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = {
            "method": self.command,
            "url": f"http://{self.headers['Host']}{self.path}",
            "headers": self.headers.items(),
            "body_base64": base64.b64encode(body).decode(),
        }
        status, content = self.verify(Request(request))
        answer = Answer(
            {
                "status": status,
                "headers": [["Content-Type", "application/json"]],
                "body_base64": base64.b64encode(json.dumps(content).encode()).decode(),
                "request": request,
            }
        )
        signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=self.server.own)
        signer.sign(
            answer,
            key_id="server",
            label="bank",
            tag="fapi-2-response",
            include_alg=False,
            covered_component_ids=ANSWER,
            body=answer.body,
        )
        self.send_response(status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def verify(self, request):
        verifier = HTTPMessageVerifier(
            signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=self.server.client
        )
        try:
            verifier.verify(
                request, expect_tag="fapi-2-request", require_components=REQUEST, body=request.body
            )
        except Exception as error:  # the library refuses with several kinds
            return 401, {"message": str(error)}
        return 201, {"status": "paid"}

    def log_message(self, form, *values):
        print(form % values, file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--client", required=True)
    parser.add_argument("--server", required=True)
    given = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.client, server.own = Key({"key": given.client}), Key({"key": given.server})
    print(json.dumps({"host": f"http://127.0.0.1:{server.server_port}"}), flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
