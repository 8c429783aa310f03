//! What can go wrong between our order and the processor's answer, each over the real mock: what counts
//! is how often money was taken in the end, and what the supporter was told meanwhile.

use super::answers::{OVERDUE, SOON, told};
use super::evidence::log;
use super::house::House;
use super::paying::{ASKING_CARD, GOOD_CARD, charge};
use super::samples::fresh;
use almoner::config::{Origin, Setting as _, Span};
use almoner::ledger::Ledger as _;
use almoner::mock_rsm::{CallFault, EnquiryFault, Fault, WebhookFault};
use almoner::payment::{Reference, Source};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::time::Duration;

const CHECKING: &str = "We are checking. Do not pay again.";
const THANKS: &str = "Your donation has been received.";

/// A house whose patience ends soon, and not before a busy machine has answered what is answered at once.
async fn hasty() -> House {
    House::by_api_with(|settings| {
        settings.limits.upstream_timeout = Span::seconds(3);
    })
    .await
}

/// Pays, and is told that it is not known yet.
async fn in_doubt(house: &House, fault: CallFault, reason: &str) -> (Reference, String) {
    house.mock.faults().script(Fault::Call(fault), 1);
    house.mock.faults().script(Fault::Webhook(WebhookFault::Drop), 1);
    let (reference, answer) = house.paid_with(GOOD_CARD).await;
    assert_eq!(house.outcome(reference).await["state"], "in_doubt", "{fault:?}");
    told(reference, "order_in_doubt", reason);
    let back = answer.header("location").to_owned();
    let page = house.get(&back).await;
    assert!(page.body.contains(CHECKING), "{}", page.body);
    assert_eq!(house.ledger().traces(reference).await.unwrap().len(), 1, "one mark, one request");
    (reference, back)
}

/// The processor took it and its answer does not say so: asked, and found, and taken once.
async fn taken_and_not_told(house: House, fault: CallFault, reason: &str) -> House {
    let (reference, back) = in_doubt(&house, fault, reason).await;
    house.later(SOON);
    let outcome = house.becomes(reference, "accepted").await;
    assert_eq!(outcome["attention"], json!([]), "{fault:?}");
    let history = house.history(reference).await;
    let evidence = history.iter().filter_map(|event| event.evidence.as_ref());
    assert!(evidence.map(|it| it.source).eq([Source::Enquiry]), "{history:?}");
    assert!(house.get(&back).await.body.contains(THANKS));
    assert_eq!(house.charges(reference), 1, "{fault:?}");
    house
}

/// Nothing came of it, which only the processor can say: a doubt that is asked about and never sent again.
async fn not_taken_and_not_told(fault: CallFault, reason: &str) {
    let house = House::by_api().await;
    let (reference, _) = in_doubt(&house, fault, reason).await;
    for wait in [SOON, 60, OVERDUE] {
        house.later(wait);
        let calls = house.mock.books().payments().len();
        assert_eq!((house.charges(reference), calls), (0, 0), "{fault:?}");
    }
    assert_eq!(house.ledger().traces(reference).await.unwrap().len(), 1);
}

/// Nothing was done, and that is certain: told at once, and the supporter may try again.
async fn not_sent(house: &House, reason: &str) -> Reference {
    let (reference, answer) = house.paid_with(GOOD_CARD).await;
    let outcome = house.outcome(reference).await;
    assert_eq!((&outcome["state"], &outcome["code"]), (&json!("lapsed"), &json!(reason)));
    assert_eq!(outcome["attention"], json!([]));
    let page = house.get(answer.header("location")).await;
    let told = match reason {
        "unreachable" => "could not be reached, and nothing was sent.",
        _ => "said that it could not take it, and did nothing with it.",
    };
    assert!(page.body.contains(told) && page.body.contains("Try again"), "{}", page.body);
    assert_eq!(house.charges(reference), 0);
    reference
}

