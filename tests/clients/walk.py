"""Every program of docs/clients.md, as it stands there: from the charity's form to one right row. scripts/clients."""

import base64
import csv
import hashlib
import hmac
import http.client
import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import strangers
from house import Form, House, until
from programs import ROOT, WEB, laid_out, run, secret_of, serve

binary = str(Path(sys.argv[1]).resolve())
FEED = {"sh": ["bash", "gifts.sh"], "python": ["python3", "gifts.py"], "php": ["php", "gifts.php"]}


def rows(folder):
    """Reference, amount and currency of every gift of theirs that was accepted."""
    if (folder / "gifts.db").exists():
        table = sqlite3.connect(folder / "gifts.db")
        if not table.execute("SELECT 1 FROM sqlite_master WHERE name = 'gifts'").fetchall():
            return []
        return table.execute("SELECT reference, amount, currency FROM gifts WHERE state = 'accepted'").fetchall()
    if not (folder / "gifts.csv").exists():
        return []
    with open(folder / "gifts.csv", newline="") as file:
        # The shell's has the charity's own number besides.
        return [(row[0], int(row[-3]), row[-2]) for row in csv.reader(file)]


def read_feed(house, language, folder):
    done = run(house, language, folder, FEED[language])
    assert done.returncode == 0, done.stderr


def shell(house):
    """Creates twice, is refused once, pays, and reads."""
    folder = laid_out(house, "sh", "sh")
    give = ["bash", "give.sh", "order-2026-000100"]
    strangers.see_no_key(house, folder, give)
    page = run(house, "sh", folder, [*give, "2500"])
    assert page.returncode == 0, page.stderr
    assert run(house, "sh", folder, [*give, "2500"]).stdout == page.stdout, "the first answer again"
    other = run(house, "sh", folder, [*give, "2600"])
    assert other.returncode == 1 and "422" in other.stderr, other
    wrong = run(house, "sh", folder, ["bash", "give.sh", "order-2026-000101", "1"])
    assert wrong.returncode == 1 and "/amount/value: " in wrong.stderr and not wrong.stdout, wrong
    return folder, house.pay(page.stdout)


def web(house, language):
    """The form, a repeat, a mistake; pays; and the webhook's row is there though no feed was read since."""
    folder = laid_out(house, language, language)
    _, port = serve(house, language, folder)
    house.fronts[language].inside = port
    address = f"http://127.0.0.1:{port}"
    form, another = Form(house.ask(address + "/give")[2]), Form(house.ask(address + "/give")[2])
    fields = form.fields
    status, _, page = house.ask(address + form.action, fields)
    assert status == 200, page
    assert house.ask(address + form.action, fields)[2] == page, "the first answer again"
    status, _, wrong = house.ask(address + form.action, another.fields | {"amount": "1"})
    assert status == 422 and "/amount/value" in wrong, wrong
    status, _, other = house.ask(address + form.action, fields | {"amount": "2600"})
    assert status == 422 and "<form" not in other, other
    reference = house.pay(page)
    until(f"the row of {language}", lambda: [row for row in rows(folder) if row[0] == reference])
    return folder, reference


def post_event(port, secret, at, body):
    """A message like Almoner's: how it is answered."""
    signed = b"7-0000000000000000." + at.encode() + b"." + body
    right = base64.b64encode(hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256)).decode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    head = {"webhook-id": "7-0000000000000000", "webhook-timestamp": at, "webhook-signature": f"v1a,AAAA v1,{right}"}
    connection.request("POST", "/hooks/almoner", body, head)
    return connection.getresponse().status


def believes_nobody_else(house, language, folder):
    """Only what is signed, of now, and newer than the row."""
    port, before = house.fronts[language].inside, rows(folder)
    secret = secret_of(house, language)
    event = {"reference": "OURS", "state": "accepted", "amount": 1, "currency": "GBP", "recorded_at": "2026-01-01T00:00:00Z"}
    body = json.dumps({"data": event | {"id": "9999-0000000000000000"}}).encode()
    now, old, other = str(int(time.time())), str(int(time.time()) - 900), "whsec_" + base64.b64encode(b"other" * 6).decode()
    assert post_event(port, other, now, body) == 401, "another's signature"
    assert post_event(port, secret, old, body) == 401, "old"
    assert post_event(port, secret, "now", body) == 401, "no time"
    assert rows(folder) == before
    older = json.dumps({"data": event | {"id": "9998-0000000000000000", "state": "handed_off"}}).encode()
    for body in (body, body, older):
        assert post_event(port, secret, now, body) == 200, "the same, rightly signed"
    assert sorted(rows(folder)) == sorted([*before, ("OURS", 1, "GBP")]), rows(folder)


with tempfile.TemporaryDirectory(prefix="almoner-clients-") as scratch:
    house = House(binary, scratch, ROOT / "config/development.toml", list(WEB))
    try:
        folders, references = {}, {}
        folders["sh"], references["sh"] = shell(house)
        for language in WEB:
            folders[language], references[language] = web(house, language)
        # Everything that was told is told again.
        for language, front in house.fronts.items():
            until(f"{language} to be told all", lambda: all(one["state"] == "taken" for one in house.told() if one["subscriber"] == language))
            heard = len(front.heard)
            for reference in references.values():
                house.run("events", "resend", "--config", "almoner.toml", "--subscriber", language, "--reference", reference)
            until(f"{language} to be told again", lambda: len(front.heard) >= 2 * heard)
        everything = sorted((reference, 2500, "GBP") for reference in references.values())
        for language in WEB:
            assert sorted(rows(folders[language])) == everything, (language, rows(folders[language]))
        # The feed says the same to whoever only reads, who forgot where he was, and whose rows are there already.
        for language in FEED:
            alone = laid_out(house, language, f"{language}-alone")
            for folder in (alone, alone, folders[language], folders[language]):
                read_feed(house, language, folder)
                assert sorted(rows(folder)) == everything, (language, rows(folder))
            if language == "sh":
                (alone / "cursor").unlink()
            else:
                place = sqlite3.connect(alone / "gifts.db")
                with place:
                    place.execute("DELETE FROM place")
            read_feed(house, language, alone)
            assert sorted(rows(alone)) == everything, (language, rows(alone))
        alone = laid_out(house, "js", "js-alone")
        for _ in range(2):
            process, _ = serve(house, "js", alone)
            until("the rows of js", lambda: sorted(rows(alone)) == everything)
            house.ended(process)
            (alone / "cursor").unlink(missing_ok=True)
        for language in WEB:
            believes_nobody_else(house, language, folders[language])
        strangers.come(house, folders)
    except BaseException:
        for log in Path(scratch).glob("*.log"):
            print(f"== {log.name}\n" + "\n".join(log.read_text().splitlines()[-20:]), file=sys.stderr)
        raise
    finally:
        house.end()
print(f"one right row in each of {', '.join(references)}, however often it was told; and nothing for a stranger")
