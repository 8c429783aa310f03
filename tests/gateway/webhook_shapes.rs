//! Table A, rows 17 to 21 and 28 to 31, and the two rows about returning browsers: what a webhook
//! may look like, what it may cause, and what a return may.

use super::house::{House, WEBHOOK_SECRET};
use super::message::{Message, stating};
use super::raw::{Raw, exchange, statuses};
use super::visitor::handed;
use futures_util::future::join_all;
use serde_json::json;
use std::net::TcpListener;

async fn refused(house: &House, message: &Message, status: u16) {
    let answer = house.post_message(message).await;
    assert_eq!(answer.status, status, "{}", message.body);
    assert!(answer.body.len() <= 16, "{}", answer.body);
}

#[tokio::test]
async fn a_5_a_return_that_says_it_was_paid() {
    let house = House::new().await;
    let (reference, fields) = handed(&house.donate(&[]).await);
    let back = fields.iter().find(|(name, _)| name == "return_url").unwrap().1.clone();
    for query in
        ["?status=accepted&amount=1", "?state=accepted", "?result=accepted&reference=x", "?%FF"]
    {
        let page = house.back(&format!("{back}{query}")).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("still being confirmed"), "{query}");
        let path = format!("{}{query}", back.strip_prefix(&house.origin).unwrap());
        let posted = house.post(&path, &[], "result=accepted").await;
        assert_eq!(
            (posted.status, posted.header("location")),
            (303, back.strip_prefix(&house.origin).unwrap())
        );
    }
    assert_eq!(house.outcome(reference).await["state"], "handed_off");
    assert_eq!(house.recorded().await, (1, 1));
}

/// Whoever has the link may see it: it says no name, no sum, and what was paid for by no more than a word.
#[tokio::test]
async fn a_6_a_return_opened_by_another_person() {
    let house = House::new().await;
    let (_, fields) = handed(&house.donate(&[]).await);
    let back = house.arrive(&fields).await.pay("4242424242424242").await;
    let stranger = super::house::client(&house.authority).build().unwrap();
    let page = stranger.get(&back).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Your donation has been received."));
    for private in ["Canary", "canary", "25.00", "£25", "XMAS26", "CN1 9RY", "4242424242424242"] {
        assert!(!page.contains(private), "{private}");
    }
}

#[tokio::test]
async fn a_17_words_that_are_not_known() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    for word in ["settled", "pending", "paid_in_full", &"a".repeat(32)] {
        house.tell(&house.statement(reference, word)).await;
    }
    assert_eq!(house.history(reference).await.len(), 5, "they are kept");
    let outcome = house.outcome(reference).await;
    assert_eq!((&outcome["state"], &outcome["attention"]), (&json!("handed_off"), &json!([])));
    for word in [
        "",
        "Accepted",
        "ACCEPTED",
        "accepted ",
        "accépted",
        "a\0b",
        &"a".repeat(33),
        &"a".repeat(10_240),
    ] {
        refused(&house, &Message::new(&house, &house.statement(reference, word)), 400).await;
    }
    assert_eq!(house.recorded().await, (1, 5));
}

/// What an authentic message may hold, field by field; no panic, no row for anything else.
#[tokio::test]
async fn a_17_fields_of_another_shape() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    let good = house.statement(reference, "accepted");
    for (field, value) in [
        ("reference", json!("x")),
        ("reference", json!(reference.to_string().to_lowercase())),
        ("reference", json!(null)),
        ("amount", json!(25.0)),
        ("amount", json!("2500")),
        ("currency", json!(826)),
        ("mode", json!("LIVE")),
        ("occurred_at", json!("yesterday")),
        ("occurred_at", json!("9999-12-31T23:59:59Z")),
        ("occurred_at", json!("1970-01-01T00:00:00Z")),
        ("occurred_at", json!(1_767_225_600)),
    ] {
        let message = Message::new(&house, &stating(good.clone(), field, value.clone()));
        refused(&house, &message, 400).await;
    }
    for body in ["", "{", "[]", "null", "{\"data\":{}}", "{\"data\":null}", "x"] {
        let message = Message { body: body.into(), ..Message::new(&house, &good) };
        refused(&house, &message.signed_with(&[WEBHOOK_SECRET]), 400).await;
    }
    assert_eq!(house.recorded().await, (1, 1));
}

/// What only decorates is left out; money that is none makes a mismatch: either way it is kept.
#[tokio::test]
async fn inv_7_an_outcome_is_never_dropped_over_a_decoration() {
    for (field, value, state) in [
        ("code", json!("Do not honour"), "accepted"),
        ("code", json!("pat@example.org"), "accepted"),
        ("code", json!("x".repeat(65)), "accepted"),
        ("processor_reference", json!("a b"), "accepted"),
        ("processor_reference", json!("4000056655665556"), "accepted"),
        ("code", json!("4242424242424242"), "accepted"),
        ("amount", json!(0), "handed_off"),
        ("amount", json!(-2500), "handed_off"),
        ("amount", json!(null), "handed_off"),
        ("amount", json!(i64::MAX), "handed_off"),
        ("currency", json!("gbp"), "handed_off"),
        ("currency", json!("XXX"), "handed_off"),
    ] {
        let house = House::new().await;
        let (reference, _) = house.handed_off().await;
        let statement = stating(house.statement(reference, "accepted"), field, value);
        house.tell(&statement).await;
        let outcome = house.outcome(reference).await;
        let flags = if state == "accepted" { json!([]) } else { json!(["mismatch"]) };
        assert_eq!((&outcome["state"], &outcome["attention"]), (&json!(state), &flags), "{field}");
        assert!(state != "accepted" || outcome[field].is_null(), "{field}");
        assert_eq!(house.history(reference).await.len(), 2);
    }
}

