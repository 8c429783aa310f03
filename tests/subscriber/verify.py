"""Every event of the file, by the public library for Python: believed under either secret, and under no other."""

import json
import sys

from standardwebhooks import Webhook, WebhookVerificationError

events = [json.loads(line) for line in open(sys.argv[1])]
assert events, "no event was told"
for event in events:
    for secret in event["secrets"]:
        assert Webhook(secret).verify(event["body"], event["headers"])["data"]["reference"]
    for secret, body in [("whsec_b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3RoZXI=", event["body"]), (event["secrets"][0], event["body"] + " ")]:
        try:
            Webhook(secret).verify(body, event["headers"])
        except WebhookVerificationError:
            continue
        sys.exit("believed what it must not believe")
print(f"Python: {len(events)} events verified")
