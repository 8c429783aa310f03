//! Clocks that are wrong, and secrets that only one side has changed: outcomes come all the same.

use super::house::House;
use super::message::Message;
use super::visitor::handed;
use almoner::payment::Reference;
use jiff::SignedDuration;
use serde_json::json;

const STRANGER: &str = "whsec_c3RyYW5nZXJzdHJhbmdlcnN0cmFuZ2Vyc3RyYW5nZXI=";
const OVERDUE: i64 = 90 * 60;

async fn refused(house: &House, reference: Reference, message: &Message) {
    let answer = house.post_message(message).await;
    assert_eq!(answer.status, 401);
    assert_eq!(house.outcome(reference).await["state"], "handed_off");
}

/// Ten minutes off either way: what is authentic and stale is refused, sent again it is believed,
/// and nothing is taken for lapsed meanwhile.
#[tokio::test]
async fn fm_69_a_clock_that_is_ten_minutes_off() {
    for minutes in [10_i64, -10] {
        let house = House::new().await;
        let (reference, _) = house.handed_off().await;
        let message = Message::new(&house, &house.statement(reference, "accepted"));
        house.clock.advance(SignedDuration::from_mins(minutes));
        refused(&house, reference, &message).await;
        let metrics = house.operations("/metrics").await.body;
        assert!(metrics.contains("almoner_webhooks_total{result=\"refused\"} 1"), "{metrics}");
        house.clock.advance(SignedDuration::from_mins(-minutes));
        assert_eq!(house.post_message(&message).await.status, 200, "it is sent again");
        let outcome = house.outcome(reference).await;
        assert_eq!(
            (&outcome["state"], &outcome["attention"]),
            (&json!("accepted"), &json!([])),
            "{minutes}"
        );
    }
}

/// An hour back while it runs: what was begun goes on, what is new is taken, and once time has
/// caught up the processor is asked as if nothing had been.
#[tokio::test]
async fn fm_70_a_clock_that_jumps_back_an_hour() {
    let house = House::new().await;
    let (before, fields) = handed(&house.donate(&[]).await);
    let page = house.arrive(&fields).await;
    page.pay("4000000000000077").await;
    house.clock.advance(SignedDuration::from_hours(-1));
    let (after, _) = handed(&house.donate(&[("again", "true")]).await);
    assert_ne!(before, after);
    for reference in [before, after] {
        assert_eq!(house.outcome(reference).await["state"], "handed_off", "nothing is guessed");
    }
    assert_eq!(house.recorded().await.0, 2, "the chain is whole");
    house.later(3600 + OVERDUE);
    house.becomes(before, "accepted").await;
    assert_eq!(house.mock.books().charges(&before), 1);
}

/// The processor signs with a new secret and we were not told: every webhook is refused and counted,
/// and the outcome is known by asking.
#[tokio::test]
async fn fm_74_a_rotation_on_one_side_only() {
    let house = House::with_both(
        include_str!("house.toml"),
        |_| {},
        |mock| mock.webhook_keys = vec![STRANGER.to_owned().into()],
    )
    .await;
    let (reference, fields) = handed(&house.donate(&[]).await);
    house.arrive(&fields).await.pay("4242424242424242").await;
    let refused = house.mock.books().deliveries(&reference);
    assert!(!refused.is_empty() && refused.iter().all(|told| told.status == Some(401)));
    assert_eq!(house.outcome(reference).await["state"], "handed_off");
    let metrics = house.operations("/metrics").await.body;
    let counted = format!("almoner_webhooks_total{{result=\"refused\"}} {}", refused.len());
    assert!(metrics.contains(&counted), "{metrics}");
    house.later(OVERDUE);
    house.becomes(reference, "accepted").await;
}
