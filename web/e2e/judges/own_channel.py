"""The other side of an own channel. Its signatures are made and judged by somebody else's library; the test drives it.

Called as: own_channel.py PORT. POST /in takes the product's signed calls, GET /file.txt gives a file, POST /control does one thing.
"""

import json
import sys
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

STATE = {"secret": None, "hook": None, "answer": 200}
TAKEN = []
REFUSED = []


def take(body, headers):
    """A call of the product: believed only when the library says so."""
    try:
        if STATE["secret"] is None:
            raise WebhookVerificationError("no secret yet")
        call = Webhook(STATE["secret"]).verify(body, headers)
    except WebhookVerificationError as error:
        REFUSED.append(str(error))
        return 401, {"error": str(error)}
    if STATE["answer"] != 200:
        return STATE["answer"], {}
    is_repeat = any(known["id"] == headers["webhook-id"] for known in TAKEN)
    TAKEN.append({"id": headers["webhook-id"], "is_repeat": is_repeat, **call})
    return 200, {"external_id": f"theirs-{len(TAKEN)}"}


def say(type, data, id=None, minutes_off=0, secret=None, spoil=False):
    """A signed call to the product; answers its status."""
    now = datetime.now(tz=timezone.utc) + timedelta(minutes=minutes_off)
    body = json.dumps({"type": type, "timestamp": now.isoformat().replace("+00:00", "Z"), "data": data})
    id = id or f"evt_{uuid.uuid4()}"
    headers = {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret or STATE["secret"]).sign(id, now, body),
    }
    body += " " if spoil else ""
    try:
        with urllib.request.urlopen(urllib.request.Request(STATE["hook"], body.encode(), headers)) as answer:
            return {"status": answer.status}
    except urllib.error.HTTPError as error:
        return {"status": error.code, **json.load(error)}


def control(do, **command):
    if do == "set":
        STATE.update(command)
        return STATE
    if do == "say":
        return say(**command)
    return {"taken": TAKEN, "refused": REFUSED}


class Side(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/control":
            return self.answer(200, control(**json.loads(body)))
        return self.answer(*take(body, {name.lower(): value for name, value in self.headers.items()}))

    def do_GET(self):
        self.answer(200, {"file": "of the other side"})

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Side).serve_forever()
