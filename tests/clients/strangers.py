"""What a stranger tries on the programs of docs/clients.md: nothing comes of it, and they go on."""

import base64
import hashlib
import hmac
import os
import shutil
import socket
import struct
import time

from house import WAIT, Elsewhere, Form, Shut
from programs import FEED, WEB, filled_in, laid_out, run, serve

SPLIT = "order-2026-000300\r\nX-More: 1\r\n\r\n{}"


def hand_offs(house):
    return house.run("outcomes", "list", "--config", "almoner.toml", "--json")


def see_no_key(house, folder, give):
    """Nor a supporter's contact: on no command line that the shell programs write, which everybody on the machine may read."""
    house.folder.joinpath("seen").mkdir()
    for tool in ("cat", "curl", "flock", "grep", "jq", "mktemp", "mv", "printf", "rm", "touch"):
        shim = house.folder / "seen" / tool
        shim.write_text(f'#!/bin/bash\nbuiltin printf "%s\\n" "$0" "$@" >>"{house.folder}/seen.log"\nexec {shutil.which(tool)} "$@"\n')
        shim.chmod(0o755)
    path = f"{house.folder}/seen:{os.environ['PATH']}"
    for command in ([*give, "2500"], ["bash", "gifts.sh"]):
        done = run(house, "sh", folder, command, PATH=path)
        assert done.returncode == 0, done.stderr
    seen = (house.folder / "seen.log").read_text()
    assert "/v1/handoffs" in seen and "/v1/outcomes" in seen, seen
    assert house.key not in seen and "pat@example.org" not in seen, seen


def bad_words(house, folder):
    """The shell's words are looked at before anybody is asked."""
    before = hand_offs(house)
    for words in ([SPLIT, "2500"], ["order-2026-000300\n", "2500"], ["short", "2500"], ["order-2026-000300", "a lot"], ["order-2026-000300"], []):
        done = run(house, "sh", folder, ["bash", "give.sh", *words], ALMONER="https://127.0.0.1:1")
        assert done.returncode == 1 and done.stderr.startswith("422 ") and not done.stdout, (words, done)
    assert hand_offs(house) == before


def bad_forms(house, language, port):
    """A number that is none, or not ours; an amount that is none; fields that are not there or come as lists."""
    address, before = f"http://127.0.0.1:{port}/give", hand_offs(house)
    fields = filled_in(house, address)
    ours = fields["order"]
    forged = ours[:-1] + ("0" if ours[-1] != "0" else "1")
    for order in (SPLIT, ours + "\r\nX-More: 1", ours + "\n", "order-2026-000300", forged, ours[17:], "é" * 49, "short", ""):
        status, _, page = house.ask(address, fields | {"order": order})
        again = Form(page).fields
        assert status == 422 and "its number" in page and again == fields | {"order": again["order"]}, (language, order, status, page)
        assert again["order"] not in (order, ours), (language, order, page)
    for amount in ("", "a lot", "-25", "25.0", "25.000", "25.", ".50", "25,00", "2,500", "£25", " 25", "1e3", "٢٥", "9" * 40, "25\n", "25.00\n"):
        status, _, page = house.ask(address, fields | {"amount": amount})
        assert status == 422 and "in pounds" in page and Form(page).fields["order"] == ours, (language, amount, status, page)
    for name in fields:
        missing = {one: value for one, value in fields.items() if one != name}
        for sent in (missing, missing | {f"{name}[]": fields[name]}):
            status, _, page = house.ask(address, sent)
            assert status == 422 and "<li>" in page and "<li>/" not in page, (language, name, status, page)
            assert missing.items() - Form(page).fields.items() <= {("order", ours)}, (language, name, page)
    assert hand_offs(house) == before, language
    assert house.ask(address, fields)[0] == 200, "what was refused took no number away"


def said(port, head, body=b""):
    """How a request is answered that is written by hand."""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as one:
        one.sendall(b"POST /give HTTP/1.1\r\nhost: localhost\r\n" + head + b"\r\n\r\n" + body)
        return int(one.makefile("rb").readline().split()[1])


