"""A real mail server receives Tessera's mails: over TLS, with a password, once each, and never in the clear."""

import email
import email.policy
import json
import logging
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import tempfile
import warnings

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

# The library warns of what this story does on purpose.
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

BINARY = os.environ["TESSERA_BINARY"]
# Later than a dead process' claim on a mail, whatever the clock says.
LATER = "2199-01-01T00:00:00Z"


class Inbox:
    """Takes mails, and remembers how they came."""

    def __init__(self):
        self.mails = []
        self.answers = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        answer = self.answers.pop(0) if self.answers else "250 OK"
        self.mails.append((answer, mail, session.ssl is not None, session.auth_data, envelope))
        return answer

    def take(self):
        mails, self.mails = self.mails, []
        return mails


def authenticate(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b"tessera", b"s/ecret")
    return AuthResult(success=good, handled=good, auth_data=data.login if good else None)


class StartTls(Controller):
    """Submission: STARTTLS and a password before anything else."""

    def __init__(self, inbox, context):
        self.context = context
        super().__init__(inbox, hostname="127.0.0.1", port=0)

    def factory(self):
        return SMTP(
            self.handler, hostname="localhost", tls_context=self.context, require_starttls=True, auth_required=True,
            authenticator=authenticate,
        )

    def _trigger_server(self):
        # The port is chosen by the system; it is known only now.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Wrapped(StartTls):
    """Submissions: TLS from the first byte on."""

    def __init__(self, inbox, context):
        Controller.__init__(self, inbox, hostname="127.0.0.1", port=0, ssl_context=context)

    def factory(self):
        # The library takes for encrypted only what began with STARTTLS.
        return SMTP(
            self.handler, hostname="localhost", auth_required=True, auth_require_tls=False, authenticator=authenticate
        )


def certificate(folder, name):
    """A self-made authority and what it vouches for: this host."""
    run = lambda *words: subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}-ca.key", "-out", f"{name}-ca.pem",
        "-subj", f"/CN={name}", "-days", "2", "-addext", "basicConstraints=critical,CA:TRUE")
    run("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", "/CN=localhost")
    pathlib.Path(folder, f"{name}.ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    run("x509", "-req", "-in", f"{name}.csr", "-CA", f"{name}-ca.pem", "-CAkey", f"{name}-ca.key", "-CAcreateserial",
        "-out", f"{name}.pem", "-days", "2", "-extfile", f"{name}.ext")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
    return context, f"{folder}/{name}-ca.pem"


class Tessera:
    def __init__(self, folder):
        self.data = f"{folder}/data"
        self.environment = {"PATH": os.environ.get("PATH", "")}

    def mails_to(self, url, authority):
        self.environment["TESSERA_MAIL__URL"] = url
        self.environment["TESSERA_MAIL__CA_FILE"] = authority

    def command(self, *words, **more):
        command = [BINARY, *words, "--data-dir", self.data]
        return subprocess.run(command, env={**self.environment, **more}, capture_output=True, text=True)

    def run(self, *words):
        done = self.command(*words)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout.strip()

    def cause(self, user, name):
        """Makes a token, and so a mail to its user."""
        return self.run("token", "create", "--user", user, "--name", name, "--scopes", "api")

    def deliver(self, *words):
        return json.loads(self.run("jobs", "run", "mail_delivery", "--json", *words))["result"]


