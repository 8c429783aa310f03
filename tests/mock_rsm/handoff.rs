//! What is let in and what is refused.

use crate::stage::{Fields, KEY, RETURN_URL, Stage, encode, location, sign};
use almoner::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use reqwest::Response;
use serde_json::Value;

async fn assert_refused(response: Response, status: u16, code: &str) {
    assert_eq!(response.status(), status, "{code}");
    let page = response.text().await.unwrap();
    assert!(page.contains(&format!("<code>{code}</code>")), "{code} is named on:\n{page}");
}

fn set(fields: &mut Fields, name: &str, value: &str) {
    fields.insert(name.to_owned(), value.to_owned());
}

#[tokio::test]
async fn a_signed_hand_off_leads_to_a_page_of_its_own() {
    let stage = Stage::new();
    let (reference, mut fields) = stage.donation();
    set(&mut fields, "last_name", "O'Brien & Søn=1&amount=1");
    let page = location(&stage.hand_off(fields).await);
    assert!(page.starts_with("/pay/") && page.len() == 37, "{page}");
    let payment = stage.mock.books().payment(&reference).unwrap();
    assert_eq!(payment.asked.amount.minor(), 2500);
    assert!(payment.asked.gift_aid);
    assert_eq!((stage.mock.books().charges(&reference), payment.attempts.len()), (0, 0));
    assert!(stage.mock.books().contact_is(&reference, "last_name", "O'Brien & Søn=1&amount=1"));
    assert!(!stage.mock.books().contact_is(&reference, "phone", ""));
}

#[tokio::test]
async fn either_key_of_a_rotation_signs() {
    let stage = Stage::new();
    for key_id in ["k1", "k2"] {
        stage.visit(&[("key_id", key_id)]).await;
    }
}

#[tokio::test]
async fn the_golden_vectors_are_believed() {
    let file: Value = serde_json::from_str(include_str!("../vectors/handoff.json")).unwrap();
    let at: Timestamp = Timestamp::from_second(1_763_899_200).unwrap();
    for (place, vector) in file["vectors"].as_array().unwrap().iter().enumerate() {
        assert_eq!(vector["key"], KEY);
        let stage = Stage::with(Clock::set_to(at), |_| {});
        let fields = vector["fields"].as_object().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut fields: Fields = fields.map(|(name, value)| (name.clone(), text(value))).collect();
        fields.insert("signature".to_owned(), text(&vector["signature"]));
        let answer = stage.post_raw("/handoff", encode(fields)).await;
        match place {
            3 => assert_refused(answer, 400, "malformed_field").await,
            _ => assert!(location(&answer).starts_with("/pay/")),
        }
    }
}

#[tokio::test]
async fn missing_wrong_and_doubled_fields_are_refused() {
    let stage = Stage::new();
    for name in [
        "merchant",
        "reference",
        "amount",
        "return_url",
        "timestamp",
        "key_id",
        "last_name",
        "gift_aid",
    ] {
        let (_, mut fields) = stage.donation();
        fields.remove(name);
        assert_refused(stage.hand_off(fields).await, 400, "missing_field").await;
    }
    let (_, fields) = stage.donation();
    assert_refused(stage.post_raw("/handoff", encode(fields)).await, 400, "missing_field").await;
    for (name, value, code) in [
        ("kind", "steal", "malformed_field"),
        ("method", "cash", "malformed_field"),
        ("amount", "25.00", "malformed_field"),
        ("amount", "+25", "malformed_field"),
        ("amount", "025", "malformed_field"),
        ("amount", "0", "malformed_field"),
        ("amount", "٣", "malformed_field"),
        ("currency", "gbp", "malformed_field"),
        ("frequency", "daily", "malformed_field"),
        ("gift_aid", "yes", "malformed_field"),
        ("plan", "a plan", "malformed_field"),
        ("appeal", "4242424242424242", "malformed_field"),
        ("reference", "lower-case", "malformed_field"),
        ("timestamp", "now", "malformed_field"),
        ("return_url", "http://give.example.org/", "malformed_field"),
        ("return_url", "https://user@give.example.org/", "malformed_field"),
        ("line2", "a\nb", "malformed_field"),
        ("kind", "join", "missing_field"),
        ("colour", "blue", "unexpected_field"),
    ] {
        let (reference, mut fields) = stage.donation();
        set(&mut fields, name, value);
        assert_refused(stage.hand_off(fields).await, 400, code).await;
        assert!(stage.mock.books().payment(&reference).is_none(), "{name}={value}");
    }
    let (_, mut fields) = stage.donation();
    sign(&mut fields, KEY);
    let body = encode(fields);
    assert_refused(
        stage.post_raw("/handoff", format!("{body}&amount=1")).await,
        400,
        "duplicated_field",
    )
    .await;
    assert_refused(stage.post_raw("/handoff", format!("{body}&county=%FF")).await, 400, "not_utf8")
        .await;
    assert_refused(
        stage.post_raw("/handoff", format!("{body}&county=%4")).await,
        400,
        "not_a_form",
    )
    .await;
    let endless = "x".repeat(40_000);
    assert_eq!(stage.post_raw("/handoff", endless).await.status(), 413);
}

