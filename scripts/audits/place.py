"""What the parts of the audit share: the release binary on loopback with throw-away keys and the limits it has
by default, tools that are fetched where they are missing, and the lines of the table. All stands in target/audit."""

import dataclasses
import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "benches"))
import house  # noqa: E402  (what the measurements have already: ports, trust, keys, messages)
from house import FORM, ORIGIN, ROOT, free_ports, resident, trusting, wait_for  # noqa: E402,F401

HERE = Path(__file__).resolve().parent
RUN = ROOT / "target" / "audit"
TOOLS = RUN / "tools"
ALMONER = Path(os.environ.get("ALMONER_BINARY", house.ALMONER)).resolve()
KEY = "alm_a-key-for-audits-alone-00001"
TOKEN = "a token for the mock's control API"
PASS, EXPLAINED, UNEXPLAINED = "pass", "explained", "UNEXPLAINED"


@dataclasses.dataclass(frozen=True)
class Line:
    """One row of the table. What is allowed to be other than a pass says why."""

    tool: str
    check: str
    verdict: str
    reason: str = ""


def held(tool, check, good, found):
    """A pass, or what was found instead."""
    return Line(tool, check, PASS if good else UNEXPLAINED, "" if good else found)


def build():
    """What is looked at is what is released."""
    if "ALMONER_BINARY" not in os.environ:
        subprocess.run(["cargo", "build", "--release", "--locked", "--quiet"], check=True, cwd=ROOT)


def apt(**packages):
    """Fetches the packages whose command, named by the key, is missing."""
    subprocess.run([ROOT / "scripts" / "need", *(f"{command}={package}" for command, package in packages.items())], check=True)


def venv():
    """The folder of the commands that requirements.txt pins, by their hashes."""
    folder, pins = TOOLS / "python", HERE / "requirements.txt"
    mark, wanted = folder / "pins", hashlib.sha256(pins.read_bytes()).hexdigest()
    if not mark.exists() or mark.read_text() != wanted:
        if not importlib.util.find_spec("ensurepip"):
            apt(venv="python3-venv")
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run(
            [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", pins], check=True
        )
        mark.write_text(wanted)
    return folder / "bin"


class Place:
    """`almoner serve`, and its processor where one is wanted, in a folder of the part's own."""

    def __init__(self, name, *, public="", limits="", processor=False, forms_open=False, generous=False):
        self.folder = house.RUN = RUN / name
        self.processor = processor
        self.trust = {}
        self.port, self.operations, self.mock_port = free_ports(3)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700)
        self.tls = self.folder / "tls"
        self._run("dev-certs", "--out", self.tls)
        for kind in ("install", "signing", "webhook"):
            self._run("keygen", kind, "--out", self.folder / f"{kind}.key")
        (self.folder / "control.token").write_text(TOKEN)
        (self.folder / "control.token").chmod(0o600)
        (self.folder / "almoner.toml").write_text(self._settings(public, limits, forms_open, generous))
        self.running = []

    def _settings(self, public, limits, forms_open, generous):
        """Those of the measurements, but for their limits: what is looked at is what is run by default."""
        text = house.SETTINGS.format(port=self.port, operations=self.operations, origin=ORIGIN)
        text = text[: text.index("[limits]")]
        text = text.replace("[operations]", f"{public}\n[operations]", 1)
        call = "\ncard_api = true" if self.processor else ""
        text = text.replace('origin = "https://localhost:1"', f'origin = "https://localhost:{self.mock_port}"{call}')
        if forms_open:
            limits += "\nforms_per_minute = 4000000000\nforms_per_day = 4000000000"
        hashed = hashlib.sha256(KEY.encode()).hexdigest()
        text += '[[join.plans]]\ncode = "one"\nname = "One"\namount = "4.00"\nfrequency = "monthly"\n'
        if generous:  # every word that there is, and the plan of the examples
            text = text.replace('methods = ["card"]', 'methods = ["card", "direct_debit"]').replace('code = "one"', 'code = "friend"')
            text = text.replace('frequencies = ["once"]', 'frequencies = ["once", "monthly", "quarterly", "half-yearly", "yearly"]')
        text += f'[[api.keys]]\nname = "audit"\nsha256 = "{hashed}"\nscopes = ["create", "read"]\n'
        return text + f"[limits]\n{limits}\n[log]\nlevel = \"info\"\n"

    def __enter__(self):
        if self.processor:
            tls, port = self.tls, self.port
            self._start("mock-rsm", "--listen", f"127.0.0.1:{self.mock_port}", "--merchant", "bench",
                        "--certificate", tls / "server.pem", "--private-key", tls / "server-key.pem",
                        "--signing-key-file", f"bench={self.folder / 'signing.key'}",
                        "--webhook-secret-file", self.folder / "webhook.key",
                        "--webhook-url", f"https://localhost:{port}/webhooks/signed", "--webhook-ca", tls / "authority.pem",
                        "--control-token-file", self.folder / "control.token")
            wait_for(self.mock_port)
        self.process = self._start("serve", "--config", self.folder / "almoner.toml")
        wait_for(self.port)
        return self

    def __exit__(self, *_):
        for process in reversed(self.running):
            process.send_signal(signal.SIGTERM)
            process.wait(60)

    def _run(self, *words):
        subprocess.run([ALMONER, *words], check=True, stdout=subprocess.DEVNULL)

    def _start(self, *words):
        log = open(self.folder / f"{words[0]}.log", "ab")
        self.running.append(subprocess.Popen([ALMONER, *words], stdout=subprocess.DEVNULL, stderr=log))
        return self.running[-1]

    def ask(self, words="", head="GET /donate HTTP/1.1", source="127.0.0.1"):
        """The status line of an answer over a connection of its own."""
        return self.exchange(f"{head}\r\nHost: localhost:{self.port}\r\nConnection: close\r\n{words}\r\n", source)[0]

    def exchange(self, request, source="127.0.0.1", patience=20):
        """The status, the headers and the body of an answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=patience, source_address=(source, 0)) as plain:
            with self.client().wrap_socket(plain, server_hostname="localhost") as tls:
                tls.sendall(request.encode())
                answer = b""
                while part := tls.recv(65536):
                    answer += part
        head, _, body = answer.partition(b"\r\n\r\n")
        status, *fields = head.decode("latin-1").split("\r\n")
        return int(status.split()[1]), [tuple(field.split(": ", 1)) for field in fields], body

    def client(self, *protocols):
        """What a client trusts and speaks, made once for each: a context that two share would speak as the last one does."""
        if protocols not in self.trust:
            house.RUN = self.folder
            self.trust[protocols] = trusting()
            if protocols:
                self.trust[protocols].set_alpn_protocols(protocols)
        return self.trust[protocols]

    def answers(self, source="127.0.0.9"):
        """The seconds until an honest supporter, who comes from elsewhere, has the form; None if she does not get it."""
        began = time.monotonic()
        try:
            return time.monotonic() - began if self.ask(source=source) == 200 else None
        except (OSError, ValueError, IndexError):
            return None

    def connections(self):
        """Established connections at the public port, as the service's side counts them."""
        wanted = f"{self.port:04X}"
        rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
        return sum(row.split()[1].endswith(f":{wanted}") and row.split()[3] == "01" for row in rows)
