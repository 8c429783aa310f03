"""Every page in Chromium with axe: scripts/browser does it, and this part runs that walk on the release binary."""

import os
import re
import subprocess

import place
from place import ROOT, held


def run(_options):
    environment = {**os.environ, "ALMONER_BINARY": str(place.ALMONER)}
    walk = subprocess.run(
        ["scripts/browser", "tests/browser/pages.test.js"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    place.RUN.mkdir(parents=True, exist_ok=True)
    (place.RUN / "axe.txt").write_text(walk.stdout + walk.stderr)
    count = {word: int(number) for word, number in re.findall(r"^\S*\s*(pass|fail) (\d+)$", walk.stdout, re.M)}
    good = walk.returncode == 0 and count.get("pass", 0) > 0 and not count.get("fail")
    yield held("axe-core", f"{count.get('pass', 0)} pages, two widths each, WCAG 2.2 AA and best practice: no violation, no doubt", good, "see target/audit/axe.txt")
