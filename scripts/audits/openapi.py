"""The API against its own description, by schemathesis with all its checks: what is said is what is done."""

import json
import os
import subprocess

from place import ALMONER, EXPLAINED, HERE, KEY, UNEXPLAINED, Line, Place, held, venv

SEED = "20261126"
# What is right here although schemathesis does not expect it: its check, the status, and the reason.
ALLOWED = (
    ("positive_data_acceptance", 422,
     "what a charity takes (currencies, sums, plans, methods) stands in its configuration; the examples must be taken: tests/gateway/description.rs"),
    ("positive_data_acceptance", 410, "a cursor that was made up is of no record here"),
    ("positive_data_acceptance", 429, "by then its own wrong keys have used up what one network may try"),
    ("negative_data_rejection", 429, "whoever sends wrong keys is soon told to wait, which is a refusal too"),
    ("negative_data_rejection", 413, "what is wrong may be too long as well: a body,"),
    ("negative_data_rejection", 414, "an address,"),
    ("negative_data_rejection", 431, "or a header; each has a limit of its own (docs/configuration.md, limits)"),
)
# Of what schemathesis expects by itself, the part that this service has a reason to answer: no 3xx, 406, 428 and above all no 5xx.
EXPECTED = {
    "positive_data_acceptance": ["2xx", "401", "403", "404", "409"],
    "negative_data_rejection": ["400", "401", "403", "404", "405", "415", "422"],
}
# Which phases, and what is not looked at in them.
RUNS = (("examples,coverage,fuzzing", ()), ("stateful", ("--exclude-checks", "ignored_auth")))
NOT_TWICE = "by then its own wrong keys are answered 429; tests/gateway/description.rs asks everywhere without a key"
# It waits for the end of an answer, and this one ends when the connection does.
STREAM = "/v1/outcomes/stream"


def run(options):
    tools = venv()
    for processor, way in ((False, "on the processor's page"), (True, "cards charged at once")):
        public = 'return_origins = ["https://www.charity.test"]'
        with Place("openapi", processor=processor, public=public, generous=True) as place:
            served = place.exchange(f"GET /openapi.json HTTP/1.1\r\nHost: localhost:{place.port}\r\nConnection: close\r\n\r\n")[2]
            printed = subprocess.run([ALMONER, "openapi"], check=True, capture_output=True).stdout
            yield held("almoner openapi", f"{way}: what is printed is what is served", printed.strip() == served.strip(), "they differ")
            for phases, left_out in RUNS:
                yield from examine(tools, place, f"{way}: {phases}", ["--phases", phases, *left_out, "--max-examples", "30" if options.few else "400"])
            yield held("-", f"{way}: answers afterwards", place.answers() is not None, "no answer")
    for check, status, why in ALLOWED:
        yield Line("schemathesis", f"{check}: {status}", EXPLAINED, why)
    yield Line("schemathesis", "ignored_auth: stateful", EXPLAINED, NOT_TWICE)
    yield Line("schemathesis", f"{STREAM} is left out", EXPLAINED, "it waits for the end of an answer; tests/gateway follows streams")


def examine(tools, place, what, options):
    """Everything that it finds is a line; so is what it did not do."""
    report, said = place.folder / "schemathesis.json", place.folder / f"{options[1]}.txt"
    command = [
        tools / "schemathesis", "--config-file", settings(place), "run", f"https://localhost:{place.port}/openapi.json",
        "--tls-verify", place.tls / "authority.pem", "--exclude-path", STREAM, "--checks", "all", "--continue-on-failure",
        "--seed", SEED, "--report", "json", "--report-json-path", report, "--output-truncate", "false", *options,
    ]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "openapi_hooks", "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}
    with open(said, "w") as output:
        subprocess.run(command, cwd=place.folder, env=environment, stdout=output, stderr=subprocess.STDOUT, timeout=3600)
    found = json.loads(report.read_text())
    for failure in found["failures"] + found["errors"]:
        check = f"{what}: {failure.get('code', 'error')} {failure.get('title', '')} ({', '.join(failure.get('operations', []))})"
        yield Line("schemathesis", check, UNEXPLAINED, f"see {said}")
    cases = found["test_cases"]["generated"]
    taken = sum(rates["accepted"] for phase in found["valid_rates"].values() for rates in phase.values())
    whole = found["complete"] and found["operations"]["selected"] > 2 and cases > 50
    yield held("schemathesis", f"{what}: {cases} requests", whole, "it did not come to its end")
    if options[1] != "stateful":
        yield held("schemathesis", f"{what}: {taken} that fit were taken", taken > 0, "none was")
    if not (found["failures"] or found["errors"]):
        yield held("schemathesis", f"{what}: nothing found", True, "")


def settings(place):
    """Its configuration: the key, and what is expected."""
    text = f'[auth.openapi.key]\nbearer = "{KEY}"\n'
    for check, expected in EXPECTED.items():
        allowed = [str(status) for name, status, _ in ALLOWED if name == check]
        text += f"[checks.{check}]\nexpected-statuses = {json.dumps(expected + allowed)}\n"
    file = place.folder / "schemathesis.toml"
    file.write_text(text)
    return file
