"""Payments for minutes while the processor loses answers, fails and repeats itself: memory and descriptors stay as they
were after the warm-up, and nothing is in doubt in the end (security.md, Q-11)."""

import http.client
import itertools
import json
import os
import random
import statistics
import subprocess
import threading
import time
import urllib.request
from collections import Counter

import place as shared
from place import KEY, TOKEN, Place, held, resident

# Of a hundred calls, enquiries and webhooks, so many go wrong so. A request that never arrived is not among them: it takes
# half an hour until that is believed (docs/doubts.md), and the simulation has it.
FAULTS = {
    "call_lost_reply": 5, "call_truncated": 3, "call_malformed": 2, "call_not_processed_503": 2, "call_decline": 5,
    "call_slow": 10, "call_twice": 3, "enquiry_error": 10, "enquiry_lost": 5, "drop_webhook": 20, "duplicate_webhook": 20,
}
AT_ONCE = 8
# Longer than the service takes for any request (limits.request_timeout).
PATIENCE = 60
# Not the processor's address: each has its own share of connections (limits.connections_per_address).
PAYERS = "127.0.0.9"
# SQLite's cache, in MiB (cache_size in src/ledger/sqlite/connection.rs): a young ledger is held there as a whole, and memory grows
# as the ledger does. So it is made larger than the cache before anything is measured.
CACHE = 16
LONGEST_FILLING = 900
# Caches fill and the allocator finds its size in the first part of the time.
WARM_UP = 0.25
# How far the middle of what follows may move, in hundredths.
LEEWAY = 10
# A doubt is asked about again within minutes; by then all are over.
LONGEST_DOUBT = 900
GIFT = {
    "kind": "donate", "amount": {"value": 2500, "currency": "GBP"}, "frequency": "once", "method": "card",
    "contact": {"title": "Ms", "first_name": "Zoe", "last_name": "Example", "email": "zoe@example.org",
                "address": {"line1": "1 High Street", "town": "Bedford", "postcode": "MK40 1AA", "country": "GB"}},
    "card": {"number": "4242424242424242", "expiry": "12/34", "cvc": "123", "holder": "Zoe Example"},
}
# The processor's page asks for the account: one row, and a connection that goes on.
MEMBERSHIP = {"kind": "join", "plan": "one", "method": "direct_debit", "contact": GIFT["contact"]}


def run(options):
    place = Place("soak", processor=True, forms_open=True)
    settings = place.folder / "almoner.toml"
    settings.write_text(settings.read_text().replace('[join]\nmethods = ["card"', '[join]\nmethods = ["card", "direct_debit"'))
    with place:
        fill(place)
        size = (place.folder / "ledger.db").stat().st_size / 2**20
        yield held("almoner", f"the ledger has {size:.0f} MiB at first, and SQLite's cache {CACHE}", size > CACHE, "it could not be filled")
        control(place, "DELETE", None)
        for number, (fault, percent) in enumerate(FAULTS.items()):
            control(place, "POST", {"fault": fault, "percent": percent, "seed": number, "delay_ms": 200})
        samples, answers = soak(place, options.minutes * 60)
        control(place, "DELETE", None)
        paid, other = answers[201], sum(answers.values()) - answers[201] - answers[200] - answers[404]
        unwell = sum(count for status, count in answers.items() if isinstance(status, str) or status >= 500 and status != 503)
        yield held("load", f"{options.minutes:g} minutes, {paid} payments by API and {answers[200]} pages, {other} answers of another kind: none failed here",
                   paid > 0 and not unwell, f"{dict(answers)}")
        for kind, what in enumerate(("resident memory, MiB", "descriptors")):
            yield flat(what, [sample[kind] for sample in samples])
        left = doubts(place, time.monotonic() + LONGEST_DOUBT)
        yield held("almoner", "nothing is in doubt in the end", not left, f"{left} hand-offs are in doubt")
        verified = subprocess.run([shared.ALMONER, "ledger", "verify", "--config", settings], capture_output=True)
        yield held("almoner", "the ledger's chain is whole", verified.returncode == 0, verified.stdout.decode()[-200:])