#[tokio::test]
async fn fm_31_nobody_listens_or_answers_the_handshake() {
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
    let deaf = deaf.local_addr().unwrap().port();
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let mute_port = mute.local_addr().unwrap().port();
    for origin in [
        format!("https://localhost:{deaf}"),
        format!("https://localhost:{mute_port}"),
        "https://nobody.invalid".to_owned(),
    ] {
        let house = House::by_api_with(|settings| {
            let signed = settings.processor.signed.as_mut().unwrap();
            signed.origin.0 = Origin::read(&origin).unwrap();
            settings.limits.upstream_connect_timeout = Span::seconds(1);
        })
        .await;
        let reference = not_sent(&house, "unreachable").await;
        told(reference, "order_not_sent", "unreachable");
        // By the API too, and a new key tries again.
        let answer = house.charge(GOOD_CARD, &fresh()).await.json();
        assert_eq!((&answer["state"], &answer["code"]), (&json!("lapsed"), &json!("unreachable")));
    }
    drop(mute);
}

#[tokio::test]
async fn fm_33_the_connection_ends_before_the_answer() {
    taken_and_not_told(House::by_api().await, CallFault::LostReply, "lost").await;
    not_taken_and_not_told(CallFault::LostRequest, "lost").await;
}

#[tokio::test]
async fn fm_34_fm_35_an_answer_after_the_deadline_is_not_waited_for() {
    let slow = CallFault::Slow(Duration::from_secs(5));
    taken_and_not_told(hasty().await, slow, "lost").await;
    // It is told by a webhook, long before anybody asks.
    let house = hasty().await;
    house.mock.faults().script(Fault::Call(slow), 1);
    house.mock.faults().script(Fault::Enquiry(EnquiryFault::Error), 1000);
    let (reference, _) = house.paid_with(GOOD_CARD).await;
    let outcome = house.becomes(reference, "accepted").await;
    assert_eq!((&outcome["attention"], house.charges(reference)), (&json!([]), 1));
}

#[tokio::test]
async fn fm_36_an_answer_that_drips() {
    let drip = CallFault::Dripping(Duration::from_millis(50));
    taken_and_not_told(hasty().await, drip, "lost").await;
}

#[tokio::test]
async fn fm_37_an_answer_that_breaks_off() {
    taken_and_not_told(House::by_api().await, CallFault::Truncated, "lost").await;
}

#[tokio::test]
async fn fm_38_errors_of_the_processor() {
    taken_and_not_told(House::by_api().await, CallFault::Error, "server_error").await;
    for status in [500, 502, 504] {
        not_taken_and_not_told(CallFault::Status(status), "server_error").await;
    }
}

#[tokio::test]
async fn fm_39_fm_40_a_refusal_says_that_nothing_was_done_only_in_the_agreed_words() {
    for status in [429, 503] {
        let house = House::by_api().await;
        house.mock.faults().script(Fault::Call(CallFault::NotProcessed(status)), 1);
        not_sent(&house, "not_processed").await;
        // A new try is a new hand-off.
        let (reference, _) = house.paid_with(GOOD_CARD).await;
        assert_eq!(house.charges(reference), 1);
        not_taken_and_not_told(CallFault::Status(status), "malformed").await;
    }
    not_taken_and_not_told(CallFault::Status(400), "malformed").await;
}

#[tokio::test]
async fn fm_41_fm_42_a_page_in_place_of_an_answer() {
    not_taken_and_not_told(CallFault::Html, "malformed").await;
    taken_and_not_told(House::by_api().await, CallFault::Malformed, "malformed").await;
    taken_and_not_told(House::by_api().await, CallFault::Huge, "too_long").await;
}

#[tokio::test]
async fn fm_43_an_answer_about_another() {
    let house = House::by_api().await;
    house.mock.faults().script(Fault::Call(CallFault::OtherReference), 1);
    house.mock.faults().script(Fault::Webhook(WebhookFault::Drop), 1);
    let (reference, _) = house.paid_with(GOOD_CARD).await;
    assert_eq!(house.outcome(reference).await["state"], "in_doubt");
    let alarms = log().lines().filter(|it| it.contains(&reference.to_string())).any(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["event"] == "answer_of_another" && line["level"] == "ERROR"
    });
    assert!(alarms);
    assert_eq!(
        (house.recorded().await.0, house.ledger_parked().await),
        (1, 0),
        "it is noted of neither"
    );
    house.later(SOON);
    house.becomes(reference, "accepted").await;
    assert_eq!(house.charges(reference), 1);
}

