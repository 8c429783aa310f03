//! What each test card and account does, asserted on the money first.

use crate::receiver::Heard;
use crate::stage::{RETURN_URL, Stage, WEBHOOK_KEY, location};
use almoner::clock::Clock;
use almoner::mock_rsm::{TEST_ACCOUNTS, TEST_CARDS, Verdict};
use std::time::{Duration, Instant};

fn states(heard: &[Heard]) -> Vec<String> {
    heard.iter().map(Heard::state).collect()
}

#[tokio::test]
async fn accepted_and_told_before_the_supporter_is_back() {
    let stage = Stage::new();
    let (reference, page) = stage.visit(&[]).await;
    let answer = stage.pay(&page, "4242424242424242").await;
    let heard = stage.receiver.heard();
    assert_eq!(location(&answer), RETURN_URL);
    assert_eq!(heard.len(), 1, "before the return");
    let attempt = &stage.mock.books().attempts(&reference)[0];
    let expected = serde_json::json!({
        "reference": reference.to_string(), "state": "accepted", "amount": 2500, "currency": "GBP",
        "processor_reference": attempt.processor_reference, "code": "approved",
        "occurred_at": attempt.at.to_string(), "mode": "test",
    });
    assert_eq!(heard[0].data(), expected);
    assert!(heard[0].is_believed_with(WEBHOOK_KEY));
    assert_eq!(stage.mock.books().charges(&reference), 1);
}

#[tokio::test]
async fn nobody_is_charged_twice() {
    let stage = Stage::new();
    let (reference, page) = stage.visit(&[]).await;
    let card = "4000 0000 0000 0069";
    let answers =
        tokio::join!(stage.pay(&page, card), stage.pay(&page, card), stage.pay(&page, card));
    let mut statuses =
        [answers.0.status(), answers.1.status(), answers.2.status()].map(|status| status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409, 409]);
    assert_eq!(stage.pay(&page, card).await.status(), 409, "afterwards the page is closed");
    assert_eq!(stage.mock.books().charges(&reference), 1);
    assert_eq!(stage.mock.books().attempts(&reference).len(), 3);
    stage.receiver.settle(1).await;
}

#[tokio::test]
async fn declined_and_then_another_card() {
    let stage = Stage::new();
    let (reference, page) = stage.visit(&[]).await;
    for card in ["4000000000000010", "4000000000000028"] {
        assert_eq!(location(&stage.pay(&page, card).await), page);
        let shown = stage.get(&page).await.text().await.unwrap();
        assert!(shown.contains("That was declined") && shown.contains("Go back without paying"));
    }
    assert_eq!(stage.mock.books().charges(&reference), 0);
    assert_eq!(location(&stage.pay(&page, "4242424242424242").await), RETURN_URL);
    let heard = stage.receiver.settle(3).await;
    assert_eq!(states(&heard), ["declined", "declined", "accepted"]);
    assert_eq!(heard[1].data()["code"], "insufficient_funds");
    assert_eq!(stage.mock.books().charges(&reference), 1);
}

#[tokio::test]
async fn declined_and_gone_back_stays_declined() {
    let stage = Stage::new();
    let (_, page) = stage.visit(&[]).await;
    stage.pay(&page, "4000000000000010").await;
    assert_eq!(location(&stage.post(&format!("{page}/cancel"), &[]).await), RETURN_URL);
    assert_eq!(states(&stage.receiver.settle(1).await), ["declined"]);
}

#[tokio::test]
async fn declined_the_first_time_only() {
    let stage = Stage::new();
    let (reference, page) = stage.visit(&[]).await;
    assert_eq!(location(&stage.pay(&page, "4000000000000036").await), page);
    assert_eq!(location(&stage.pay(&page, "4000000000000036").await), RETURN_URL);
    assert_eq!(stage.mock.books().charges(&reference), 1);
}

#[tokio::test]
async fn the_bank_asks_first() {
    let stage = Stage::new();
    let (reference, page) = stage.visit(&[]).await;
    let challenge = location(&stage.pay(&page, "4000000000000044").await);
    assert_eq!(challenge, format!("{page}/challenge"));
    assert!(stage.get(&challenge).await.text().await.unwrap().contains("Is it you?"));
    assert!(stage.mock.books().attempts(&reference).is_empty(), "nothing is decided yet");

    assert_eq!(location(&stage.post(&challenge, &[("answer", "perhaps")]).await), challenge);
    assert_eq!(location(&stage.post(&challenge, &[("answer", "refuse")]).await), page);
    assert_eq!(location(&stage.get(&challenge).await), page, "the question is over");
    stage.pay(&page, "4000000000000044").await;
    assert_eq!(location(&stage.post(&challenge, &[("answer", "approve")]).await), RETURN_URL);
    assert_eq!(stage.post(&challenge, &[("answer", "approve")]).await.status(), 409);
    let heard = stage.receiver.settle(2).await;
    assert_eq!(states(&heard), ["declined", "accepted"]);
    assert_eq!(heard[0].data()["code"], "not_authenticated");
    assert_eq!(stage.mock.books().charges(&reference), 1);
}

#[tokio::test]
async fn cancelled_by_card_or_by_button() {
    let stage = Stage::new();
    let (reference, page) = stage.visit(&[]).await;
    assert_eq!(location(&stage.pay(&page, "4000000000000051").await), RETURN_URL);
    let (_, other) = stage.visit(&[]).await;
    for _ in 0..2 {
        assert_eq!(location(&stage.post(&format!("{other}/cancel"), &[]).await), RETURN_URL);
    }
    let heard = stage.receiver.settle(2).await;
    assert_eq!(states(&heard), ["cancelled", "cancelled"]);
    assert!(heard[0].data()["processor_reference"].is_null());
    assert_eq!(
        stage.pay(&page, "4242424242424242").await.status(),
        410,
        "a cancelled page is closed"
    );
    assert_eq!(stage.mock.books().charges(&reference), 0);
}

