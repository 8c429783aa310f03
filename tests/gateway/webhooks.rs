//! Table A, rows 1 to 14: which webhooks are believed.

use super::house::{House, NEXT_WEBHOOK_SECRET, WEBHOOK_SECRET};
use super::message::{Message, signature, stating};
use super::samples::gift;
use super::visitor::{JSON, handed};
use almoner::payment::{Reference, Source};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const STRANGER: &str = "whsec_c3RyYW5nZXJzdHJhbmdlcnN0cmFuZ2Vyc3RyYW5nZXI=";

/// A house with one hand-off, and a true statement about it.
struct Told {
    house: House,
    reference: Reference,
    message: Message,
}

impl Told {
    async fn new() -> Self {
        let house = House::new().await;
        let (reference, _) = house.handed_off().await;
        let message = Message::new(&house, &house.statement(reference, "accepted"));
        Self { house, reference, message }
    }

    /// The message is not believed: this status, few words, and nothing kept.
    async fn refuse(&self, message: &Message, status: u16) {
        let answer = self.house.post_message(message).await;
        assert_eq!(answer.status, status, "{:?}", message.headers());
        assert!(answer.body.len() <= 16, "{}", answer.body);
        assert_eq!(self.house.recorded().await, (1, 1));
        assert_eq!(self.house.outcome(self.reference).await["state"], "handed_off");
    }

    /// The message is believed and says what it says.
    async fn believe(&self, message: &Message) {
        let answer = self.house.post_message(message).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "OK"));
    }

    fn changed(&self, change: impl FnOnce(&mut Message)) -> Message {
        let mut message = self.message.clone();
        change(&mut message);
        message
    }
}

#[tokio::test]
async fn a_1_unsigned() {
    let told = Told::new().await;
    let [content, id, sent, signature] = told.message.headers();
    for headers in [
        &[content][..],
        &[content, id, sent],
        &[content, sent, signature],
        &[content, id, signature],
        &[content, id, sent, ("webhook-signature", "")],
        &[content, ("webhook-id", ""), sent, signature],
        &[content, id, ("webhook-timestamp", ""), signature],
    ] {
        let answer = told.house.post("/webhooks/signed", headers, told.message.body.clone()).await;
        assert_eq!((answer.status, answer.body.as_str()), (401, "unauthorised"), "{headers:?}");
    }
    assert_eq!(told.house.recorded().await, (1, 1));
}

#[tokio::test]
async fn a_2_a_18_signatures_that_are_wrong_in_any_byte() {
    let told = Told::new().await;
    let right = told.message.signature.clone();
    for place in [3, 4, 20, 44] {
        let other = if right.as_bytes()[place] == b'A' { "B" } else { "A" };
        let wrong = format!("{}{other}{}", &right[..place], &right[place + 1..]);
        told.refuse(&told.changed(|message| message.signature = wrong), 401).await;
    }
    told.believe(&told.message).await;
}

#[tokio::test]
async fn a_3_keys_of_others() {
    let told = Told::new().await;
    told.refuse(&told.message.clone().signed_with(&[STRANGER]), 401).await;
    told.refuse(&told.message.clone().signed_with(&[STRANGER, STRANGER]), 401).await;
}

#[tokio::test]
async fn a_4_tampered_content() {
    let told = Told::new().await;
    for (old, new) in [("2500", "2501"), ("accepted", "declined"), ("GBP", "EUR"), ("T1:1", "T1:2")]
    {
        told.refuse(&told.changed(|message| message.body = message.body.replace(old, new)), 401)
            .await;
    }
    told.refuse(&told.changed(|message| message.id.push('x')), 401).await;
    let sooner = told.house.clock.now().as_second() - 1;
    told.refuse(&told.changed(|message| message.sent = sooner.to_string()), 401).await;
}

#[tokio::test]
async fn a_7_a_replay_within_the_window() {
    let told = Told::new().await;
    told.believe(&told.message).await;
    let before = told.house.recorded().await;
    for _ in 0..3 {
        told.believe(&told.message).await;
        told.house.later(60);
    }
    // The processor signs a repeat anew; its id is what makes it a repeat.
    for _ in 0..30 {
        told.house.later(24 * 60 * 60);
        let now = told.house.clock.now().as_second().to_string();
        let again = told.changed(|message| message.sent = now);
        told.believe(&again.signed_with(&[WEBHOOK_SECRET])).await;
    }
    assert_eq!(told.house.recorded().await, before);
}

#[tokio::test]
async fn a_8_a_10_too_late_and_too_early() {
    let told = Told::new().await;
    let now = told.house.clock.now().as_second();
    let sent = |offset: i64| {
        let message = told.changed(|message| message.sent = (now + offset).to_string());
        message.signed_with(&[WEBHOOK_SECRET])
    };
    for offset in [-301, -86_400, 301, 86_400, -now] {
        told.refuse(&sent(offset), 401).await;
    }
    for offset in [-300, 300] {
        told.believe(&sent(offset)).await;
    }
}