#[tokio::test]
async fn fm_44_an_answer_about_another_sum() {
    for fault in [CallFault::OtherAmount, CallFault::OtherCurrency] {
        let house = House::by_api().await;
        house.mock.faults().script(Fault::Call(fault), 1);
        house.mock.faults().script(Fault::Webhook(WebhookFault::Drop), 1);
        let (reference, _) = house.paid_with(GOOD_CARD).await;
        let outcome = house.outcome(reference).await;
        assert_eq!(
            (&outcome["state"], &outcome["attention"]),
            (&json!("in_doubt"), &json!(["mismatch"]))
        );
        house.later(SOON);
        // What the processor says when it is asked is right; that it said otherwise stays flagged.
        let outcome = house.becomes(reference, "accepted").await;
        assert_eq!(outcome["attention"], json!(["mismatch"]));
        assert_eq!(house.charges(reference), 1);
    }
}

#[tokio::test]
async fn fm_45_fm_46_a_reference_that_is_said_to_be_used() {
    not_taken_and_not_told(CallFault::ReferenceUsed, "reference_used").await;
}

#[tokio::test]
async fn fm_47_a_redirect_is_not_followed() {
    not_taken_and_not_told(CallFault::Redirect, "redirected").await;
}

#[tokio::test]
async fn fm_54_a_webhook_before_the_answer() {
    let house = House::by_api().await;
    for fault in [CallFault::WebhookFirst, CallFault::Twice] {
        house.mock.faults().script(Fault::Call(fault), 1);
        let answer = house.charge(GOOD_CARD, &fresh()).await.json();
        assert_eq!(answer["state"], "accepted", "{fault:?}");
        let reference = Reference::parse(answer["reference"].as_str().unwrap()).unwrap();
        house.until(reference, |_| !house.mock.books().deliveries(&reference).is_empty()).await;
        let outcome = house.outcome(reference).await;
        assert_eq!((&outcome["attention"], house.charges(reference)), (&json!([]), 1));
    }
}

/// The same request while the first is on its way: told so, and answered like the first when that is done.
#[tokio::test]
async fn g_7_i_3_a_repeat_while_the_first_is_under_way() {
    let house = House::by_api().await;
    let (key, body) = (fresh(), charge(GOOD_CARD));
    house.mock.faults().script(Fault::Call(CallFault::Slow(Duration::from_secs(10))), 1);
    // Nothing else tells what became of it meanwhile.
    house.mock.faults().script(Fault::Webhook(WebhookFault::Drop), 1);
    let repeat = async {
        while house.mock.books().payments().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        house.create(&body, &key).await
    };
    let (first, repeat) = tokio::join!(house.create(&body, &key), repeat);
    assert_eq!((repeat.refusal(), repeat.header("retry-after")), ((409, "under_way".into()), "5"));
    // It says which one it is, and where to ask about it.
    assert_eq!(
        (&repeat.json()["reference"], &repeat.json()["state"]),
        (&first.json()["reference"], &json!("in_doubt"))
    );
    let place = format!("/v1/handoffs/{}", first.json()["reference"].as_str().unwrap());
    assert_eq!(repeat.header("location"), place);
    assert_eq!((first.status, &first.json()["state"]), (201, &json!("accepted")));
    assert_eq!(house.create(&body, &key).await.body, first.body);
    assert_eq!(house.mock.books().payments().len(), 1);
}

/// Once the first was answered, a repeat is told the same: whether its answer was lost, or the bank asks.
#[tokio::test]
async fn i_2_a_repeat_of_what_was_answered_in_doubt() {
    let house = House::by_api().await;
    house.mock.faults().script(Fault::Enquiry(EnquiryFault::Error), 1000);
    house.mock.faults().script(Fault::Webhook(WebhookFault::Drop), 1000);
    house.mock.faults().script(Fault::Call(CallFault::LostReply), 1);
    for card in [GOOD_CARD, ASKING_CARD] {
        let (key, body) = (fresh(), charge(card));
        let first = house.create(&body, &key).await;
        let again = house.create(&body, &key).await;
        assert_eq!((first.status, again.status), (201, 201), "{}", again.body);
        assert_eq!(again.header("idempotent-replay"), "true");
        for member in ["reference", "state"] {
            assert_eq!(again.json()[member], first.json()[member]);
        }
        assert_eq!(again.json()["state"], "in_doubt");
    }
}
