"""The content security policy of every kind of answer, by csp_evaluator (security.md, 1.5 and P-7)."""

import json
import shutil
import subprocess
from pathlib import Path

from place import FORM, HERE, ORIGIN, TOOLS, UNEXPLAINED, Line, Place, apt, held

FORM_TYPE = "Content-Type: application/x-www-form-urlencoded"
# Found in any page's policy, it would make csp_evaluator speak: it is known by this that it works.
BAD = "default-src 'none'; script-src 'unsafe-inline' https:; object-src *"


def run(_options):
    tools = evaluator()
    for cards in (False, True):
        with Place("csp", processor=cards) as place:
            where = "card page" if cards else "hand-off"
            pages = {name: place.exchange(request) for name, request in requests(place.port).items()}
        wrong = [f"{name}: {answer[0]}" for name, answer in pages.items() if not name.startswith(str(answer[0]))]
        yield held("-", f"{where}: {len(pages)} kinds of answers came as they should", not wrong, ", ".join(wrong))
        policies = {name: policy(headers) for name, (_, headers, _) in pages.items()}
        bare = [name for name, found in policies.items() if len(found) != 1]
        yield held("-", f"{where}: each has one policy", not bare, ", ".join(bare))
        found = evaluate(tools, {name: each[0] for name, each in policies.items() if each})
        for one in found:
            check = f"{where}: {one['page']}: {one['directive']} {one['value']}".strip()
            yield Line("csp_evaluator", check, UNEXPLAINED, f"severity {one['severity']}: {one['description']}")
        if not found:
            yield held("csp_evaluator", f"{where}: no finding in {len(set(map(tuple, policies.values())))} different policies", True, "")
    yield held("csp_evaluator", "a bad policy is found", bool(evaluate(tools, {"bad": BAD})), "csp_evaluator says nothing of it")


def evaluator():
    apt(node="nodejs", npm="npm")
    folder = TOOLS / "node"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "csp.cjs"):
        shutil.copy(HERE / name, folder)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder


def evaluate(tools, policies):
    said = subprocess.run(["node", Path(tools) / "csp.cjs"], input=json.dumps(policies), capture_output=True, text=True, check=True)
    return json.loads(said.stdout)


def policy(headers):
    return [value for name, value in headers if name.lower() == "content-security-policy"]


def requests(port):
    """A request for every kind of answer; its name begins with the status that is due."""

    def asks(line, *words, body="", host=f"localhost:{port}"):
        head = [f"{line} HTTP/1.1", f"Host: {host}", "Connection: close", *words]
        if body:
            head.append(f"Content-Length: {len(body)}")
        return "\r\n".join(head) + "\r\n\r\n" + body

    from_charity = (FORM_TYPE, f"Origin: {ORIGIN}")
    return {
        "200 donate": asks("GET /donate"),
        "200 join": asks("GET /join"),
        "200 handed over": asks("POST /donate", *from_charity, body=FORM),
        "422 fields to mend": asks("POST /donate", *from_charity, body=FORM.replace("postcode=NW1+6XE", "postcode=")),
        "403 from a stranger": asks("POST /donate", FORM_TYPE, "Origin: https://evil.example", body=FORM),
        "400 an unknown field": asks("POST /donate", *from_charity, body=FORM + "&pan=4242424242424242"),
        "404 no such page": asks("GET /nowhere"),
        "404 no such return": asks("GET /return/0199c0deadbeef"),
        "405 no such method": asks("DELETE /donate"),
        "415 no form": asks("POST /donate", "Content-Type: text/plain", f"Origin: {ORIGIN}", body=FORM),
        "421 another host": asks("GET /donate", host="evil.example"),
        "414 too long": asks(f"GET /donate?appeal={'a' * 4096}"),
        "200 style": asks("GET /assets/style.css"),
        "401 the API": asks("POST /v1/handoffs", "Content-Type: application/json", body="{}"),
        "401 a webhook": asks("POST /webhooks/signed", "Content-Type: application/json", body="{}"),
    }
