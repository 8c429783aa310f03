//! Webhooks: signatures, tries, faults.

use crate::stage::{NEXT_WEBHOOK_KEY, Stage, WEBHOOK_KEY};
use almoner::clock::Clock;
use almoner::mock_rsm::{Fault, Notice, WebhookFault};
use almoner::payment::amount::currency;
use almoner::payment::{Amount, Reference};
use std::time::{Duration, Instant};

const ACCEPTED: &str = "4242424242424242";

#[tokio::test]
async fn signed_with_every_key_of_a_rotation() {
    let keys = vec![WEBHOOK_KEY.into(), NEXT_WEBHOOK_KEY.into()];
    let stage = Stage::with(Clock::system(), |settings| settings.webhook_keys = keys);
    let (_, page) = stage.visit(&[]).await;
    stage.pay(&page, ACCEPTED).await;
    let heard = stage.receiver.settle(1).await;
    assert!(heard[0].is_believed_with(WEBHOOK_KEY) && heard[0].is_believed_with(NEXT_WEBHOOK_KEY));
    assert!(!heard[0].is_believed_with("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
    assert_eq!(heard[0].header("webhook-signature").split(' ').count(), 2);
    assert!(heard[0].header("webhook-id").starts_with("msg_"));
    assert_eq!(heard[0].header("content-type"), "application/json");
}

#[tokio::test]
async fn tried_again_with_the_same_id_until_taken() {
    let stage = Stage::new();
    let (reference, page) = stage.visit(&[]).await;
    stage.receiver.answer([503, 307]);
    stage.pay(&page, ACCEPTED).await;
    let heard = stage.receiver.settle(3).await;
    assert!(heard.iter().all(|copy| copy.header("webhook-id") == heard[0].header("webhook-id")));
    assert!(
        heard.iter().all(|copy| copy.body == heard[0].body && copy.is_believed_with(WEBHOOK_KEY))
    );
    let deliveries = stage.mock.books().deliveries(&reference);
    let statuses: Vec<_> = deliveries.iter().map(|delivery| delivery.status).collect();
    assert_eq!(statuses, [Some(503), Some(307), Some(204)]);
    assert_eq!(deliveries[0].webhook_id, heard[0].header("webhook-id"));
}

#[tokio::test]
async fn given_up_when_the_schedule_ends() {
    let stage = Stage::new();
    let (reference, page) = stage.visit(&[]).await;
    stage.receiver.answer([500; 9]);
    assert_eq!(
        stage.pay(&page, ACCEPTED).await.status(),
        303,
        "the supporter goes back all the same"
    );
    stage.receiver.settle(3).await;
    assert_eq!(stage.mock.books().charges(&reference), 1);
}

#[tokio::test]
async fn a_receiver_that_is_not_there_keeps_the_supporter_only_a_moment() {
    let stage = Stage::with(Clock::system(), |settings| {
        settings.webhook_url = "https://localhost:1/".to_owned();
        settings.pace.retries = vec![Duration::from_mins(1)];
        settings.pace.patience = Duration::from_millis(200);
    });
    let (reference, page) = stage.visit(&[]).await;
    let began = Instant::now();
    assert_eq!(stage.pay(&page, ACCEPTED).await.status(), 303);
    assert!(began.elapsed() < Duration::from_secs(40), "not for the minute until the next try");
    assert_eq!(stage.mock.books().deliveries(&reference)[0].status, None);
    let ending = Instant::now();
    stage.mock.shutdown().await;
    assert!(
        ending.elapsed() < Duration::from_secs(40),
        "a waiting webhook does not hold up the end"
    );
}

#[tokio::test]
async fn scripted_faults() {
    let stage = Stage::new();
    let faults = stage.mock.faults();
    let late = Duration::from_millis(300);
    for fault in [
        WebhookFault::Drop,
        WebhookFault::Delay(late),
        WebhookFault::Duplicate,
        WebhookFault::WrongAmount,
        WebhookFault::BadSignature,
    ] {
        faults.script(Fault::Webhook(fault), 1);
    }
    let mut heard = Vec::new();
    for expected in [0, 1, 3, 4, 5, 6] {
        let (reference, page) = stage.visit(&[]).await;
        let began = Instant::now();
        stage.pay(&page, ACCEPTED).await;
        heard = stage.receiver.settle(expected).await;
        assert_eq!(stage.mock.books().charges(&reference), 1);
        if expected == 1 {
            assert!(heard[0].at - began >= late);
        }
    }
    assert_eq!(heard[1].header("webhook-id"), heard[2].header("webhook-id"));
    assert_eq!(heard[3].data()["amount"], 2600);
    assert!(!heard[4].is_believed_with(WEBHOOK_KEY));
    assert!(heard[5].is_believed_with(WEBHOOK_KEY), "the script is over");
}

#[tokio::test]
async fn any_notice_on_demand() {
    let stage = Stage::new();
    let reference = Reference::at(stage.clock.now());
    let amount = Amount::new(999, currency("GBP").unwrap()).unwrap();
    for state in ["accepted", "refunded", "no_such_word"] {
        stage.mock.send_webhook(Notice::new(&reference, state, amount, stage.clock.now())).await;
    }
    let heard = stage.receiver.settle(3).await;
    let types: Vec<_> = heard
        .iter()
        .map(|heard| {
            serde_json::from_str::<serde_json::Value>(&heard.body).unwrap()["type"].to_string()
        })
        .collect();
    assert_eq!(types, ["\"handoff.accepted\"", "\"handoff.refunded\"", "\"handoff.no_such_word\""]);
    assert!(heard.iter().all(|heard| heard.is_believed_with(WEBHOOK_KEY)));
    assert_eq!(stage.mock.books().deliveries(&reference).len(), 3);
}
