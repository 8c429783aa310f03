"""900 TLS handshakes that never go on: an honest supporter is still answered, and all are closed (security.md, T-6, D-15)."""

import socket
import time

from place import Place, held

STALLED = 900
# Of one address no more than limits.connections_per_address are let in: so many come from each.
EACH = 18
# Of a handshake 5 s; the rest is for a slow machine.
CLOSED_WITHIN = 15


def run(_options):
    with Place("handshakes") as place:
        opened = [stall(place.port, f"127.0.1.{1 + number // EACH}") for number in range(STALLED)]
        took = place.answers()
        yield held("sockets", f"{STALLED} stalled handshakes: answers meanwhile", took is not None, "no answer")
        until = time.monotonic() + CLOSED_WITHIN
        while place.connections() and time.monotonic() < until:
            time.sleep(0.2)
        left = place.connections()
        yield held("sockets", f"all {STALLED} are closed within {CLOSED_WITHIN} s", not left, f"{left} are open")
        yield held("sockets", "answers afterwards", place.answers() is not None, "no answer")
        for each in opened:
            each.close()


def stall(port, source):
    """Says that a long ClientHello comes, and sends one byte of it."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))
    plain.sendall(b"\x16\x03\x01\x02\x00\x01")
    return plain
