"""A ledger that has grown against an empty one, as ratios: insert, webhook, look-up.

Fills target/growth/growth.db through the real ledger (rows, triggers and chain are a service's), goes on where an
earlier run stopped, and then measures it and an empty ledger in turn: medians over rounds. First as callers meet it, by
requests to the service over TLS: POST /donate, POST /webhooks/signed, GET /v1/handoffs/REFERENCE of new hand-offs and of
any; aim: every ratio within 1.3. Then the ledger's own calls, without the service around them, which show the engine
alone; how long a start, a backup and the proof of the whole record take.

    scripts/bench growth --hand-offs 1000000
    scripts/bench growth --hand-offs 10000000 --minutes 7      run it again until it is filled; then it measures
"""

import hashlib
import random
import signal
import sqlite3
import statistics
import subprocess

from house import DONE, ORIGIN, ROOT, RUN, SETTINGS, install, prepare, start_fresh, wrk, write_webhooks

FILE = ROOT / "target" / "growth" / "growth.db"
KEY = "alm_a-key-for-benches-alone-0001"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CALLERS = 16
KINDS = ["insert", "webhook", "look-up, new", "look-up, any"]


def arguments(options):
    options.add_argument("--hand-offs", type=int, default=1_000_000, help="how many the file is to hold")
    options.add_argument("--minutes", type=int, default=7, help="filling stops after so many; the next run goes on")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--seconds", type=int, default=3, help="of each kind of request in a round")
    options.add_argument("--quick", action="store_true", help="neither prove nor copy the file")


def run(options):
    install("wrk")
    command = ["cargo", "bench", "--locked", "--quiet", "--bench", "growth", "--"]
    command += ["--hand-offs", str(options.hand_offs), "--minutes", str(options.minutes)]
    filled = subprocess.run([*command, "--fill"], check=True, cwd=ROOT, capture_output=True, text=True).stdout
    print(filled, end="", flush=True)
    if "again to go on" in filled:
        return
    over_tls(options)
    rest = [*command, "--rounds", str(options.rounds)] + ["--quick"] * options.quick
    subprocess.run(rest, check=True, cwd=ROOT)


def over_tls(options):
    """The empty ledger and the large one in turn, each behind a service of its own."""
    times = {(kind, side): [] for kind in KINDS for side in ("empty", "large")}
    for _ in range(options.rounds):
        for side in ("empty", "large"):
            for kind, found in zip(KINDS, served(FILE if side == "large" else RUN / "ledger.db", options.seconds)):
                times[kind, side].append(found)
    print(f"over TLS, {CALLERS} callers, {options.rounds} rounds of {options.seconds} s, microseconds")
    print(f"{'':14}{'empty p50':>11}{'p99':>9}{'large p50':>11}{'p99':>9}{'ratio p50':>11}{'p99':>9}")
    for kind in KINDS:
        empty, large = times[kind, "empty"], times[kind, "large"]
        middle = [statistics.median(one[key] for one in side) for side in (empty, large) for key in ("p50", "p99")]
        ratios = [statistics.median(b[key] / a[key] for a, b in zip(empty, large)) for key in ("p50", "p99")]
        cells = [f"{cell:{width}.0f}" for cell, width in zip(middle, (11, 9, 11, 9))]
        print(f"{kind:14}{''.join(cells)}{ratios[0]:11.2f}{ratios[1]:9.2f}")


def served(ledger, seconds):
    """Starts the service on a ledger, and gives what wrk says of each kind of request."""
    port, operations, _ = prepare()
    hashed = hashlib.sha256(KEY.encode()).hexdigest()
    settings = SETTINGS.format(port=port, operations=operations, origin=ORIGIN)
    settings = settings.replace('file = "ledger.db"', f'file = "{ledger}"\nretention_months = 240')
    settings += f'[[api.keys]]\nname = "bench"\nsha256 = "{hashed}"\nscopes = ["read"]\n'
    (RUN / "almoner.toml").write_text(settings)
    service, _ = start_fresh(port)
    try:
        wrk(port, "/donate", "donate.lua", 1, CALLERS)
        found = [wrk(port, "/donate", "donate.lua", seconds, CALLERS)]
        write_webhooks.serial = random.randrange(10**11)
        write_webhooks(port, seconds * 30000, ledger, among=10_000)
        found.append(wrk(port, "/webhooks/signed", "webhook.lua", seconds, CALLERS))
        for newest in (True, False):
            write_look_ups(port, references(ledger, newest))
            wrk(port, "/", "look.lua", 1, CALLERS)
            found.append(wrk(port, "/", "look.lua", seconds, CALLERS))
        bad = [kind for kind, result in zip(KINDS, found) if result["bad"]]
        if bad:
            raise SystemExit(f"refused or failed: {bad}; see target/bench/almoner.log")
        return found
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(40)


def references(ledger, newest):
    """4,000 of the newest hand-offs, or 100,000 from all over the file."""
    file = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
    last = file.execute("SELECT max(sequence) FROM event").fetchone()[0]
    places = range(last - 4000, last) if newest else (random.randint(1, last) for _ in range(100_000))
    sql = "SELECT reference FROM event WHERE sequence = ?"
    found = [int.from_bytes(file.execute(sql, (place,)).fetchone()[0], "big") for place in places]
    file.close()
    random.shuffle(found)
    return ["".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(26))) for number in found]


def write_look_ups(port, references):
    """Both threads of wrk go through them, the second from their middle on."""
    (RUN / "references").write_text("\n".join(references) + "\n")
    (RUN / "look.lua").write_text(
        f'local number = 0\nsetup = function(thread) thread:set("half", number); number = number + 1 end\n'
        f'init = function() all = {{}}; for line in io.lines("{RUN}/references") do all[#all + 1] = line end\n'
        f"  place = math.floor(half * #all / 2) end\n"
        f"request = function() place = place % #all + 1\n"
        f'  return "GET /v1/handoffs/" .. all[place] .. " HTTP/1.1\\r\\nHost: localhost:{port}\\r\\nAuthorization: Bearer {KEY}\\r\\n\\r\\n" end\n'
        + DONE
    )
