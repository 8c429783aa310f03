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
from programs import FEED, PERSON, ROOT, WEB, filled_in, laid_out, run, secret_of, serve

binary = str(Path(sys.argv[1]).resolve())


def rows(folder):
    """Reference, order, amount and currency of every gift of theirs that was accepted."""
    if (folder / "gifts.db").exists():
        table = sqlite3.connect(folder / "gifts.db")
        if not table.execute("SELECT 1 FROM sqlite_master WHERE name = 'gifts'").fetchall():
            return []
        return table.execute("SELECT reference, merchant_reference, amount, currency FROM gifts WHERE state = 'accepted'").fetchall()
    found = []
    for name in {"gifts.csv", "accepted.csv"} & {file.name for file in folder.iterdir()}:
        with open(folder / name, newline="") as file:
            found += [(reference, order, int(amount), currency) for reference, order, amount, currency, _ in csv.reader(file)]
    return found


def orders(folder):
    """State and order of each row of a database."""
    table = sqlite3.connect(folder / "gifts.db")
    return dict(table.execute("SELECT reference, state || ' ' || merchant_reference FROM gifts"))


def misplaced(folder, cursor):
    """A place in the feed that is none (any more)."""
    for name in {"cursor", "accepted.cursor"} & {file.name for file in folder.iterdir()}:
        (folder / name).write_text(cursor)
    if (folder / "gifts.db").exists():
        table = sqlite3.connect(folder / "gifts.db")
        with table:
            table.execute("UPDATE place SET cursor = ?", (cursor,))
            table.execute("UPDATE gifts SET event = 9999")
            # One that another record said less of, with a higher number.
            table.execute("UPDATE gifts SET state = 'declined' WHERE reference = (SELECT max(reference) FROM gifts WHERE state = 'accepted')")


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
    return folder, house.pay(page.stdout), give[2]


def web(house, language):
    """The form, a repeat, a mistake; pays; and the webhook's row is there though no feed was read since."""
    folder = laid_out(house, language, language)
    _, port = serve(house, language, folder)
    house.fronts[language].inside = port
    address = f"http://127.0.0.1:{port}"
    give, fields = address + "/give", filled_in(house, address + "/give")
    status, _, page = house.ask(give, fields)
    assert status == 200, page
    reference = Form(page).fields["reference"]
    if (folder / "gifts.db").exists():
        assert orders(folder) == {reference: f"handed_off {fields['order']}"}, "the order is there before the browser is sent on"
    else:
        assert language == "js", "a table"
    for pounds in ("25.00", "25"):
        assert house.ask(give, fields | {"amount": pounds})[2] == page, "the first answer again"
    mistaken = filled_in(house, give, "0.01")
    status, _, wrong = house.ask(give, mistaken)
    assert status == 422 and "<li>Choose a larger amount" in wrong and Form(wrong).fields == mistaken, wrong
    status, _, mended = house.ask(give, Form(wrong).fields | {"amount": "250.00"})
    assert status == 200 and Form(mended).fields["amount"] == "25000", ("the same number will do", mended)
    status, _, other = house.ask(give, fields | {"amount": "26"})
    assert status == 422 and "its number" in other and PERSON.items() <= Form(other).fields.items(), other
    assert house.ask(give, Form(other).fields)[0] == 200, "a new number"
    assert house.pay(page) == reference
    until(f"the row of {language}", lambda: (reference, fields["order"], 2500, "GBP") in rows(folder))
    return folder, reference, fields["order"]


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
    ours = filled_in(house, f"http://127.0.0.1:{port}/give")
    reference = Form(house.ask(f"http://127.0.0.1:{port}/give", ours)[2]).fields["reference"]
    event = {"reference": reference, "state": "accepted", "amount": 1, "currency": "GBP", "recorded_at": "2026-01-01T00:00:00Z"}
    body = json.dumps({"data": event | {"id": "9999-0000000000000000"}}).encode()
    now, old, other = str(int(time.time())), str(int(time.time()) - 900), "whsec_" + base64.b64encode(b"other" * 6).decode()
    assert post_event(port, other, now, body) == 401, "another's signature"
    assert post_event(port, secret, old, body) == 401, "old"
    assert post_event(port, secret, "now", body) == 401, "no time"
    assert rows(folder) == before
    older = json.dumps({"data": event | {"id": "9998-0000000000000000", "state": "handed_off"}}).encode()
    for body in (body, body, older):
        assert post_event(port, secret, now, body) == 200, "the same, rightly signed"
    assert sorted(rows(folder)) == sorted([*before, (reference, ours["order"], 1, "GBP")]), rows(folder)


with tempfile.TemporaryDirectory(prefix="almoner-clients-") as scratch:
    house = House(binary, scratch, ROOT / "config/development.toml", list(WEB))
    try:
        folders, references, numbers = {}, {}, {}
        folders["sh"], references["sh"], numbers["sh"] = shell(house)
        for language in WEB:
            folders[language], references[language], numbers[language] = web(house, language)
        # Everything that was told is told again.
        for language, front in house.fronts.items():
            until(f"{language} to be told all", lambda: all(one["state"] == "taken" for one in house.told() if one["subscriber"] == language))
            heard = len(front.heard)
            for reference in {one["reference"] for one in house.told()}:
                house.run("events", "resend", "--config", "almoner.toml", "--subscriber", language, "--reference", reference)
            until(f"{language} to be told again", lambda: len(front.heard) >= 2 * heard)
        everything = sorted((reference, numbers[language], 2500, "GBP") for language, reference in references.items())
        for language in WEB:
            # By webhooks alone a table knows the orders that were made beside it, and the list that asks knows all.
            known = [row if language == "js" or row[0] == references[language] else (row[0], None, *row[2:]) for row in everything]
            assert sorted(rows(folders[language])) == known, (language, rows(folders[language]))
        # The feed says the same to whoever only reads, who forgot where he was, and whose rows are there already.
        for language in FEED:
            alone = laid_out(house, language, f"{language}-alone")
            for folder in (alone, alone, folders[language], folders[language]):
                read_feed(house, language, folder)
                assert sorted(rows(folder)) == everything, (language, rows(folder))
            misplaced(alone, "1-ffffffffffffffff")
            read_feed(house, language, alone)
            assert sorted(rows(alone)) == everything, (language, rows(alone))
            if language == "sh":
                (alone / "accepted.cursor").unlink()
            else:
                place = sqlite3.connect(alone / "gifts.db")
                with place:
                    place.execute("DELETE FROM place")
            read_feed(house, language, alone)
            assert sorted(rows(alone)) == everything, (language, rows(alone))
        alone = laid_out(house, "js", "js-alone")
        place = alone / "cursor"
        for cursor in (None, "", "1-ffffffffffffffff"):
            if cursor is not None:
                until("the place of js", place.exists)
                house.ended(process)
                place.write_text(cursor)
            process, _ = serve(house, "js", alone)
            until("the rows of js", lambda: sorted(rows(alone)) == everything)
            until("the place of js", lambda: place.exists() and place.read_text() not in ("", cursor))
        house.ended(process)
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
