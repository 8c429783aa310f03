"""Durable hand-offs a second in each engine, as ratios to the bare engine's group commit.

One row of the same size in one table, committed in groups for all who wait, is what the engine can do; a hand-off is
a row, its chained event, its idempotency key and its place on the list of what is due, all in one such group. At 1, 16,
64 and 256 callers, each waiting for its answer; the sides in turn, ratios of neighbours, medians over rounds."""

import os
import subprocess
import time

from house import ROOT


def arguments(options):
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=2)


def run(options):
    print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {options.rounds} rounds of {options.seconds:g} s")
    command = ["cargo", "bench", "--locked", "--quiet", "--bench", "ledger", "--"]
    subprocess.run([*command, str(options.rounds), str(int(options.seconds * 1000))], check=True, cwd=ROOT)