#[tokio::test]
async fn a_11_times_that_are_no_plain_digits() {
    let told = Told::new().await;
    let now = told.house.clock.now().as_second();
    for sent in [
        "1e9".to_owned(),
        format!("+{now}"),
        format!("{now}.0"),
        format!("-{now}"),
        format!("{now}x"),
        format!("0x{now:x}"),
        format!("{now},{now}"),
        "9".repeat(40),
        "9".repeat(12),
    ] {
        let message = told.changed(|message| message.sent = sent);
        told.refuse(&message.signed_with(&[WEBHOOK_SECRET]), 401).await;
    }
}

/// The reference of a form's token is known before its hand-off is: a webhook can overtake it.
#[tokio::test]
async fn a_12_a_reference_that_is_not_known_yet() {
    let house = House::new().await;
    let token = house.token("/donate").await;
    let reference = URL_SAFE_NO_PAD.decode(&token).unwrap();
    let reference = Reference::from_bytes(&reference[..16]).unwrap();
    house.tell(&house.statement(reference, "accepted")).await;
    assert_eq!(house.recorded().await, (0, 1), "parked");
    assert_eq!(house.ledger_parked().await, 1);
    let answer = house.post_form("/donate", &gift(&token)).await;
    assert_eq!(answer.status, 303, "it is over already: {}", answer.body);
    let page = house.get(answer.header("location")).await;
    assert!(page.body.contains("Your donation has been received."));
    assert_eq!(house.outcome(reference).await["state"], "accepted");
    assert_eq!(house.ledger_parked().await, 0);
    let stranger = Reference::at(house.clock.now());
    house.tell(&house.statement(stranger, "accepted")).await;
    assert_eq!(house.ledger_parked().await, 1, "of a hand-off that never was");
}

/// A parked webhook is held to the amount like any other.
#[tokio::test]
async fn a_12_a_13_parked_with_a_wrong_amount() {
    let house = House::new().await;
    let token = house.token("/donate").await;
    let reference = URL_SAFE_NO_PAD.decode(&token).unwrap();
    let reference = Reference::from_bytes(&reference[..16]).unwrap();
    house.tell(&stating(house.statement(reference, "accepted"), "amount", 2400)).await;
    handed(&house.post_form("/donate", &gift(&token)).await);
    let outcome = house.outcome(reference).await;
    assert_eq!(
        (&outcome["state"], &outcome["attention"][0]),
        (&"handed_off".into(), &"mismatch".into())
    );
}

#[tokio::test]
async fn a_13_a_14_a_15_another_amount_currency_or_mode() {
    for (field, value) in [
        ("amount", serde_json::json!(2499)),
        ("amount", serde_json::json!(250_000)),
        ("currency", serde_json::json!("EUR")),
        ("mode", serde_json::json!("live")),
    ] {
        let told = Told::new().await;
        let statement = told.house.statement(told.reference, "accepted");
        told.house.tell(&stating(statement, field, value.clone())).await;
        let outcome = told.house.outcome(told.reference).await;
        assert_eq!(outcome["state"], "handed_off", "{field}");
        assert_eq!(outcome["attention"], serde_json::json!(["mismatch"]), "{field}");
        let history = told.house.history(told.reference).await;
        assert_eq!(history.len(), 2, "it is kept");
        assert_eq!(history[1].evidence.as_ref().unwrap().source, Source::Notice);
        told.believe(&told.message).await;
        let outcome = told.house.outcome(told.reference).await;
        assert_eq!(outcome["state"], "accepted", "the true one still counts");
        assert_eq!(
            outcome["attention"],
            serde_json::json!(["mismatch"]),
            "and the false one stays flagged"
        );
    }
}

/// W-8: both keys of a rotation verify, in any order and company.
#[tokio::test]
async fn w_8_both_keys_of_a_rotation() {
    for secrets in [
        &[WEBHOOK_SECRET][..],
        &[NEXT_WEBHOOK_SECRET],
        &[STRANGER, NEXT_WEBHOOK_SECRET],
        &[NEXT_WEBHOOK_SECRET, WEBHOOK_SECRET],
        &[STRANGER, STRANGER, STRANGER, STRANGER, WEBHOOK_SECRET],
    ] {
        let told = Told::new().await;
        told.believe(&told.message.clone().signed_with(secrets)).await;
        assert_eq!(told.house.outcome(told.reference).await["state"], "accepted");
    }
}

/// Standard Webhooks' own implementation signs what ours signs here.
#[test]
fn w_2_our_signatures_are_the_standards() {
    let oracle = standardwebhooks::Webhook::new(WEBHOOK_SECRET).unwrap();
    let theirs = oracle.sign("msg_1", 1_767_225_600, b"{\"a\":1}").unwrap();
    assert_eq!(signature(WEBHOOK_SECRET, "msg_1.1767225600.{\"a\":1}"), theirs);
    assert_eq!(JSON.0, "content-type");
}
