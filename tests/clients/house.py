"""Almoner, the mock processor and what stands before the charity's programs, each on a port of its own."""

import http.client
import json
import os
import random
import socket
import ssl
import subprocess
import threading
import time
from html import escape
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode, urlsplit

WAIT = 120


PORTS = iter(random.sample([port for port in range(10_000, 20_000) if not any(own in str(port) for own in ("8443", "8444", "9443"))], 1000))


def free_port():
    """One that is free and stays so: below those that the system gives to whoever connects, and no two of one walk are the same.
    The examples' own are replaced one after another, so that none may stand in the figures of one drawn here."""
    for port in PORTS:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)):
                return port


def until(what, look):
    """What the look finds, once it finds something."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.1)
    raise SystemExit(f"waited in vain for {what}")


class Form(HTMLParser):
    """The first form of a page."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields = None, {}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form" and self.action is None:
            self.action = attributes["action"]
        elif tag == "input" and "name" in attributes:
            self.fields.setdefault(attributes["name"], attributes.get("value", ""))


class Front(BaseHTTPRequestHandler):
    """The charity's web server: it has the certificate, and passes on to the program behind it."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            inside = http.client.HTTPConnection("127.0.0.1", self.server.inside, timeout=10)
            inside.request("POST", self.path, body, dict(self.headers))
            status = inside.getresponse().status
        except OSError:
            status = 502
        if status == 200:
            self.server.heard.append(self.headers["webhook-id"])
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Shut(BaseHTTPRequestHandler):
    """An Almoner that takes nothing for a quarter of an hour."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.server.heard.append(self.headers["idempotency-key"])
        self.send_response(503)
        self.send_header("retry-after", "900")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Elsewhere(BaseHTTPRequestHandler):
    """Sends everybody on, and hears who comes."""

    def do_GET(self):
        if self.path == "/elsewhere":
            self.server.heard.append(self.headers["authorization"])
        self.send_response(303)
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.do_GET()

    def log_message(self, *_):
        pass


class House:
    def __init__(self, binary, folder, config, languages):
        self.binary, self.folder = binary, Path(folder)
        self.public, self.mock, operations = free_port(), free_port(), free_port()
        self.processes = []
        self.run("dev-certs", "--out", "dev/tls")
        for kind in ("install", "signing", "webhook"):
            self.run("keygen", kind, "--out", f"dev/{kind}.key")
        self.authority = self.folder / "dev/tls/authority.pem"
        told = self.run("keygen", "api", "--out", "dev/api.key")
        self.key = (self.folder / "dev/api.key").read_text().strip()
        digest = next(word.strip('",') for word in told.split() if len(word.strip('",')) == 64)
        text = Path(config).read_text().replace("8443", str(self.public)).replace("8444", str(self.mock)).replace("9443", str(operations))
        text += f'[[api.keys]]\nname = "program"\nsha256 = "{digest}"\nscopes = ["create", "read"]\n'
        self.fronts = {}
        for language in languages:
            self.run("keygen", "webhook", "--out", f"dev/{language}.key")
            front = self.front()
            text += f'[[subscribers]]\nname = "{language}"\nurl = "https://localhost:{front.server_port}/hooks/almoner"\n'
            text += f'secret = {{ file = "dev/{language}.key" }}\nca_file = "dev/tls/authority.pem"\nallow_private = true\n'
            self.fronts[language] = front
        (self.folder / "almoner.toml").write_text(text)
        pem = ("dev/tls/server.pem", "dev/tls/server-key.pem")
        self.start("mock", binary, "mock-rsm", "--listen", f"127.0.0.1:{self.mock}", "--certificate", pem[0], "--private-key", pem[1],
                   "--merchant", "example", "--signing-key-file", "dev=dev/signing.key", "--webhook-secret-file", "dev/webhook.key",
                   "--webhook-url", f"https://localhost:{self.public}/webhooks/signed", "--webhook-ca", "dev/tls/authority.pem")
        self.start("almoner", binary, "serve", "--config", "almoner.toml")
        for port in (self.public, self.mock):
            self.answers(port)

    def run(self, *arguments):
        return subprocess.run([self.binary, *arguments], cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def start(self, name, *command, cwd=None, env=None):
        log = open(self.folder / f"{name}.log", "a")
        process = subprocess.Popen(command, cwd=cwd or self.folder, env=env, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def answers(self, port):
        def look():
            if any(process.poll() is not None for process in self.processes):
                raise SystemExit("a process ended: " + " ".join(log.read_text() for log in self.folder.glob("*.log")))
            with socket.socket() as one:
                return one.connect_ex(("127.0.0.1", port)) == 0
        until(f"port {port}", look)

    def ended(self, process):
        self.processes.remove(process)
        process.kill()
        process.wait()

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()
        for front in self.fronts.values():
            front.shutdown()

    def front(self, kind=Front):
        front = ThreadingHTTPServer(("127.0.0.1", 0), kind)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.folder / "dev/tls/server.pem", self.folder / "dev/tls/server-key.pem")
        front.socket = tls.wrap_socket(front.socket, server_side=True, do_handshake_on_connect=False)
        front.inside, front.heard = 0, []
        threading.Thread(target=front.serve_forever, daemon=True).start()
        return front

    def surroundings(self, **more):
        """The environment that a program is given."""
        return os.environ | {"ALMONER": f"https://localhost:{self.public}", "ALMONER_KEY": self.key, "ALMONER_CA": str(self.authority)} | more

    def ask(self, url, fields=None):
        """As a browser asks: status, where it is sent, page."""
        parts = urlsplit(url)
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(parts.netloc, context=ssl.create_default_context(cafile=str(self.authority)), timeout=60)
        else:
            connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        form = {"content-type": "application/x-www-form-urlencoded"}
        connection.request("POST" if fields else "GET", parts.path, urlencode(fields) if fields else None, form if fields else {})
        answer = connection.getresponse()
        return answer.status, answer.getheader("location"), answer.read().decode()

    def given(self, order):
        """The page of a hand-off that is made by the bare API."""
        connection = http.client.HTTPSConnection(f"localhost:{self.public}", context=ssl.create_default_context(cafile=str(self.authority)), timeout=60)
        head = {"authorization": f"Bearer {self.key}", "content-type": "application/json", "idempotency-key": "order-2026-000001"}
        connection.request("POST", "/v1/handoffs", order, head)
        on = json.load(connection.getresponse())["hand_off"]
        fields = "".join(f'<input name="{name}" value="{escape(value)}">' for name, value in on["fields"].items())
        return f'<form action="{on["url"]}">{fields}</form>'

    def pay(self, page):
        """What a supporter does with the page that sends the browser on: post it, type a card, come back."""
        form = Form(page)
        status, place, text = self.ask(form.action, form.fields)
        assert status == 303, (status, text)
        place = f"https://localhost:{self.mock}{place}"
        paying = Form(self.ask(place)[2])
        card = {"number": "4242424242424242", "expiry": "12/39", "cvc": "123", "holder": "Pat Example"}
        status, back, text = self.ask(f"https://localhost:{self.mock}{paying.action}", card)
        assert status == 303 and "/return/" in back, (status, text)
        return form.fields["reference"]

    def told(self):
        """What the delivery log says."""
        lines = self.run("events", "list", "--config", "almoner.toml", "--limit", "1000", "--json").splitlines()
        return [json.loads(line) for line in lines]