def at_once(work):
    threads = [threading.Thread(target=work) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    return threads


def fill(place):
    """Memberships that are handed over and never paid, until the ledger is larger than the cache."""
    numbers, until = itertools.count(), time.monotonic() + LONGEST_FILLING

    def small():
        return (place.folder / "ledger.db").stat().st_size < 1.25 * CACHE * 2**20 and time.monotonic() < until

    def work():
        while small():
            line = http.client.HTTPSConnection("localhost", place.port, timeout=PATIENCE, context=place.client())
            # The service ends a connection after a hundred requests by itself.
            for _ in range(90):
                headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", "Idempotency-Key": f"fill-{next(numbers):012d}"}
                line.request("POST", "/v1/handoffs", json.dumps(MEMBERSHIP), headers)
                answer = line.getresponse()
                said = answer.read()
                if answer.status != 201:
                    raise ValueError(f"the ledger could not be filled: {answer.status} {said.decode()}")
            line.close()

    for thread in at_once(work):
        thread.join()


def soak(place, seconds):
    """Pays and looks about until the time is over; what was measured meanwhile, and what was answered."""
    answers, numbers, until = Counter(), itertools.count(), time.monotonic() + seconds
    lock = threading.Lock()

    def work():
        while time.monotonic() < until:
            status = one(place, next(numbers))
            with lock:
                answers[status] += 1

    threads = at_once(work)
    samples = []
    while time.monotonic() < until:
        samples.append((resident(place.process), len(os.listdir(f"/proc/{place.process.pid}/fd"))))
        time.sleep(min(2, seconds / 50))
    for thread in threads:
        thread.join()
    return samples, answers


def one(place, number):
    """A payment, or now and then a page that is there or is not; its status, or what came in its place."""
    head = f"Host: localhost:{place.port}\r\nConnection: close\r\n"
    if number % 5 == 3:
        request = f"GET /{random.choice(('donate', 'join', 'nowhere'))} HTTP/1.1\r\n{head}\r\n"
    else:
        body = json.dumps(GIFT)
        request = (
            f"POST /v1/handoffs HTTP/1.1\r\n{head}Authorization: Bearer {KEY}\r\nContent-Type: application/json\r\n"
            f"Idempotency-Key: soak-{number:012d}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
    began = time.monotonic()
    try:
        return place.exchange(request, PAYERS, PATIENCE)[0]
    except (OSError, ValueError, IndexError) as error:
        return f"{type(error).__name__} after {time.monotonic() - began:.0f} s"


def flat(what, measured):
    """The last third against the first after the warm-up, each by its middle."""
    after = measured[int(len(measured) * WARM_UP):]
    third = max(1, len(after) // 3)
    first, last = statistics.median(after[:third]), statistics.median(after[-third:])
    moved = 100 * (last - first) / first
    return held("/proc", f"{what}: {first:.0f}, then {last:.0f} ({moved:+.1f} %, at most {LEEWAY})", abs(moved) <= LEEWAY, "it moves: see above")


def doubts(place, until):
    """How many are in doubt, once none is or the time is over."""
    while True:
        command = [shared.ALMONER, "outcomes", "doubts", "--config", place.folder / "almoner.toml", "--json", "--limit", "1000"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        left = len(said.split("\n")) - 1
        if not left or time.monotonic() > until:
            return left
        time.sleep(5)


def control(place, method, order):
    request = urllib.request.Request(
        f"https://localhost:{place.mock_port}/control/faults", method=method,
        data=json.dumps(order).encode() if order else None, headers={"Authorization": f"Bearer {TOKEN}"},
    )
    urllib.request.urlopen(request, context=place.client(), timeout=10).close()
