//! Row W-8, seen from outside: both keys of each rotation are taken, and which was used is told, so that
//! it is known when the old one may go.

use super::access::create_as;
use super::house::{
    CALLBACK_SECRET, House, NEXT_CALLBACK_SECRET, NEXT_WEBHOOK_SECRET, WEBHOOK_SECRET,
};
use super::message::Message;
use super::rsm::{authorised, signed_with};
use super::visitor::API_KEY;
use almoner::config::ApiKey;
use sha2::{Digest as _, Sha256};
use std::time::Duration;

impl House {
    /// Waits until the metrics say that these keys were used; whether they say so of that one.
    async fn used(&self, keys: &[&str], and: &str) -> bool {
        let line = |key: &str| format!("almoner_key_last_used_timestamp_seconds{{key=\"{key}");
        for _ in 0..600 {
            let page = self.operations("/metrics").await.body;
            if keys.iter().all(|key| page.contains(&line(key))) {
                return page.contains(&line(and));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("never told: {keys:?}");
    }
}

#[tokio::test]
async fn w_8_which_key_of_the_processor_s_webhooks_was_used() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    let message = Message::new(&house, &house.statement(reference, "declined"));
    let next = message.clone().signed_with(&[NEXT_WEBHOOK_SECRET]);
    assert_eq!(house.post_message(&next).await.status, 200);
    let used = ["secrets.processor_webhook.next\"", "secrets.processor_signing\""];
    assert!(!house.used(&used, "secrets.processor_webhook\"").await, "the old one may go");
    assert_eq!(house.post_message(&message.signed_with(&[WEBHOOK_SECRET])).await.status, 200);
    assert!(house.used(&["secrets.processor_webhook\""], "secrets.processor_webhook.next\"").await);
}

#[tokio::test]
async fn w_8_which_key_of_rsm_s_call_backs_was_used() {
    let house = House::rsm().await;
    let (reference, _) = house.given().await;
    for (secret, key, other) in [
        (NEXT_CALLBACK_SECRET, "secrets.rsm2000_callback.next\"", false),
        (CALLBACK_SECRET, "secrets.rsm2000_callback\"", true),
    ] {
        let body = signed_with(&authorised(&reference.to_string(), &[]), secret);
        assert_eq!(house.call_back("success", body).await.status, 200);
        let others = "secrets.rsm2000_callback";
        let others = if other { format!("{others}.next\"") } else { format!("{others}\"") };
        assert_eq!(house.used(&[key], &others).await, other);
    }
}

/// Two entries of one name, of which either key opens: the second while the first is still known.
#[tokio::test]
async fn w_8_two_keys_of_one_program() {
    let new = "alm_the-new-key-of-the-same-program-000000";
    let sha256 = hex::encode(Sha256::digest(new));
    let id = sha256[..8].to_owned();
    let house = House::with(|settings| {
        let old = settings.api.keys[0].clone();
        settings.api.keys.push(ApiKey { sha256, ..old });
    })
    .await;
    let name = house.settings.api.keys[0].name.clone();
    let [old, new] = [API_KEY, new].map(|key| format!("Bearer {key}"));
    assert_eq!(create_as(&house, &[&new]).await.status, 201);
    let first = hex::encode(Sha256::digest(API_KEY));
    let (newer, older) =
        (format!("api.keys.{name} ({id})"), format!("api.keys.{name} ({})", &first[..8]));
    assert!(!house.used(&[&newer], &older).await);
    assert_eq!(create_as(&house, &[&old]).await.status, 201);
    assert!(house.used(&[&older], &newer).await);
}