def story(folder):
    context, authority = certificate(folder, "ours")
    _, stranger = certificate(folder, "stranger")
    inbox = Inbox()
    server = StartTls(inbox, context)
    server.start()
    place = f"localhost:{server.port}"
    tessera = Tessera(folder)
    tessera.mails_to(f"smtp://tessera:s%2Fecret@{place}", authority)
    for name in ["ada", "nobody"]:
        tessera.run("user", "create", "--username", name, "--name", f"Äda {name}", "--email", f"{name}@people.test")

    # Encrypted, with a password, both forms, no secret.
    secret = tessera.cause("ada", "first")
    [(_, mail, encrypted, login, envelope)] = inbox.take()
    assert encrypted and login == b"tessera", (encrypted, login)
    assert envelope.rcpt_tos == ["ada@people.test"], envelope.rcpt_tos
    assert mail["Subject"] == "A new personal access token has been created"
    assert mail["To"].addresses[0].display_name == "Äda ada", mail["To"]
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Message-ID"]
    bodies = [mail.get_body((form,)).get_content() for form in ["plain", "html"]]
    assert all('first' in body for body in bodies), bodies
    assert not any(secret in body for body in bodies) and secret.encode() not in envelope.content

    # A server that another authority vouches for gets nothing, neither the mail nor the password.
    tessera.mails_to(f"smtp://tessera:s%2Fecret@{place}", stranger)
    tessera.cause("ada", "second")
    said = tessera.deliver()
    assert "1 wait" in said and "certificate" in said.lower(), said
    assert inbox.take() == []

    # A wrong password is no fault of the mail: it waits.
    tessera.mails_to(f"smtp://tessera:wrong@{place}", authority)
    said = tessera.deliver()
    assert "0 mails sent, 1 wait" in said, said
    assert inbox.take() == []

    # "Not now" is tried again, with the same number.
    tessera.mails_to(f"smtp://tessera:s%2Fecret@{place}", authority)
    inbox.answers = ["451 4.7.1 try again later"]
    said = tessera.deliver()
    assert "0 mails sent, 1 wait" in said and "try again later" in said, said
    said = tessera.deliver()
    assert said == "1 mails sent", said
    (first, one, *_), (second, other, *_) = inbox.take()
    assert (first[:3], second[:3]) == ("451", "250") and one["Message-ID"] == other["Message-ID"]
    assert tessera.deliver() == "0 mails sent"

    # A recipient who is refused keeps nobody else from theirs, and is not forgotten.
    tessera.cause("nobody", "third")
    tessera.cause("ada", "fourth")
    [(_, mail, *_)] = inbox.take()
    assert mail["To"].addresses[0].addr_spec == "ada@people.test"
    said = tessera.deliver()
    assert "0 mails sent, 1 wait" in said and "no such user" in said, said

    # Dying between the server's acceptance and the mark sends a mail twice, with one number; nothing else does.
    server.stop()
    tessera.cause("ada", "fifth")
    inbox = Inbox()
    server = StartTls(inbox, context)
    server.start()
    tessera.mails_to(f"smtp://tessera:s%2Fecret@localhost:{server.port}", authority)
    died = False
    for fatal in range(1, 20):
        done = tessera.command("jobs", "run", "mail_delivery", "--now", LATER, TESSERA_FAILPOINT=str(fatal))
        if done.returncode != -signal.SIGABRT:
            break
        died = True
        if any("fifth" in mail.get_body(("plain",)).get_content() for _, mail, *_ in inbox.mails):
            break
    before = len(inbox.mails)
    tessera.deliver("--now", "2399-01-01T00:00:00Z")
    numbers = {mail["Message-ID"] for _, mail, *_ in inbox.mails}
    assert len(numbers) == 1, numbers
    assert len(inbox.take()) == (before + 1 if died and before else 1)
    if not died:
        print("smtp: the binary has no failpoints, so it did not die between acceptance and mark")

    # TLS from the first byte on.
    server.stop()
    inbox = Inbox()
    server = Wrapped(inbox, context)
    server.start()
    tessera.mails_to(f"smtps://tessera:s%2Fecret@localhost:{server.port}", authority)
    tessera.cause("ada", "sixth")
    [(_, mail, _, login, _)] = inbox.take()
    assert login == b"tessera" and mail["To"].addresses[0].addr_spec == "ada@people.test"
    server.stop()


with tempfile.TemporaryDirectory() as folder:
    story(folder)
print("smtp: mails came over STARTTLS and TLS, once each", file=sys.stderr)
