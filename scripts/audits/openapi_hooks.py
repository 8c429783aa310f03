"""What schemathesis cannot know of an installation: each payment has a key of its own, and where supporters may be
sent back to is a list. Keys and addresses that do not fit their description stay as they are."""

import re
import uuid

import schemathesis

KEY = re.compile(r'([A-Za-z0-9_-]{16,64}|"[A-Za-z0-9_-]{16,64}")')


@schemathesis.hook
def before_call(context, case, kwargs):
    headers = case.headers
    if headers is not None and KEY.fullmatch(str(headers.get("Idempotency-Key", ""))):
        headers["Idempotency-Key"] = uuid.uuid4().hex
    if isinstance(case.body, dict) and re.fullmatch(r"https://[!-?A-\[\]-~]{1,504}", str(case.body.get("return_url"))):
        case.body["return_url"] = "https://www.charity.test/thanks"
