"""How long a doubt lasts where answers are lost, in the processor's and Almoner's own time.

Payments by API go to the mock, of whose answers the given share is lost after the payment was made; of the answers to the
questions that follow the same share is lost; no webhook comes to help. The clock is set by hand: all that falls due in a
second is done before the next begins. Ages are seconds from the payment to the known outcome."""

import subprocess
import time

import latency
from house import ROOT, RUN, install, prepare


def arguments(options):
    options.add_argument("--minutes", type=int, default=20, help="of payments, by the clock that is set")
    options.add_argument("--each-second", type=int, default=5)


def run(options):
    install()
    port, operations, mock_port = prepare()
    latency.write(port, operations, mock_port)
    print(f"{time.strftime('%Y-%m-%d')}, {options.each_second} payments a second for {options.minutes} minutes\n")
    print(f"{'lost':<10}{'payments':>10}{'doubts':>10}{'p50 s':>10}{'p99 s':>10}{'longest s':>10}{'never':>10}{'not paid once':>14}", flush=True)
    command = ["cargo", "bench", "--locked", "--quiet", "--bench", "doubt", "--", RUN / "almoner.toml"]
    for lost in (5, 20):
        subprocess.run([*command, str(lost), str(options.minutes * 60), str(options.each_second)], check=True, cwd=ROOT)
