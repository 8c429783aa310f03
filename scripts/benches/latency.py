"""What Almoner adds to a call of the processor, at the middle and at the 99th percentile.

The same card payments go to `almoner mock-rsm` in turn: straight, signed by the same code over the same client, and
through `almoner serve` (POST /v1/handoffs with `card`), which writes the hand-off and the mark of its request down before it
sends and the outcome before it answers. A connection that carried a card carries nothing else, so each payment has its own,
straight as through Almoner. What Almoner adds is the time from the request to its answer less the straight call's; a charity
that opens its connection to Almoner for each payment adds the third line's. One payment at a time; the mock answers at once,
then after 20 ms."""

import hashlib
import json
import os
import signal
import subprocess
import time
import urllib.request

from house import ALMONER, ORIGIN, ROOT, RUN, SETTINGS, free_ports, install, prepare, trusting, wait_for

KEY = "alm_a-key-for-benches-alone-0001"
TOKEN = "a token for the mock's control API"


def arguments(options):
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--calls", type=int, default=200, help="of each kind in a round")


def run(options):
    install()
    port, operations, mock_port = prepare()
    write(port, operations, mock_port)
    mock = start_mock(port, mock_port)
    almoner = subprocess.Popen([ALMONER, "serve", "--config", RUN / "almoner.toml"], stderr=open(RUN / "almoner.log", "a"))
    try:
        wait_for(port)
        calls = options.rounds * options.calls
        print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {calls} payments of each kind, one after another, TLS 1.3")
        for delay in (0, 20):
            script(mock_port, delay)
            print(f"\n{f'the processor answers after {delay} ms':52}{'p50 ms':>9}{'p99 ms':>9}{'added':>9}{'added':>9}", flush=True)
            command = ["cargo", "bench", "--locked", "--quiet", "--bench", "latency", "--", RUN / "almoner.toml", KEY]
            subprocess.run([*command, str(options.rounds), str(options.calls)], check=True, cwd=ROOT)
    finally:
        for process in (almoner, mock):
            process.send_signal(signal.SIGTERM)
            process.wait(40)


def write(port, operations, mock_port):
    settings = SETTINGS.format(port=port, operations=operations, origin=ORIGIN)
    settings = settings.replace('origin = "https://localhost:1"', f'origin = "https://localhost:{mock_port}"\ncard_api = true')
    hashed = hashlib.sha256(KEY.encode()).hexdigest()
    settings += f'[[api.keys]]\nname = "bench"\nsha256 = "{hashed}"\nscopes = ["create"]\n'
    (RUN / "almoner.toml").write_text(settings)
    (RUN / "control.token").write_text(TOKEN)
    (RUN / "control.token").chmod(0o600)


def start_mock(port, mock_port):
    tls = RUN / "tls"
    return subprocess.Popen(
        [
            ALMONER, "mock-rsm", "--listen", f"127.0.0.1:{mock_port}", "--merchant", "bench",
            "--certificate", tls / "server.pem", "--private-key", tls / "server-key.pem",
            "--signing-key-file", f"bench={RUN / 'signing.key'}", "--webhook-secret-file", RUN / "webhook.key",
            "--webhook-url", f"https://localhost:{port}/webhooks/signed", "--webhook-ca", tls / "authority.pem",
            "--control-token-file", RUN / "control.token",
        ],
        stdout=subprocess.DEVNULL, stderr=open(RUN / "mock.log", "a"),
    )


def script(mock_port, delay):
    """Has the mock wait before it answers, always."""
    wait_for(mock_port)
    order = {"fault": "call_slow", "percent": 100, "delay_ms": delay}
    for method, body in (("DELETE", None), ("POST", order if delay else None)):
        if method == "POST" and not body:
            continue
        request = urllib.request.Request(
            f"https://localhost:{mock_port}/control/faults", method=method,
            data=json.dumps(body).encode() if body else None, headers={"Authorization": f"Bearer {TOKEN}"},
        )
        urllib.request.urlopen(request, context=trusting(), timeout=10).close()
