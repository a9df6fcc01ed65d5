"""A push service whose notes are unsealed and whose proofs are checked by somebody else's libraries; the test drives it.

Called as: push_service.py PORT. POST /push/ID takes a note (RFC 8030), POST /control does one thing. `http_ece` unseals (RFC 8291), `jwt` and
`cryptography` check the proof (RFC 8292).
"""

import base64
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import http_ece
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

PORT = int(sys.argv[1])
ORIGIN = f"http://127.0.0.1:{PORT}"
DEVICES = {}
NOTES = []
REFUSED = []
STATE = {"answer": 201}


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def subscribe(name):
    """A browser's own half: what `PushSubscription.toJSON()` gives."""
    key, auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
    DEVICES[name] = (key, auth)
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return {"endpoint": f"{ORIGIN}/push/{name}", "keys": {"p256dh": encode(point), "auth": encode(auth)}}


def proven(header):
    """Who sends, as the proof says; the library refuses what is forged, old or meant for another."""
    parts = dict(part.strip().split("=", 1) for part in header.removeprefix("vapid ").split(","))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(parts["k"]))
    claims = jwt.decode(parts["t"], public, algorithms=["ES256"], audience=ORIGIN, options={"require": ["exp", "sub"]})
    return {"key": parts["k"], **claims}


def take(name, headers, body):
    if STATE["answer"] != 201:
        return STATE["answer"], {}
    try:
        key, auth = DEVICES[name]
        claims = proven(headers["authorization"])
        assert headers["content-encoding"] == "aes128gcm" and int(headers["ttl"]) > 0
        note = http_ece.decrypt(body, private_key=key, auth_secret=auth, version="aes128gcm")
        NOTES.append({"name": name, "claims": claims, "topic": headers.get("topic"), **json.loads(note)})
    except Exception as error:  # What no library believes is shown by the test.
        REFUSED.append(repr(error))
        return 400, {"error": repr(error)}
    return 201, {}


def control(do, **command):
    if do == "subscribe":
        return subscribe(**command)
    if do == "set":
        STATE.update(command)
        return STATE
    return {"notes": NOTES, "refused": REFUSED}


class Service(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/control":
            return self.answer(200, control(**json.loads(body)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        return self.answer(*take(self.path.removeprefix("/push/"), headers, body))

    def do_GET(self):
        self.answer(200, {})

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", PORT), Service).serve_forever()