#[tokio::test]
async fn a_19_a_25_signatures_in_another_writing() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    let message = Message::new(&house, &house.statement(reference, "accepted"));
    let encoded = message.signature.strip_prefix("v1,").unwrap().to_owned();
    let bytes =
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &encoded).unwrap();
    let url_safe = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE, &bytes);
    let hex = hex::encode(&bytes);
    for signature in [
        encoded.clone(),
        format!("v1,{hex}"),
        format!("v1,{}", hex.to_uppercase()),
        format!("V1,{encoded}"),
        format!("v0,{encoded}"),
        format!("v1a,{encoded}"),
        format!("none,{encoded}"),
        format!("v1={encoded}"),
        format!("v1, {encoded}"),
        format!("v1,{}", encoded.trim_end_matches('=')),
        format!("v1,{encoded},"),
        "v1,".to_owned(),
        "none".to_owned(),
    ] {
        refused(&house, &Message { signature, ..message.clone() }, 401).await;
    }
    if url_safe != encoded {
        refused(&house, &Message { signature: format!("v1,{url_safe}"), ..message.clone() }, 401)
            .await;
    }
    assert_eq!(house.recorded().await, (1, 1));
}

#[tokio::test]
async fn a_20_many_signatures() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    let message = Message::new(&house, &house.statement(reference, "accepted"));
    let wrong = format!("v1,{}=", "A".repeat(43));
    let five = format!("{} {}", [wrong.as_str(); 5].join(" "), message.signature);
    refused(&house, &Message { signature: five, ..message.clone() }, 401).await;
    let many = format!("{} {}", vec![wrong.as_str(); 300].join(" "), message.signature);
    refused(&house, &Message { signature: many, ..message.clone() }, 401).await;
    for count in [1000, 2000] {
        let head = format!(
            "POST /webhooks/signed HTTP/1.1\r\nHost: @HOST@\r\nwebhook-signature: {}\r\n\r\n",
            vec![wrong.as_str(); count].join(" ")
        );
        let answers = exchange(&house, &head).await;
        assert!(matches!(statuses(&answers)[..], [] | [431]), "{answers:?}");
    }
    assert_eq!(house.recorded().await, (1, 1));
}

#[tokio::test]
async fn a_21_the_same_words_in_other_bytes() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    let message = Message::new(&house, &house.statement(reference, "accepted"));
    let value: serde_json::Value = serde_json::from_str(&message.body).unwrap();
    for body in [
        serde_json::to_string_pretty(&value).unwrap(),
        format!("{} ", message.body),
        format!("{}\n", message.body),
        message.body.replace("accepted", "\\u0061ccepted"),
    ] {
        refused(&house, &Message { body, ..message.clone() }, 401).await;
    }
    assert_eq!(house.recorded().await, (1, 1));
}

#[tokio::test]
async fn a_28_other_methods() {
    let house = House::new().await;
    let mut raw = Raw::open(&house).await;
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let answer =
            raw.ask(&format!("{method} /webhooks/signed HTTP/1.1\r\nHost: @HOST@\r\n\r\n")).await;
        assert_eq!((answer.status, answer.body.len() <= 16), (405, true));
        assert!(answer.head.contains("\r\nallow: post\r\n"), "{}", answer.head);
    }
}

#[tokio::test]
async fn a_29_a_header_given_twice() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    let message = Message::new(&house, &house.statement(reference, "accepted"));
    for again in &message.headers()[1..] {
        let headers = [&message.headers()[..], &[*again]].concat();
        let answer = house.post("/webhooks/signed", &headers, message.body.clone()).await;
        assert_eq!((answer.status, answer.body.as_str()), (400, "malformed"), "{again:?}");
    }
    assert_eq!(house.recorded().await, (1, 1));
}

/// Who forges too often is told so; a true message from the same place is heard all the same.
#[tokio::test]
async fn a_30_a_flood_of_forgeries() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    let message = Message::new(&house, &house.statement(reference, "accepted"));
    let forged = Message { signature: format!("v1,{}=", "A".repeat(43)), ..message.clone() };
    let mut statuses = Vec::new();
    while !statuses.contains(&429) {
        assert!(statuses.len() < 2000, "never stopped");
        let flood = join_all((0..20).map(|_| house.post_message(&forged))).await;
        assert!(flood.iter().all(|answer| answer.body.len() <= 16));
        statuses.extend(flood.iter().map(|answer| answer.status));
    }
    assert!(statuses.iter().all(|status| [401, 429].contains(status)), "{statuses:?}");
    assert!(statuses.len() > 40, "not at once");
    house.tell(&house.statement(reference, "accepted")).await;
    assert_eq!(house.outcome(reference).await["state"], "accepted");
    assert_eq!(house.recorded().await, (1, 2));
}

#[tokio::test]
async fn a_31_addresses_in_a_message_are_never_opened() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let url = format!("https://localhost:{}/", trap.local_addr().unwrap().port());
    let mut statement = house.statement(reference, "accepted");
    for field in ["statusUrl", "status_url", "image", "callback", "@id", "$ref"] {
        statement[field] = json!(url);
        statement["data"][field] = json!(url);
    }
    house.tell(&statement).await;
    assert_eq!(house.outcome(reference).await["state"], "accepted");
    assert!(trap.accept().is_err(), "somebody came");
}
