//! What a subscriber is told, as Standard Webhooks have it: thin, and signed for each attempt anew.

use super::subscriber::Subscriber;
use super::told::kind_of;
use crate::ledger::Item;
use crate::payment::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Serialize;

/// A message, the same at each attempt.
pub(super) struct Message {
    id: String,
    pub(super) body: Vec<u8>,
}

/// The body.
#[derive(Serialize)]
struct Body {
    r#type: &'static str,
    timestamp: String,
    data: Data,
}

/// Whoever needs more asks for the hand-off.
#[derive(Serialize)]
struct Data {
    id: String,
    reference: String,
    before: Option<&'static str>,
    state: &'static str,
    amount: i64,
    currency: &'static str,
    development: Option<&'static str>,
    attention: Vec<&'static str>,
    opened_at: String,
    occurred_at: Option<String>,
    recorded_at: String,
}

impl Message {
    pub(super) fn of(item: &Item) -> Self {
        let (hand_off, standing) = (&item.entry.hand_off, &item.entry.standing);
        let (asked, recorded_at) = (&hand_off.asked, item.event.recorded_at.to_string());
        let id = item.cursor.to_string();
        let body = Body {
            r#type: kind_of(item),
            timestamp: recorded_at.clone(),
            data: Data {
                id: id.clone(),
                reference: hand_off.reference.to_string(),
                before: item.event.before.map(State::word),
                state: item.event.after.unwrap_or(standing.state).word(),
                amount: asked.amount.minor(),
                currency: asked.amount.currency().code(),
                development: super::told::developed(item).map(|it| it.what.word()),
                attention: standing.attention.iter().map(|flag| flag.word()).collect(),
                opened_at: hand_off.opened_at.to_string(),
                occurred_at: item.event.evidence.as_ref().map(|it| it.occurred_at.to_string()),
                recorded_at,
            },
        };
        // Words and numbers alone: it can always be written.
        Self { id, body: serde_json::to_vec(&body).unwrap_or_default() }
    }

    /// The headers of an attempt at this time: what it is, when, and whose.
    pub(super) fn headers(
        &self,
        subscriber: &Subscriber,
        at: Timestamp,
    ) -> [(&'static str, String); 3] {
        let timestamp = at.as_second().to_string();
        let parts: [&[u8]; 5] = [self.id.as_bytes(), b".", timestamp.as_bytes(), b".", &self.body];
        let keys = std::iter::once(&subscriber.keys.current).chain(&subscriber.keys.next);
        let mut signatures: Vec<String> =
            keys.map(|key| format!("v1,{}", STANDARD.encode(key.sign(&parts)))).collect();
        if let Some(signing) = &subscriber.signing {
            signatures.push(format!("v1a,{}", STANDARD.encode(signing.sign(&parts))));
        }
        [
            ("webhook-id", self.id.clone()),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", signatures.join(" ")),
        ]
    }
}
