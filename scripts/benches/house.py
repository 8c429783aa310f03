"""What several measurements share: a gateway on loopback with throw-away keys, wrk, and messages for it.
Everything stands in target/bench."""

import base64
import hashlib
import hmac
import json
import re
import shutil
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
RUN = ROOT / "target" / "bench"
ALMONER = ROOT / "target" / "release" / "almoner"
WEBHOOK_KEY = bytes(range(32))
ORIGIN = "https://www.charity.test"
FORM = (
    "amount=25.00&frequency=once&method=card&appeal=XMAS26&gift_aid=true&title=Ms&first_name=Zo%C3%AB"
    "&last_name=O%27Connor-Smith&email=zoe.oconnor-smith%40example.org&line1=Flat+3%2C+221b+Baker+Street"
    "&town=London&postcode=NW1+6XE&country=GB"
)

NGINX = """
user root; worker_processes 2; pid {run}/nginx.pid; error_log {run}/nginx.err; daemon off; worker_rlimit_nofile 20000;
events {{ worker_connections 9000; }}
http {{ access_log off; keepalive_requests 100000000; keepalive_timeout 600s;
  client_body_temp_path {run}/nb; proxy_temp_path {run}/np; fastcgi_temp_path {run}/nf; uwsgi_temp_path {run}/nu; scgi_temp_path {run}/ns;
  ssl_certificate {run}/tls/server.pem; ssl_certificate_key {run}/tls/server-key.pem; ssl_protocols TLSv1.3; ssl_session_cache none; tcp_nodelay on;
  server {{ listen 127.0.0.1:{port} ssl backlog=4096; location / {{ return 303 "https://pay.example/checkout?merchant=M123456&ref=0199c0deadbeef&amount=2500&currency=GBP&sig=0123456789abcdef0123456789abcdef"; }} }}
}}
"""

SETTINGS = """
[public]
origin = "https://localhost:{port}"
listen = "127.0.0.1:{port}"
certificate_file = "tls/server.pem"
private_key_file = "tls/server-key.pem"
form_origins = ["{origin}"]
[operations]
listen = "127.0.0.1:{operations}"
[ledger]
file = "ledger.db"
[processor]
dialect = "signed"
mode = "test"
ca_file = "tls/authority.pem"

[processor.signed]
origin = "https://localhost:1"
merchant = "bench"
key_id = "bench"

[secrets]
install = {{ file = "install.key" }}
processor_signing = {{ file = "signing.key" }}
processor_webhook = {{ file = "webhook.key" }}
[charity]
name = "Bench"
website = "https://www.charity.test"
[[currencies]]
code = "GBP"
minimum = "2.00"
maximum = "10000.00"
[donate]
amounts = ["25.00"]
methods = ["card"]
frequencies = ["once"]
gift_aid_declaration = "Yes"
[join]
methods = ["card"]
[limits]
connections = 9000
connections_per_address = 9000
requests_per_connection = 4000000000
connection_age = "1h"
header_timeout = "10m"
handshakes_at_once = 9000
forms_per_minute = 4000000000
forms_per_day = 4000000000
[log]
level = "error"
"""

DONE = """
done = function(s, l, r)
  io.write(string.format('JSON {"n":%d,"us":%d,"p50":%.0f,"p99":%.0f,"bad":%d,"sockets":%d}\\n', s.requests, s.duration,
    l:percentile(50), l:percentile(99), s.errors.status, s.errors.connect + s.errors.read + s.errors.write + s.errors.timeout))
end
"""


def install(*tools):
    """Builds Almoner, and fetches the tools that are not there."""
    subprocess.run([ROOT / "scripts" / "need", *tools], check=True)
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet"], check=True, cwd=ROOT)