#[tokio::test]
async fn slow_and_the_browser_gives_up() {
    // Long enough for the request of a busy machine to arrive before the browser gives up.
    let (slow, patience) = (Duration::from_secs(4), Duration::from_secs(2));
    let stage = Stage::with(Clock::system(), |settings| settings.pace.slow = slow);
    let (reference, page) = stage.visit(&[]).await;
    let began = Instant::now();
    let impatient = tokio::time::timeout(patience, stage.pay(&page, "4000000000000069")).await;
    assert!(impatient.is_err(), "the browser hung up");
    let heard = stage.receiver.settle(1).await;
    assert!(heard[0].at - began >= slow);
    assert_eq!(stage.mock.books().charges(&reference), 1, "the payment went on");
}

#[tokio::test]
async fn webhooks_that_never_come_come_late_or_come_twice() {
    let late = Duration::from_secs(2);
    let stage = Stage::with(Clock::system(), |settings| settings.pace.late = late);
    let (silent, page) = stage.visit(&[]).await;
    assert_eq!(location(&stage.pay(&page, "4000000000000077").await), RETURN_URL);
    stage.receiver.settle(0).await;
    assert_eq!(stage.mock.books().charges(&silent), 1);
    assert!(stage.mock.books().deliveries(&silent).is_empty());

    let (_, page) = stage.visit(&[]).await;
    let began = Instant::now();
    assert_eq!(location(&stage.pay(&page, "4000000000000085").await), RETURN_URL);
    assert!(stage.receiver.heard().is_empty(), "the browser is back first");
    let heard = stage.receiver.settle(1).await;
    assert!(heard[0].at - began >= late, "some time after the return");

    let (doubled, page) = stage.visit(&[]).await;
    stage.pay(&page, "4000000000000093").await;
    let heard = stage.receiver.settle(3).await;
    assert_eq!(heard[1].header("webhook-id"), heard[2].header("webhook-id"));
    assert_eq!(heard[1].body, heard[2].body);
    assert_eq!(stage.mock.books().charges(&doubled), 1);
}

#[tokio::test]
async fn an_earlier_decline_is_told_after_the_acceptance() {
    let stage = Stage::new();
    let (reference, page) = stage.visit(&[]).await;
    stage.pay(&page, "4000000000000101").await;
    let heard = stage.receiver.settle(2).await;
    assert_eq!(states(&heard), ["accepted", "declined"]);
    let at = |place: usize| {
        heard[place].data()["occurred_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap()
    };
    assert!(at(1) < at(0));
    let verdicts: Vec<_> =
        stage.mock.books().attempts(&reference).iter().map(|attempt| attempt.verdict).collect();
    assert_eq!(verdicts, [Verdict::Declined, Verdict::Taken]);
}

#[tokio::test]
async fn wrong_amounts_and_bad_signatures_only_in_the_webhook() {
    let stage = Stage::new();
    let (reference, page) = stage.visit(&[]).await;
    stage.pay(&page, "4000000000000119").await;
    let heard = stage.receiver.settle(1).await;
    assert_eq!(heard[0].data()["amount"], 2600);
    assert!(heard[0].is_believed_with(WEBHOOK_KEY));
    assert_eq!(stage.mock.books().payment(&reference).unwrap().asked.amount.minor(), 2500);

    let (_, page) = stage.visit(&[]).await;
    stage.receiver.answer([401, 401, 401]);
    stage.pay(&page, "4000000000000127").await;
    for forged in &stage.receiver.settle(4).await[1..] {
        assert_eq!(forged.data()["amount"], 2500);
        assert!(!forged.is_believed_with(WEBHOOK_KEY));
    }
}

#[tokio::test]
async fn back_by_a_form() {
    let stage = Stage::new();
    let (reference, page) = stage.visit(&[]).await;
    let way = location(&stage.pay(&page, "4000000000000135").await);
    assert_eq!(way, format!("{page}/return"));
    let shown = stage.get(&way).await.text().await.unwrap();
    assert!(shown.contains(&format!("<form method=\"post\" action=\"{RETURN_URL}\">")), "{shown}");
    assert!(shown.contains(&reference.to_string()));
    stage.receiver.settle(1).await;
}

#[tokio::test]
async fn direct_debits() {
    let stage = Stage::new();
    let by_debit = [
        ("method", "direct_debit"),
        ("kind", "join"),
        ("plan", "family"),
        ("frequency", "monthly"),
    ];
    for (number, state, charges) in [
        ("00012345", "accepted", 1),
        ("00012346", "declined", 0),
        ("00012347", "accepted", 1),
        ("00012350", "cancelled", 0),
    ] {
        let heard = stage.receiver.heard().len();
        let (reference, page) = stage.visit(&by_debit).await;
        assert_eq!(stage.debit(&page, number).await.status(), 303);
        assert_eq!(stage.receiver.settle(heard + 1).await[heard].state(), state, "{number}");
        assert_eq!(stage.mock.books().charges(&reference), charges, "{number}");
    }
}

#[tokio::test]
async fn every_listed_number_is_taken() {
    let stage = Stage::new();
    for card in TEST_CARDS {
        let (_, page) = stage.visit(&[]).await;
        assert_eq!(stage.pay(&page, card.number).await.status(), 303, "{}", card.number);
    }
    for account in TEST_ACCOUNTS {
        let (_, page) = stage.visit(&[("method", "direct_debit")]).await;
        assert_eq!(stage.debit(&page, account.number).await.status(), 303, "{}", account.number);
    }
}
