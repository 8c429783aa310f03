"""Almoner beside nginx, in turn, as ratios.

nginx answers a static `return 303`: a C server that does nothing, the limit of what is possible.
Almoner does its work: POST /donate (validated, one durable row with its event, HMAC, the page that
hands over) and POST /webhooks/signed (verified, judged, durable). Both speak TLS 1.3 on the same
two cores as the load generator (wrk, 64 connections, keep-alive). Ratios are medians over rounds,
each taken against nginx's figure of the same round.
"""

import os
import signal
import socket
import statistics
import subprocess
import time

from house import RUN, install, prepare, resident, start_almoner, start_fresh, trusting, wait_for, wrk, write_webhooks


def arguments(options):
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=4)


def run(options):
    install("nginx", "wrk")
    port, operations, nginx_port = prepare()
    nginx = subprocess.Popen(["nginx", "-c", str(RUN / "nginx.conf"), "-p", str(RUN)], stderr=subprocess.DEVNULL)
    almoner, start = start_almoner(port)
    try:
        wait_for(nginx_port)
        print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {options.rounds} rounds of {options.seconds} s, 64 connections, TLS 1.3\n")
        rates(port, nginx_port, options)
        memory(almoner, port, start)
    finally:
        almoner.send_signal(signal.SIGTERM)
        nginx.terminate()
        almoner.wait(40)
        nginx.wait(10)


def rates(port, nginx_port, options):
    seconds = options.seconds
    wrk(port, "/donate", "donate.lua", 1)
    kinds = {"nginx 303": [], "POST /donate": [], "POST /webhooks/signed": [], "nginx handshakes": [], "handshakes": []}
    for _ in range(options.rounds):
        kinds["nginx 303"].append(wrk(nginx_port, "/", "static.lua", seconds))
        kinds["POST /donate"].append(wrk(port, "/donate", "donate.lua", seconds))
        write_webhooks(port, seconds * 45000)
        kinds["POST /webhooks/signed"].append(wrk(port, "/webhooks/signed", "webhook.lua", seconds))
        kinds["nginx handshakes"].append(wrk(nginx_port, "/", "close.lua", seconds))
        kinds["handshakes"].append(wrk(port, "/assets/logo", "close.lua", seconds))
    print(f"{'':24}{'per second':>12}{'ratio':>8}{'p50 ms':>9}{'p99 ms':>9}")
    for name, results in kinds.items():
        peers = kinds["nginx handshakes" if "handshakes" in name else "nginx 303"]
        ratio = statistics.median(each["rate"] / peer["rate"] for each, peer in zip(results, peers))
        middle = {key: statistics.median(each[key] for each in results) for key in ("rate", "p50", "p99")}
        print(f"{name:24}{middle['rate']:12,.0f}{ratio:8.2f}{middle['p50'] / 1000:9.2f}{middle['p99'] / 1000:9.2f}")
    bad = {name: sum(each["bad"] for each in kinds[name]) for name in ("POST /donate", "POST /webhooks/signed")}
    print(f"\nrefused or failed: {bad}" if any(bad.values()) else "\nevery request was answered as it should be")


def memory(almoner, port, start):
    """Of a fresh process: the one under load has its buffers still."""
    almoner.send_signal(signal.SIGTERM)
    almoner.wait(40)
    fresh, _ = start_fresh(port)
    idle = resident(fresh)
    context = trusting()
    held = []
    for _ in range(2000):
        plain = socket.create_connection(("127.0.0.1", port))
        held.append(context.wrap_socket(plain, server_hostname="localhost"))
    time.sleep(1)
    crowded = resident(fresh)
    for each in held:
        each.close()
    fresh.send_signal(signal.SIGTERM)
    fresh.wait(40)
    print(f"start to first answer {start:.0f} ms; resident {idle:.1f} MiB idle, {crowded:.1f} MiB with 2,000 idle connections")
