//! Webhooks made by hand, right and wrong.

use super::answer::Answer;
use super::house::{House, WEBHOOK_SECRET};
use super::samples::fresh;
use super::visitor::JSON;
use almoner::payment::Reference;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};

/// One message with everything that is signed, and what signs it.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) sent: String,
    pub(crate) body: String,
    pub(crate) signature: String,
}

impl Message {
    /// Rightly signed with the current secret, now.
    pub(crate) fn new(house: &House, body: &Value) -> Self {
        let (id, sent) = (fresh(), house.clock.now().as_second().to_string());
        let message = Self { id, sent, body: body.to_string(), signature: String::new() };
        message.signed_with(&[WEBHOOK_SECRET])
    }

    /// Signed anew, as it stands, with these secrets.
    pub(crate) fn signed_with(mut self, secrets: &[&str]) -> Self {
        let text = format!("{}.{}.{}", self.id, self.sent, self.body);
        let signatures: Vec<_> = secrets.iter().map(|secret| signature(secret, &text)).collect();
        self.signature = signatures.join(" ");
        self
    }

    /// Its headers.
    pub(crate) fn headers(&self) -> [(&str, &str); 4] {
        [
            JSON,
            ("webhook-id", &self.id),
            ("webhook-timestamp", &self.sent),
            ("webhook-signature", &self.signature),
        ]
    }
}

impl House {
    /// Posts a message to where the processor would.
    pub(crate) async fn post_message(&self, message: &Message) -> Answer {
        self.post("/webhooks/signed", &message.headers(), message.body.clone()).await
    }

    /// Says this of a hand-off, rightly signed, and is believed.
    pub(crate) async fn tell(&self, statement: &Value) {
        let answer = self.post_message(&Message::new(self, statement)).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "OK"));
    }

    /// That the hand-off of [`super::samples::request`] came to this.
    pub(crate) fn statement(&self, reference: Reference, state: &str) -> Value {
        let now = self.clock.now();
        json!({
            "type": format!("handoff.{state}"), "timestamp": now,
            "data": {
                "reference": reference.to_string(), "state": state, "amount": 2500, "currency": "GBP",
                "processor_reference": "T1:1", "code": "00", "occurred_at": now, "mode": "test",
            },
        })
    }
}

/// A statement with one of its data changed.
pub(crate) fn stating(mut statement: Value, field: &str, value: impl Into<Value>) -> Value {
    statement["data"][field] = value.into();
    statement
}

/// Standard Webhooks' `v1` signature of a text.
pub(crate) fn signature(secret: &str, text: &str) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
    mac.update(text.as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}
