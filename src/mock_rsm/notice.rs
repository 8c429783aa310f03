//! What the processor says about a payment: the body of a webhook and of an enquiry's answer.

use super::key::Key;
use crate::payment::{Amount, Reference};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One fact about a payment (gateway.md, section 6). The texts are free, so that a test can say
/// what a processor never would.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// The hand-off's reference.
    pub reference: String,
    /// The word of an outcome or a development; `pending` in an enquiry's answer.
    pub state: String,
    /// Minor units.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// The processor's own id, once an attempt was made.
    #[serde(default)]
    pub processor_reference: Option<String>,
    /// The processor's result code, once an attempt was made.
    #[serde(default)]
    pub code: Option<String>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Always `test` unless a test says otherwise.
    #[serde(default = "test_mode")]
    pub mode: String,
}

impl Notice {
    /// That `state` (a word of [`crate::payment::Outcome`], [`crate::payment::Development`] or none
    /// of them) came about at `occurred_at`.
    #[must_use]
    pub fn new(reference: &Reference, state: &str, amount: Amount, occurred_at: Timestamp) -> Self {
        Self {
            reference: reference.to_string(),
            state: state.to_owned(),
            amount: amount.minor(),
            currency: amount.currency().code().to_owned(),
            processor_reference: None,
            code: None,
            occurred_at,
            mode: test_mode(),
        }
    }

    /// The webhook's body.
    pub(super) fn body(&self) -> String {
        let kind = format!("handoff.{}", self.state);
        serde_json::json!({ "type": kind, "timestamp": self.occurred_at, "data": self }).to_string()
    }
}

fn test_mode() -> String {
    String::from("test")
}

/// Whether a webhook's signature is worth anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seal {
    Genuine,
    /// Of the right shape, over other bytes.
    Forged,
}

/// The value of `webhook-signature` (Standard Webhooks) for the bytes `ID.SECONDS.BODY`: one `v1`
/// signature for each key.
pub(super) fn signatures(keys: &[Key], sealed: &str, seal: Seal) -> String {
    let signed = match seal {
        Seal::Genuine => sealed.to_owned(),
        Seal::Forged => format!("forged.{sealed}"),
    };
    let signatures =
        keys.iter().map(|key| format!("v1,{}", STANDARD.encode(key.sign(signed.as_bytes()))));
    signatures.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_as_agreed() {
        let at: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let amount = Amount::new(2500, crate::payment::amount::currency("GBP").unwrap()).unwrap();
        let reference = Reference::at(at);
        let notice = Notice {
            code: Some("approved".to_owned()),
            ..Notice::new(&reference, "accepted", amount, at)
        };
        let body: serde_json::Value = serde_json::from_str(&notice.body()).unwrap();
        let expected = serde_json::json!({
            "type": "handoff.accepted",
            "timestamp": "2026-11-23T10:00:00Z",
            "data": {
                "reference": reference.to_string(), "state": "accepted", "amount": 2500, "currency": "GBP",
                "processor_reference": null, "code": "approved",
                "occurred_at": "2026-11-23T10:00:00Z", "mode": "test",
            },
        });
        assert_eq!(body, expected);
    }
}
