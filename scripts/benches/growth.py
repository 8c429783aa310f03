"""A ledger that has grown against an empty one, as ratios: insert, webhook, look-up.

Fills target/growth/growth.db through the real ledger (rows, triggers and chain are a service's), goes on where an
earlier run stopped, and then measures it and an empty ledger in turn: medians and 99th percentiles over rounds.
Says also how long a start, a backup and the proof of the whole record take. Aim: every ratio within 1.3.

    scripts/bench growth --hand-offs 1000000
    scripts/bench growth --hand-offs 10000000 --minutes 7      run it again until it is filled; then it measures
"""

import subprocess

from house import ROOT


def arguments(options):
    options.add_argument("--hand-offs", type=int, default=1_000_000, help="how many the file is to hold")
    options.add_argument("--minutes", type=int, default=7, help="filling stops after so many; the next run goes on")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--quick", action="store_true", help="neither prove nor copy the file")


def run(options):
    command = ["cargo", "bench", "--locked", "--quiet", "--bench", "growth", "--"]
    command += ["--hand-offs", str(options.hand_offs), "--minutes", str(options.minutes), "--rounds", str(options.rounds)]
    if options.quick:
        command.append("--quick")
    subprocess.run(command, check=True, cwd=ROOT)
