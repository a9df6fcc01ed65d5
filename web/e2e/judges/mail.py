"""A company's mail server and its clients' mail programs, made of what others wrote: aiosmtpd takes letters, Python's own email reads and
writes them, and imaplib puts them into a mailbox that pymap holds. Started with the ports for SMTP, IMAP (pymap's) and commands."""

import email
import email.policy
import imaplib
import json
import sys
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER, PASSWORD = "demouser", "demopass"
posted: list[dict] = []
answers: list[str] = []


class Takes:
    """Keeps what it is given, unless told to answer otherwise."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if answers:
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        posted.append(read(envelope))
        return "250 2.0.0 taken"


def read(envelope) -> dict:
    """A letter as a mail program reads it; what is wrong with its form is told, too."""
    letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
    defects = [str(d) for part in letter.walk() for d in part.defects]
    defects += [str(d) for value in letter.values() for d in getattr(value, "defects", [])]
    files = [
        {"name": part.get_filename(), "mime": part.get_content_type(), "size": len(part.get_payload(decode=True))}
        for part in letter.iter_attachments()
    ]
    return {
        "from": envelope.mail_from,
        "to": envelope.rcpt_tos,
        "headers": {name.lower(): str(value) for name, value in letter.items()},
        "text": letter.get_body(("plain",)).get_content().replace("\r\n", "\n").rstrip("\n"),
        "files": files,
        "defects": defects,
    }


def authenticate(server, session, envelope, mechanism, data) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


def letter_of(said: dict) -> bytes:
    """A letter as a client's mail program writes it."""
    if "raw" in said:
        return said["raw"].replace("\n", "\r\n").encode()
    letter = EmailMessage(policy=email.policy.SMTP)
    for name, value in said["headers"].items():
        letter[name] = value
    letter.set_content(said.get("text", ""))
    if "html" in said:
        letter.add_alternative(said["html"], subtype="html")
    for file in said.get("files", []):
        letter.add_attachment(file["size"] * b"A", maintype="application", subtype="octet-stream", filename=file["name"])
    return letter.as_bytes()


def receive(port: int, letters: list[dict]) -> None:
    with imaplib.IMAP4("127.0.0.1", port) as box:
        box.login(USER, PASSWORD)
        for said in letters:
            status, words = box.append("INBOX", None, None, letter_of(said))
            assert status == "OK", words


def commands(imap: int):
    class Commands(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/ready":
                imaplib.IMAP4("127.0.0.1", imap).logout()
            self.answer(posted)

        def do_POST(self):
            said = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path == "/receive":
                receive(imap, said)
            elif self.path == "/answers":
                answers.extend(said)
            self.answer({})

        def answer(self, value):
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    return Commands


def main() -> None:
    smtp, imap, port = map(int, sys.argv[1:4])
    Controller(
        Takes(),
        hostname="127.0.0.1",
        port=smtp,
        authenticator=authenticate,
        auth_require_tls=False,
        auth_required=True,
    ).start()
    ThreadingHTTPServer(("127.0.0.1", port), commands(imap)).serve_forever()


main()
