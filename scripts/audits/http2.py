"""HTTP/2 talk that asks for nothing, frame by frame: each flood ends its connection, nobody else's (security.md, D-17 to D-19)."""

import collections
import contextlib
import socket
import struct

from place import Place, held

DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS = 1, 4
HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
# How many of each: far more than any honest client sends.
MANY = 20_000


def run(_options):
    with Place("http2") as place:
        honest = [frame(HEADERS, END_STREAM | END_HEADERS, 1, head(place.port))]
        _, _, heard = flood(place, honest, "127.0.2.250", patience=3)
        yield held("frames", "one request in the same frames is answered", {HEADERS, DATA} <= heard.keys(), f"heard {heard}")
        for number, (name, frames) in enumerate(floods(place.port).items()):
            ended, answered, heard = flood(place, frames, f"127.0.2.{1 + number}")
            good = ended and answered and heard.total() < MANY / 10
            found = f"connection {'ended' if ended else 'still open'}, heard {heard}, {'answers' if answered else 'NO answer'}"
            yield held("frames", f"{name}: the connection is ended, others are answered", good, found)


def floods(port):
    """The frames of each, in pieces as they are sent."""
    ask = head(port)
    return {
        f"{MANY} requests taken back at once": [
            frame(HEADERS, END_STREAM | END_HEADERS, stream, ask) + frame(RESET, 0, stream, struct.pack(">I", 8))
            for stream in range(1, 2 * MANY, 2)
        ],
        f"{MANY} requests that make the service take them back": [
            frame(HEADERS, END_STREAM | END_HEADERS, stream, ask) + frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", 0))
            for stream in range(1, 2 * MANY, 2)
        ],
        f"{MANY} PING": [frame(PING, 0, 0, b"pingpong")] * MANY,
        f"{MANY} SETTINGS": [frame(SETTINGS, 0, 0, b"")] * MANY,
        f"{MANY} CONTINUATION": [frame(HEADERS, END_STREAM, 1, ask)] + [frame(CONTINUATION, 0, 1, b"\0\1x\1y" * 20)] * MANY,
        f"{MANY} empty CONTINUATION": [frame(HEADERS, END_STREAM, 1, ask)] + [frame(CONTINUATION, 0, 1, b"")] * MANY,
        f"{MANY} empty DATA": [frame(HEADERS, END_HEADERS, 1, ask)] + [frame(DATA, 0, 1, b"")] * MANY,
        f"{MANY} WINDOW_UPDATE": [frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1))] * MANY,
        f"{MANY} streams left open": [frame(HEADERS, END_HEADERS, stream, ask) for stream in range(1, 2 * MANY, 2)],
    }


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def head(port):
    """GET of the donate form, in HPACK's plainest words."""
    fields = ((4, "/donate"), (1, f"localhost:{port}"))
    return b"\x82\x87" + b"".join(bytes((name, len(value))) + value.encode() for name, value in fields)


def flood(place, frames, source, patience=20):
    """Whether the service ended it, whether it answered others meanwhile, and the kinds of frames it said."""
    context, said, ended = place.client("h2"), bytearray(), False
    with socket.create_connection(("127.0.0.1", place.port), timeout=10, source_address=(source, 0)) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as tls:
            tls.settimeout(0.01)
            try:
                tls.sendall(HELLO + frame(SETTINGS, 0, 0, b""))
                for first in range(0, len(frames), 200):
                    send(tls, b"".join(frames[first : first + 200]), said)
                answered = place.answers() is not None
                tls.settimeout(patience)
                while part := tls.recv(65536):
                    said += part
                ended = True
            except TimeoutError:
                ended = False
            except OSError:
                ended, answered = True, place.answers() is not None
    return ended, answered, collections.Counter(kinds(said))


def send(tls, piece, said):
    """Sends, and hears what comes meanwhile, so that neither side waits for the other."""
    with contextlib.suppress(TimeoutError):
        while part := tls.recv(65536):
            said += part
        raise ConnectionResetError("ended")
    tls.settimeout(10)
    tls.sendall(piece)
    tls.settimeout(0.001)


def kinds(said):
    at = 0
    while at + 9 <= len(said):
        yield said[at + 3]
        at += 9 + int.from_bytes(said[at : at + 3], "big")