def bad_lengths(house, language, port):
    """Bodies that end in the middle, and lengths that are none or too much."""
    for _ in range(3):
        one = socket.create_connection(("127.0.0.1", port), timeout=WAIT)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.sendall(b"POST /give HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\norder=")
        one.close()
        assert house.ask(f"http://127.0.0.1:{port}/give")[0] == 200, language
    refused = (400, 413)
    if language != "php":  # its lengths are looked at by what runs it
        for length in (b"-1", b"+5", b"five", b"9" * 30):
            assert said(port, b"content-length: " + length) in refused, (language, length)
        assert said(port, b"content-length: 70000", b"x" * 70000) == 413, language
        assert said(port, b"transfer-encoding: chunked", b"11170\r\n" + b"x" * 70000 + b"\r\n0\r\n\r\n") == 413, language
    assert house.ask(f"http://127.0.0.1:{port}/give")[0] == 200, language


def weak_secrets(house, language):
    """With a secret that anybody could guess nothing is begun, and nothing believed."""
    folder = laid_out(house, language, f"{language}-weak")
    short = "whsec_" + base64.b64encode(b"x" * 23).decode()
    for weak in ({"ALMONER_SECRET": ""}, {"ALMONER_SECRET": "whsec_"}, {"ALMONER_SECRET": short}, {"ORDER_KEY": ""}, {"ORDER_KEY": "x" * 23}):
        if WEB[language]:
            done = run(house, language, folder, WEB[language], **weak)
            assert done.returncode != 0 and "24 bytes" in done.stderr, (language, weak, done)
            continue
        process, port = serve(house, language, folder, **weak)
        at = str(int(time.time()))
        for key in (b"", b"x" * 23):
            right = base64.b64encode(hmac.digest(key, f"1-0.{at}.{{}}".encode(), hashlib.sha256))
            head = f"content-length: 2\r\nwebhook-id: 1-0\r\nwebhook-timestamp: {at}\r\nwebhook-signature: v1,{right.decode()}".encode()
            assert said(port, head, b"{}") == 500, weak
        assert house.ask(f"http://127.0.0.1:{port}/give")[0] == 500, weak
        house.ended(process)
    assert not (folder / "gifts.db").exists() and not (folder / "gifts.csv").exists()


def shut(house, language):
    """A page does not wait for as long as Almoner wishes, and the number stays."""
    front = house.front(Shut)
    folder = laid_out(house, language, f"{language}-shut")
    process, port = serve(house, language, folder, ALMONER=f"https://localhost:{front.server_port}")
    address = f"http://127.0.0.1:{port}/give"
    fields = filled_in(house, address) | {"line1": "1 <High> \"Street\" {town}"}
    status, _, page = house.ask(address, fields)
    assert status == 503 and "wait a minute" in page and Form(page).fields == fields, (language, status, page)
    assert front.heard == [fields["order"]], front.heard
    front.shutdown()
    front.server_close()
    status, _, page = house.ask(address, Form(page).fields)
    assert status == 503 and Form(page).fields == fields, (language, "nobody there", status, page)
    house.ended(process)


def our_side(house, language):
    """What is wrong with the program's key, or with where it asks, no supporter is told; the key goes nowhere else."""
    front = house.front(Elsewhere)
    elsewhere = f"https://localhost:{front.server_port}"
    for name, wrong in (("key", {"ALMONER_KEY": house.key[:-4] + "AAAA"}), ("moved", {"ALMONER": elsewhere})):
        folder = laid_out(house, language, f"{language}-{name}")
        process, port = serve(house, language, folder, **wrong)
        fields = filled_in(house, f"http://127.0.0.1:{port}/give")
        status, _, page = house.ask(f"http://127.0.0.1:{port}/give", fields)
        assert status == 500 and "<li>Something is wrong on our side. Nothing was sent.<" in page, (language, name, status, page)
        assert "key" not in page and Form(page).fields == fields, (language, name, page)
        house.ended(process)
        if language in FEED:
            assert run(house, language, folder, FEED[language], **wrong).returncode != 0, (language, name)
    assert "401 The API key is missing or not known" in (house.folder / f"{language}.log").read_text(), language
    assert front.heard == [], "a key went elsewhere"
    front.shutdown()
    front.server_close()


def come(house, folders):
    bad_words(house, folders["sh"])
    for language in WEB:
        port = house.fronts[language].inside
        bad_forms(house, language, port)
        bad_lengths(house, language, port)
        weak_secrets(house, language)
        shut(house, language)
        our_side(house, language)
