"""Slow clients of slowhttptest: slow headers, slow bodies, slow readers are closed, and others answered (security.md, D-12 to D-14)."""

import subprocess
import time

from place import Place, apt, held

CONNECTIONS = 300
# By then each limit has long been reached, and slowhttptest has to give up by itself: every connection is closed.
LONGEST = 60
# The limit of each is 10 s at the most; the rest is for handshakes on a slow machine.
CLOSED_WITHIN = 40
KINDS = {
    # A line of a header every 3 s.
    "slow headers": ["-H", "-i", "3"],
    # A few bytes of a body every 3 s: under 500 bytes a second. A form without a token is refused before its body is
    # read; a webhook's is read first, because it is what its signature is over.
    "slow body": ["-B", "-i", "3", "-s", "8192", "-f", "application/json"],
    # A window of few bytes, and five bytes read every 5 s.
    "slow read": ["-X", "-w", "1", "-y", "64", "-n", "5", "-z", "5", "-k", "3"],
}


def run(_options):
    apt(slowhttptest="slowhttptest")
    # All come from one address, of which far fewer are let in: it is the limits on slowness that are looked at.
    with Place("slow", limits="connections_per_address = 1000") as place:
        for kind, options in KINDS.items():
            yield from attack(place, kind, options)


def attack(place, kind, options):
    log = open(place.folder / f"{kind.replace(' ', '-')}.txt", "w")
    path = "/webhooks/signed" if "-B" in options else "/donate"
    client = subprocess.Popen(
        ["slowhttptest", *options, "-c", str(CONNECTIONS), "-r", "100", "-l", str(LONGEST), "-p", "5", "-u",
         f"https://localhost:{place.port}{path}"],
        stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )
    most, unanswered, asked = 0, 0, 0
    began = closed = time.monotonic()
    while client.poll() is None and time.monotonic() - began < LONGEST + 20:
        asked += 1
        unanswered += place.answers() is None
        most = max(most, place.connections())
        if place.connections():
            closed = time.monotonic()
        elif most and time.monotonic() - closed > 8:
            break
        time.sleep(0.5)
    client.terminate()
    client.wait(20)
    took = closed - began
    yield held("slowhttptest", f"{kind}: {CONNECTIONS} connections wanted, the attack took place", most >= CONNECTIONS // 4, f"only {most} were open at once")
    yield held("slowhttptest", f"{kind}: others are answered meanwhile", not unanswered, f"{unanswered} of {asked} requests had no answer")
    yield held("slowhttptest", f"{kind}: all are closed within {CLOSED_WITHIN} s", took < CLOSED_WITHIN, f"the last was open after {took:.0f} s")
