//! Supporters who do not come back: hand-offs that are overdue, and what becomes of them.

use super::house::House;
use super::message::stating;
use super::visitor::handed;
use almoner::mock_rsm::{EnquiryFault, Fault};
use almoner::payment::{Reference, Source};
use serde_json::{Value, json};

/// How long a hand-off may take before it is overdue, in seconds.
const OVERDUE: i64 = 90 * 60;

async fn flagged(house: &House, reference: Reference) -> Value {
    house.until(reference, |outcome| outcome["attention"] == json!(["hand_off_overdue"])).await
}

/// The supporter closed our page; the processor has never heard of the payment.
#[tokio::test]
async fn never_arrived_then_told_after_all() {
    let house = House::new().await;
    let (reference, fields) = handed(&house.donate(&[]).await);
    house.later(OVERDUE - 1);
    assert_eq!(house.outcome(reference).await["attention"], json!([]));
    house.later(1);
    assert_eq!(flagged(&house, reference).await["state"], json!("handed_off"));
    let refused = house.post_to_mock("/handoff", super::samples::encoded(&fields)).await;
    assert_eq!(refused.status, 410, "a page this old leads nowhere any more");
    house.tell(&house.statement(reference, "accepted")).await;
    let outcome = house.outcome(reference).await;
    assert_eq!((&outcome["state"], &outcome["attention"]), (&json!("accepted"), &json!([])));
    let page = house.back(&fields.iter().find(|(name, _)| name == "return_url").unwrap().1).await;
    assert!(page.body.contains("Your donation has been received."));
    assert_eq!(house.mock.books().charges(&reference), 0, "this webhook was made by hand");
}

/// The supporter left the hosted page alone: it lapses there, and the processor says so.
#[tokio::test]
async fn left_alone_until_it_lapsed() {
    let house = House::new().await;
    let (reference, fields) = handed(&house.donate(&[]).await);
    house.arrive(&fields).await;
    house.later(OVERDUE);
    let outcome = house.becomes(reference, "lapsed").await;
    assert_eq!(outcome["attention"], json!([]));
    let history = house.history(reference).await;
    assert!(
        history
            .iter()
            .filter_map(|event| event.evidence.as_ref())
            .all(|evidence| evidence.source == Source::Enquiry)
    );
    // Money beats silence; a person must look at what was thought over.
    house.tell(&house.statement(reference, "accepted")).await;
    let outcome = house.outcome(reference).await;
    assert_eq!(
        (&outcome["state"], &outcome["attention"]),
        (&json!("accepted"), &json!(["contradiction"]))
    );
    assert_eq!(house.mock.books().charges(&reference), 0);
}

/// Whatever the processor says that is no answer leaves things as they are, and it is asked again.
#[tokio::test]
async fn asked_again_until_there_is_an_answer() {
    let house = House::new().await;
    let (reference, fields) = handed(&house.donate(&[]).await);
    let faults = house.mock.faults();
    for fault in [EnquiryFault::Error, EnquiryFault::Garbage, EnquiryFault::OtherReference] {
        faults.script(Fault::Enquiry(fault), 1);
    }
    faults.script(Fault::Webhook(almoner::mock_rsm::WebhookFault::Drop), 1);
    house.arrive(&fields).await.pay("4242424242424242").await;
    house.later(OVERDUE);
    flagged(&house, reference).await;
    // 30 and 60 minutes later the other two false answers come, and then the true one.
    for wait in [30, 30, 60] {
        assert_eq!(house.outcome(reference).await["state"], json!("handed_off"));
        house.later(wait * 60);
        let left = faults.left();
        house
            .until(reference, |outcome| faults.left() < left || outcome["state"] == "accepted")
            .await;
    }
    assert_eq!(house.becomes(reference, "accepted").await["attention"], json!([]));
    assert_eq!(house.mock.books().charges(&reference), 1);
}

/// gateway.md, section 4: what comes late or contradicts is flagged, never hidden.
#[tokio::test]
async fn fm_59_a_decline_after_the_acceptance() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    house.tell(&house.statement(reference, "accepted")).await;
    house.later(60);
    house.tell(&house.statement(reference, "declined")).await;
    let outcome = house.outcome(reference).await;
    assert_eq!(
        (&outcome["state"], &outcome["attention"]),
        (&json!("accepted"), &json!(["contradiction"]))
    );
}

#[tokio::test]
async fn two_acceptances_of_one_payment() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    for processor_reference in ["T1:1", "T1:2"] {
        let statement = house.statement(reference, "accepted");
        house.tell(&stating(statement, "processor_reference", processor_reference)).await;
    }
    assert_eq!(house.outcome(reference).await["attention"], json!(["contradiction"]));
}

/// The second life has its own list, in the order of the processor's clock.
#[tokio::test]
async fn developments_after_the_acceptance() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    let accepted = house.statement(reference, "accepted");
    house.later(60);
    let refunded = stating(house.statement(reference, "refunded"), "amount", 1000);
    house.later(60);
    let charged_back = house.statement(reference, "charged_back");
    for statement in [charged_back, refunded, accepted] {
        house.tell(&statement).await;
    }
    let outcome = house.outcome(reference).await;
    assert_eq!((&outcome["state"], &outcome["attention"]), (&json!("accepted"), &json!([])));
    let developments = outcome["developments"].as_array().unwrap();
    let words: Vec<_> =
        developments.iter().map(|each| each["development"].as_str().unwrap()).collect();
    assert_eq!(words, ["refunded", "charged_back"]);
}

/// A page that is opened again and again makes us ask now and then, not each time.
#[tokio::test]
async fn p_6_a_return_page_that_is_reloaded() {
    let house = House::new().await;
    let (reference, fields) = handed(&house.donate(&[]).await);
    let back = fields.iter().find(|(name, _)| name == "return_url").unwrap().1.clone();
    let faults = house.mock.faults();
    faults.script(Fault::Enquiry(EnquiryFault::Error), 1000);
    house.back(&back).await;
    house.until(reference, |_| faults.left() < 1000).await;
    for _ in 0..100 {
        house.back(&back).await;
    }
    assert!(faults.left() >= 998, "{} questions", 1000 - faults.left());
}
