"""The TLS of both profiles: sslyze against Mozilla's guidelines, testssl.sh for everything else (security.md, T-1, T-2, D-21)."""

import json
import re
import subprocess

from place import EXPLAINED, PASS, UNEXPLAINED, Line, Place, apt, held, venv

# What testssl.sh finds and is right here: its id, what its finding begins with, and the reason.
ALLOWED = (
    ("cipher_order", "NOT a cipher order configured",
     "every suite that is offered is a good one, so the client may choose: Mozilla's guideline says so for this profile"),
    ("cert_revocation", "Neither CRL nor OCSP URI provided",
     "the certificate is the throw-away of `almoner dev-certs`, whose authority's key is not kept; a real one is the operator's"),
    ("HTTP_status_code", "Unexpected 421",
     "testssl.sh leaves the port out of its Host header, and a host that is not ours is answered 421 (D-5), with every header"),
)
GRAVE = {"OK", "INFO"}


def run(_options):
    apt(testssl="testssl.sh")
    tools = venv()
    for profile in ("intermediate", "modern"):
        with Place(f"tls-{profile}", public=f'tls_profile = "{profile}"') as place:
            yield sslyze(tools, place, profile)
            yield from testssl(place, profile)
            yield held("-", f"{profile}: answers afterwards", place.answers() is not None, "no answer")


def sslyze(tools, place, profile):
    command = [
        tools / "sslyze", f"--mozilla_config={profile}", "--certinfo_ca_file", place.tls / "authority.pem",
        f"localhost:{place.port}{{127.0.0.1}}",
    ]
    said = subprocess.run(command, capture_output=True, text=True).stdout
    (place.folder / "sslyze.txt").write_text(said)
    verdict = re.search(r"(OK - Compliant|FAILED - Not compliant.*)", said, re.S)
    found = " ".join(verdict.group(1).split()) if verdict else "no verdict: see target/audit"
    return held("sslyze", f"{profile}: {found}", found.startswith("OK"), found)


def testssl(place, profile):
    report = place.folder / "testssl.json"
    subprocess.run(
        ["testssl", "--quiet", "--warnings", "off", "--color", "0", "--nodns", "none", "--ip", "127.0.0.1",
         "--add-ca", place.tls / "authority.pem", "--jsonfile", report, f"https://localhost:{place.port}/donate"],
        stdout=open(place.folder / "testssl.txt", "w"), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )
    found = json.loads(report.read_text())
    good = sum(one["severity"] in GRAVE for one in found)
    yield held("testssl.sh", f"{profile}: {good} findings are good or neutral", good > 100, f"only {good}: see target/audit")
    for one in found:
        if one["severity"] in GRAVE:
            continue
        reason = next((why for name, begins, why in ALLOWED if name == one["id"] and one["finding"].startswith(begins)), "")
        check = f"{profile}: {one['id']}: {one['severity']}: {one['finding']}"
        yield Line("testssl.sh", check, EXPLAINED if reason else UNEXPLAINED, reason)