def prepare():
    shutil.rmtree(RUN, ignore_errors=True)
    RUN.mkdir(parents=True, mode=0o700)
    subprocess.run([ALMONER, "dev-certs", "--out", RUN / "tls"], check=True, stdout=subprocess.DEVNULL)
    for kind in ("install", "signing"):
        subprocess.run([ALMONER, "keygen", kind, "--out", RUN / f"{kind}.key"], check=True, stdout=subprocess.DEVNULL)
    (RUN / "webhook.key").write_text("whsec_" + base64.b64encode(WEBHOOK_KEY).decode())
    (RUN / "webhook.key").chmod(0o600)
    port, operations, nginx_port = free_ports(3)
    (RUN / "almoner.toml").write_text(SETTINGS.format(port=port, operations=operations, origin=ORIGIN))
    (RUN / "nginx.conf").write_text(NGINX.format(run=RUN, port=nginx_port))
    (RUN / "static.lua").write_text(DONE)
    (RUN / "donate.lua").write_text(
        f'wrk.method = "POST"; wrk.body = "{FORM}"; wrk.headers["Origin"] = "{ORIGIN}"\n'
        'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\n' + DONE
    )
    (RUN / "close.lua").write_text('wrk.headers["Connection"] = "close"\n' + DONE)
    return port, operations, nginx_port


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def start_almoner(port):
    """Starts it three times; the time from its birth to its first answer is the median."""
    times = []
    for last in (False, False, True):
        began = time.perf_counter()
        process = subprocess.Popen([ALMONER, "serve", "--config", RUN / "almoner.toml"], stderr=open(RUN / "almoner.log", "a"))
        wait_for(port)
        times.append((time.perf_counter() - began) * 1000)
        if last:
            return process, statistics.median(times)
        process.send_signal(signal.SIGTERM)
        process.wait(40)


def trusting():
    context = ssl.create_default_context(cafile=str(RUN / "tls" / "authority.pem"))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def wait_for(port):
    context = trusting()
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
                with context.wrap_socket(plain, server_hostname="localhost") as tls:
                    tls.sendall(f"GET /assets/style.css HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
                    if tls.recv(16).startswith(b"HTTP/1.1"):
                        return
        except OSError:
            time.sleep(0.0005)
    sys.exit("no answer: see target/bench")


def wrk(port, path, script, seconds, connections=64):
    command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(RUN / script), f"https://localhost:{port}{path}"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"JSON (\{.*\})", output)
    result = json.loads(found.group(1))
    result["rate"] = result["n"] * 1e6 / result["us"]
    if result["sockets"]:
        print(f"  (socket errors: {result['sockets']} at {path})")
    return result


def write_webhooks(port, count, ledger=RUN / "ledger.db", among=None):
    """Signed, each with an id of its own, about the newest hand-offs that are in the ledger. All of one length."""
    command = [ALMONER, "outcomes", "list", "--ledger", ledger, "--limit", str(among or count), "--json"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    references = [json.loads(line)["reference"] for line in lines]
    now = int(time.time())
    occurred = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
    serial = write_webhooks.serial
    halves = [open(RUN / f"webhooks.{half}", "wb") for half in (0, 1)]
    size = 0
    for place in range(count):
        reference = references[place % len(references)]
        body = json.dumps({"type": "handoff.accepted", "data": {
            "reference": reference, "state": "accepted", "amount": 2500, "currency": "GBP",
            "processor_reference": "P-1", "code": "00", "occurred_at": occurred, "mode": "test"}}).encode()
        name = f"msg_{serial + place:012d}"
        tag = hmac.new(WEBHOOK_KEY, f"{name}.{now}.".encode() + body, hashlib.sha256).digest()
        head = (
            f"POST /webhooks/signed HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nwebhook-id: {name}\r\nwebhook-timestamp: {now}\r\n"
            f"webhook-signature: v1,{base64.b64encode(tag).decode()}\r\n\r\n"
        ).encode()
        halves[place % 2].write(head + body)
        size = len(head + body)
    write_webhooks.serial += count
    for half in halves:
        half.close()
    (RUN / "webhook.lua").write_text(
        f'local number = 0\nsetup = function(thread) thread:set("half", number); number = number + 1 end\n'
        f'init = function() file = io.open("{RUN}/webhooks." .. half, "rb") end\n'
        f"request = function() local text = file:read({size}); if not text then file:seek('set', 0); text = file:read({size}) end; return text end\n" + DONE
    )


write_webhooks.serial = 0


def resident(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


def start_fresh(port):
    process = subprocess.Popen([ALMONER, "serve", "--config", RUN / "almoner.toml"], stderr=open(RUN / "almoner.log", "a"))
    wait_for(port)
    return process, 0
