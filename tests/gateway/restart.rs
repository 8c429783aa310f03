//! Rows I-2, I-5, G-8, G-10 and FM-68 over a restart: tokens and keys are in the ledger, not in memory.

use super::house::House;
use super::samples::{fresh, gift, request, request_with};
use super::visitor::{created, handed};
use futures_util::future::join_all;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test]
async fn i_2_i_3_g_7_a_key_from_before_the_restart() {
    let house = House::new().await;
    let key = fresh();
    let first = house.create(&request(), &key).await;
    let house = house.restarted().await;
    let again = house.create(&request(), &key).await;
    assert_eq!((again.status, again.header("idempotent-replay")), (201, "true"));
    assert_eq!(again.body, first.body, "byte for byte");
    let other = house.create(&request_with("/amount/value", json!(2501)), &key).await;
    assert_eq!(other.refusal(), (422, "conflict".into()));
    let malformed = house.create(&request(), "x").await;
    assert_eq!(malformed.refusal(), (400, "idempotency_key".into()));
    let (reference, fields) = created(&again);
    house.arrive(&fields).await.pay("4242424242424242").await;
    let house = house.restarted().await;
    assert_eq!(house.create(&request(), &key).await.body, first.body, "after the outcome too");
    assert_eq!(house.mock.books().charges(&reference), 1);
    assert_eq!(house.recorded().await, (1, 2));
}

#[tokio::test]
async fn g_10_fm_67_a_form_from_before_the_restart() {
    let house = House::new().await;
    let sent = gift(&house.token("/donate").await);
    let waiting = gift(&house.token("/donate").await);
    let (first, fields) = handed(&house.post_form("/donate", &sent).await);
    let house = house.restarted().await;
    assert_eq!(handed(&house.post_form("/donate", &sent).await).0, first, "sent already: the same");
    let other = super::samples::with_changes(&sent, &[("amount", "10.00")]);
    assert_eq!(house.post_form("/donate", &other).await.status, 403, "used for another gift");
    let (second, _) = handed(&house.post_form("/donate", &waiting).await);
    assert_ne!(first, second, "one that was open meanwhile is still good, once");
    house.arrive(&fields).await.pay("4242424242424242").await;
    let house = house.restarted().await;
    assert_eq!(house.post_form("/donate", &sent).await.status, 303, "paid: to its outcome");
    assert_eq!(house.mock.books().charges(&first), 1);
    assert_eq!(house.recorded().await.0, 2);
}

/// Half of sixty-four before, half after: one intent, whoever asked.
#[tokio::test]
async fn g_10_sixty_four_posts_with_a_restart_between() {
    let house = House::new().await;
    let (key, body) = (fresh(), request());
    let form = gift(&house.token("/donate").await);
    let mut references = BTreeSet::new();
    let before = join_all((0..32).map(|_| house.create(&body, &key))).await;
    references.extend(before.iter().map(|answer| created(answer).0));
    let before = join_all((0..32).map(|_| house.post_form("/donate", &form))).await;
    references.extend(before.iter().map(|answer| handed(answer).0));
    let house = house.restarted().await;
    let after = join_all((0..32).map(|_| house.create(&body, &key))).await;
    references.extend(after.iter().map(|answer| created(answer).0));
    assert!(after.iter().all(|answer| answer.header("idempotent-replay") == "true"));
    let after = join_all((0..32).map(|_| house.post_form("/donate", &form))).await;
    references.extend(after.iter().map(|answer| handed(answer).0));
    assert_eq!(references.len(), 2, "one by the API, one by the form");
    assert_eq!(house.recorded().await, (2, 2));
}

/// Two tabs are two tokens and two gifts, for whoever means it; only the pace of a network bounds them.
#[tokio::test]
async fn fm_68_two_tabs_of_the_same_gift_are_two_intents() {
    let house = House::with(|settings| settings.limits.forms_per_minute = 3).await;
    let tabs = [house.token("/donate").await, house.token("/donate").await];
    let mut references = BTreeSet::new();
    for token in &tabs {
        references.insert(handed(&house.donate_with(token, &[]).await).0);
    }
    assert_eq!(references.len(), 2);
    assert_eq!(house.donate(&[]).await.status, 200);
    assert_eq!(house.donate(&[]).await.status, 429, "no more in this minute");
    assert_eq!(house.recorded().await.0, 3);
}
