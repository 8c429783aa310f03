//! `kill -9` at any moment: whatever was acknowledged is there afterwards, and the chain is whole.

use super::place::{GIFT, Place, WEBHOOK_KEY, run, said, signal};
use almoner::keys::Key;
use base64::Engine as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What callers were told: references of hand-offs, and of those whose webhook was answered 200.
#[derive(Default)]
pub(crate) struct Told {
    opened: Vec<String>,
    accepted: Vec<String>,
}

#[tokio::test]
async fn fm_7_fm_9_fm_12_fm_76_nothing_acknowledged_is_lost() {
    let place = Arc::new(Place::new());
    place.change("[[join.plans]]", "[limits]\nconnections_per_address = 200\n\n[[join.plans]]");
    let told = Arc::new(Mutex::new(Told::default()));
    for round in 0..6_u64 {
        let mut service = place.serve();
        place.answers().await;
        let mut callers = tokio::task::JoinSet::new();
        for caller in 0..8 {
            callers.spawn(call(Arc::clone(&place), Arc::clone(&told), round * 100 + caller));
        }
        // On a busy machine it takes a while until anything was acknowledged.
        let before = told.lock().unwrap().accepted.len();
        for _ in 0..2400 {
            if told.lock().unwrap().accepted.len() > before + 4 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        tokio::time::sleep(Duration::from_millis(97 * round)).await;
        signal(&service, "KILL");
        service.wait().unwrap();
        while let Some(caller) = callers.join_next().await {
            caller.unwrap();
        }
    }
    let told = told.lock().unwrap();
    assert!(told.accepted.len() > 20, "{} webhooks were acknowledged", told.accepted.len());
    let ledger = place.file("dev/ledger.db").display().to_string();
    let listed = run(&["outcomes", "list", "--ledger", &ledger, "--limit", "1000000", "--json"]);
    let states: std::collections::HashMap<String, String> = String::from_utf8(listed.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| {
            (
                line["reference"].as_str().unwrap().to_owned(),
                line["state"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    for reference in &told.opened {
        assert!(states.contains_key(reference), "{reference} was acknowledged and is lost");
    }
    for reference in &told.accepted {
        assert_eq!(states.get(reference).map(String::as_str), Some("accepted"), "{reference}");
    }
    let verified = run(&["ledger", "verify", "--ledger", &ledger]);
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
}

/// Opens hand-offs and sends their webhooks until the service is gone.
pub(crate) async fn call(place: Arc<Place>, told: Arc<Mutex<Told>>, caller: u64) {
    let client = place.client();
    for number in 0.. {
        let request = client
            .post(place.url("/v1/handoffs"))
            .bearer_auth(&place.api_key)
            .header("idempotency-key", format!("crash-{caller:06}-{number:06}"));
        let Ok(answer) = request.header("content-type", "application/json").body(GIFT).send().await
        else {
            return;
        };
        if answer.status() != 201 {
            return;
        }
        let Ok(body) = answer.bytes().await else { return };
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let reference = body["reference"].as_str().unwrap().to_owned();
        told.lock().unwrap().opened.push(reference.clone());
        if deliver(&place, &client, &reference).await != Some(200) {
            return;
        }
        told.lock().unwrap().accepted.push(reference);
    }
}

pub(crate) async fn deliver(
    place: &Place,
    client: &reqwest::Client,
    reference: &str,
) -> Option<u16> {
    deliver_to(&place.url("/webhooks/signed"), client, reference).await
}

/// Tells whoever answers there that it was accepted.
pub(crate) async fn deliver_to(
    url: &str,
    client: &reqwest::Client,
    reference: &str,
) -> Option<u16> {
    let now = almoner::clock::Clock::system().now();
    let body = serde_json::json!({ "type": "handoff.accepted", "data": {
        "reference": reference, "state": "accepted", "amount": 2500, "currency": "GBP", "processor_reference": "P-1",
        "code": "00", "occurred_at": now.to_string(), "mode": "test" } })
    .to_string();
    let (id, sent) = (format!("msg_{reference}"), now.as_second().to_string());
    let tag = Key::new(&WEBHOOK_KEY).unwrap().sign(&[
        id.as_bytes(),
        b".",
        sent.as_bytes(),
        b".",
        body.as_bytes(),
    ]);
    let signature = format!("v1,{}", base64::engine::general_purpose::STANDARD.encode(tag));
    let request = client.post(url).header("content-type", "application/json");
    let request = request
        .header("webhook-id", id)
        .header("webhook-timestamp", sent)
        .header("webhook-signature", signature);
    request.body(body).send().await.ok().map(|answer| answer.status().as_u16())
}
