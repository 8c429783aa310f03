"""The programs of docs/clients.md: laid out in folders, and run."""

import re
import subprocess
from pathlib import Path

from house import WAIT, Form, free_port

ROOT = Path(__file__).parents[2]
PROGRAMS = {name: text for name, text in re.findall(r"^```\w+ (\S+)\n(.*?)^```$", (ROOT / "docs/clients.md").read_text(), re.M | re.S)}
WEB = {"python": ["python3", "web.py"], "js": ["node", "web.mjs"], "php": None}
FEED = {"sh": ["bash", "gifts.sh"], "python": ["python3", "gifts.py"], "php": ["php", "gifts.php"]}
SUFFIX = {"sh": ".sh", "python": ".py", "js": ".mjs", "php": ".php"}
PERSON = {"title": "Ms", "first_name": "Pat", "last_name": "Example", "email": "pat@example.org", "line1": "1 High Street", "town": "Bedford", "postcode": "MK40 1AA"}


def filled_in(house, address, amount="25.00"):
    """The form as it is shown, with what a supporter types."""
    form = Form(house.ask(address)[2])
    assert set(form.fields) == {"order", "amount"} | set(PERSON) and not any(form.fields[name] for name in PERSON), form.fields
    return form.fields | PERSON | {"amount": amount}


def laid_out(house, language, name):
    """A folder with the programs of one language, and nothing else."""
    folder = house.folder / name
    folder.mkdir()
    for file, text in PROGRAMS.items():
        if file.endswith(SUFFIX[language]):
            (folder / file).write_text(text)
    assert len(list(folder.iterdir())) == 2, f"two programs in {language}"
    (folder / "form.html").write_text(PROGRAMS["form.html"])
    return folder


def secret_of(house, language):
    return (house.folder / f"dev/{language}.key").read_text().strip()


def env_of(house, language, port, **more):
    secret = secret_of(house, language) if language in WEB else ""
    keys = {"ALMONER_SECRET": secret, "ORDER_KEY": "a key of this walk, and long enough"}
    return house.surroundings(**({"PORT": str(port), "NODE_EXTRA_CA_CERTS": str(house.authority)} | keys | more))


def run(house, language, folder, command, **more):
    return subprocess.run(command, cwd=folder, env=env_of(house, language, 0, **more), capture_output=True, text=True, timeout=WAIT)


def serve(house, language, folder, **more):
    port = free_port()
    command = WEB[language] or ["php", "-S", f"127.0.0.1:{port}", "web.php"]
    process = house.start(language, *command, cwd=folder, env=env_of(house, language, port, **more))
    house.answers(port)
    return process, port