#[tokio::test]
async fn whatever_is_changed_after_signing_breaks_the_signature() {
    let stage = Stage::new();
    let (reference, mut signed) = stage.donation();
    sign(&mut signed, KEY);
    for (name, value) in [
        ("amount", "2501"),
        ("currency", "EUR"),
        ("return_url", "https://evil.example/"),
        ("plan", "x"),
        ("key_id", "k2"),
    ] {
        let mut fields = signed.clone();
        set(&mut fields, name, value);
        assert_refused(stage.post_raw("/handoff", encode(fields)).await, 403, "wrong_signature")
            .await;
    }
    for signature in
        [signed["signature"].to_uppercase(), "00".repeat(32), "00".repeat(16), "é".to_owned()]
    {
        let mut fields = signed.clone();
        set(&mut fields, "signature", &signature);
        assert_refused(stage.post_raw("/handoff", encode(fields)).await, 403, "wrong_signature")
            .await;
    }
    assert!(stage.mock.books().payment(&reference).is_none());
    assert!(location(&stage.post_raw("/handoff", encode(signed)).await).starts_with("/pay/"));
}

#[tokio::test]
async fn strangers_are_refused() {
    let origins = Some(vec!["https://give.example.org".to_owned()]);
    let stage = Stage::with(Clock::system(), |settings| settings.return_origins = origins);
    for (name, value, code) in [
        ("merchant", "other", "unknown_merchant"),
        ("key_id", "k3", "unknown_key"),
        ("return_url", "https://give.example.org:444/return/4f1c", "return_not_registered"),
        ("return_url", "https://give.example.org.evil.example/", "return_not_registered"),
        ("return_url", "https://evil.example\\@give.example.org/", "return_not_registered"),
    ] {
        let (_, mut fields) = stage.donation();
        set(&mut fields, name, value);
        assert_refused(stage.hand_off(fields).await, 403, code).await;
    }
    stage.visit(&[("return_url", RETURN_URL)]).await;
}

#[tokio::test]
async fn a_stale_or_early_hand_off_is_refused() {
    let stage = Stage::with(Clock::set_to("2026-11-23T10:00:00Z".parse().unwrap()), |_| {});
    let now = stage.clock.now().as_second();
    for (seconds, fresh) in [(-901, false), (-900, true), (900, true), (901, false)] {
        let (_, mut fields) = stage.donation();
        set(&mut fields, "timestamp", &(now + seconds).to_string());
        let answer = stage.hand_off(fields).await;
        if fresh {
            assert_eq!(answer.status(), 303, "{seconds}");
        } else {
            assert_refused(answer, 410, "stale").await;
        }
    }
}

#[tokio::test]
async fn a_hand_off_is_let_in_once_but_a_reference_until_it_is_paid() {
    let stage = Stage::with(Clock::set_to("2026-11-23T10:00:00Z".parse().unwrap()), |_| {});
    let (reference, mut fields) = stage.donation();
    sign(&mut fields, KEY);
    let first = location(&stage.post_raw("/handoff", encode(fields.clone())).await);
    assert_refused(stage.post_raw("/handoff", encode(fields.clone())).await, 409, "replayed").await;

    stage.clock.advance(SignedDuration::from_secs(1));
    set(&mut fields, "timestamp", &stage.clock.now().as_second().to_string());
    fields.remove("signature");
    let second = location(&stage.hand_off(fields.clone()).await);
    assert_ne!(first, second);

    stage.clock.advance(SignedDuration::from_secs(1));
    set(&mut fields, "timestamp", &stage.clock.now().as_second().to_string());
    fields.remove("signature");
    let mut dearer = fields.clone();
    set(&mut dearer, "amount", "5000");
    assert_refused(stage.hand_off(dearer).await, 409, "reference_reused").await;

    assert_eq!(stage.pay(&first, "4242 4242 4242 4242").await.status(), 303);
    assert_refused(stage.hand_off(fields).await, 409, "already_paid").await;
    assert_eq!(stage.pay(&second, "4242 4242 4242 4242").await.status(), 409, "the other page");
    assert_eq!(stage.mock.books().charges(&reference), 1);
    assert_eq!(stage.mock.books().attempts(&reference).len(), 2);
}
