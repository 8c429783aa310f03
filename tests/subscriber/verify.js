// Every event of the file, by the public library for JavaScript: believed under either secret, and under no other. Node's own
// cryptography verifies the signature that needs our public key alone.
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const events = readFileSync(process.argv[2], "utf8").trim().split("\n").map((line) => JSON.parse(line));
assert(events.length > 0, "no event was told");
for (const { headers, body, secrets, public_key } of events) {
  for (const secret of secrets) {
    assert(new Webhook(secret).verify(body, headers).data.reference);
  }
  assert.throws(() => new Webhook("whsec_b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3RoZXI=").verify(body, headers));
  assert.throws(() => new Webhook(secrets[0]).verify(`${body} `, headers));
  const raw = Buffer.from(public_key.replace("whpk_", ""), "base64");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") }, format: "jwk" });
  const signature = headers["webhook-signature"].split(" ").find((one) => one.startsWith("v1a,"));
  const signed = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
  assert(verify(null, signed, key, Buffer.from(signature.slice(4), "base64")));
}
console.log(`JavaScript: ${events.length} events verified`);
