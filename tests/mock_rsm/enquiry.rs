//! What became of one payment, told to whoever signs the question.

use crate::stage::{KEY, NEXT_KEY, Stage, enquiry};
use almoner::clock::Clock;
use almoner::mock_rsm::{EnquiryFault, Fault};
use almoner::payment::Reference;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn ask(stage: &Stage, reference: &Reference) -> Value {
    let answer = stage.enquire(&format!("/v1/payments/{reference}")).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/json");
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn answers_what_the_books_say() {
    let stage = Stage::with(Clock::set_to("2026-11-23T10:00:00Z".parse().unwrap()), |_| {});
    let (reference, page) = stage.visit(&[]).await;
    let pending = json!({
        "reference": reference.to_string(), "state": "pending", "amount": 2500, "currency": "GBP",
        "processor_reference": null, "code": null, "occurred_at": "2026-11-23T10:00:00Z", "mode": "test",
    });
    assert_eq!(ask(&stage, &reference).await, pending);
    stage.pay(&page, "4000000000000010").await;
    let declined = ask(&stage, &reference).await;
    assert_eq!(
        (&declined["state"], &declined["code"]),
        (&json!("declined"), &json!("do_not_honour"))
    );
    stage.pay(&page, "4000000000000119").await;
    let accepted = ask(&stage, &reference).await;
    assert_eq!((&accepted["state"], &accepted["amount"]), (&json!("accepted"), &json!(2500)));
    let told = stage.receiver.settle(2).await[1].data();
    assert_eq!(accepted["processor_reference"], told["processor_reference"]);

    let (cancelled, page) = stage.visit(&[]).await;
    stage.post(&format!("{page}/cancel"), &[]).await;
    let (left, _) = stage.visit(&[]).await;
    stage.clock.advance(SignedDuration::from_mins(60));
    assert_eq!(ask(&stage, &cancelled).await["state"], "cancelled");
    let lapsed = ask(&stage, &left).await;
    assert_eq!(
        (&lapsed["state"], &lapsed["occurred_at"]),
        (&json!("lapsed"), &json!("2026-11-23T11:00:00Z"))
    );
}

#[tokio::test]
async fn payments_and_mandates_are_apart() {
    let stage = Stage::new();
    let (card, _) = stage.visit(&[]).await;
    let (debit, _) = stage.visit(&[("method", "direct_debit")]).await;
    for (path, status) in [
        (format!("/v1/payments/{card}"), 200),
        (format!("/v1/mandates/{debit}"), 200),
        (format!("/v1/mandates/{card}"), 404),
        (format!("/v1/payments/{debit}"), 404),
        (format!("/v1/payments/{}", Reference::at(stage.clock.now())), 404),
        ("/v1/payments/nonsense".to_owned(), 404),
    ] {
        let answer = stage.enquire(&path).await;
        assert_eq!(answer.status(), status, "{path}");
        if status == 404 {
            assert_eq!(answer.text().await.unwrap(), r#"{"error":"unknown_reference"}"#);
        }
    }
}

#[tokio::test]
async fn a_question_that_is_not_ours_is_not_answered() {
    let stage = Stage::new();
    let (reference, _) = stage.visit(&[]).await;
    let path = format!("/v1/payments/{reference}");
    let (url, now) = (stage.url(&path), stage.clock.now().as_second());
    let signed = |url: &str, age, key_id, key| enquiry(url, now - age, key_id, key);
    let (input, signature) = signed(&url, 0, "k1", KEY);
    let other = stage.url("/v1/payments/other");
    let empty = || (String::new(), String::new());
    for ((input, signature), refused) in [
        (empty(), "missing_signature"),
        ((input.clone(), String::new()), "missing_signature"),
        ((input.replace("sig1", "sig2"), signature.clone()), "malformed_signature"),
        (
            (input.replace("hmac-sha256", "rsa-pss-sha512"), signature.clone()),
            "malformed_signature",
        ),
        ((input.clone(), signature.replace("sig1=:", "sig1=")), "malformed_signature"),
        ((input.replace("\"@method\" ", ""), signature.clone()), "malformed_signature"),
        (signed(&url, 0, "k9", KEY), "unknown_key"),
        (signed(&url, 0, "k1", NEXT_KEY), "wrong_signature"),
        (signed(&other, 0, "k1", KEY), "wrong_signature"),
        (signed(&format!("{url}?x=1"), 0, "k1", KEY), "wrong_signature"),
        ((input.clone(), "sig1=:AAAA:".to_owned()), "wrong_signature"),
        (signed(&url, 310, "k1", KEY), "stale_signature"),
        (signed(&url, -310, "k1", KEY), "stale_signature"),
    ] {
        let mut request = stage.browser.get(&url);
        for (name, value) in [("signature-input", input), ("signature", signature)] {
            if !value.is_empty() {
                request = request.header(name, value);
            }
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401, "{refused}");
        assert_eq!(answer.text().await.unwrap(), format!(r#"{{"error":"{refused}"}}"#));
    }
    let (input, signature) = signed(&url, 290, "k2", NEXT_KEY);
    let request =
        stage.browser.get(&url).header("signature-input", input).header("signature", signature);
    assert_eq!(request.send().await.unwrap().status(), 200, "the other key, nearly stale");
}

#[tokio::test]
async fn scripted_faults() {
    let stage = Stage::new();
    let (reference, _) = stage.visit(&[]).await;
    let path = format!("/v1/payments/{reference}");
    let slow = Duration::from_millis(200);
    for fault in [
        EnquiryFault::Error,
        EnquiryFault::Garbage,
        EnquiryFault::OtherReference,
        EnquiryFault::Slow(slow),
    ] {
        stage.mock.faults().script(Fault::Enquiry(fault), 1);
    }
    assert_eq!(
        stage.browser.get(stage.url(&path)).send().await.unwrap().status(),
        401,
        "takes no fault"
    );
    assert_eq!(stage.enquire(&path).await.status(), 500);
    let garbage = stage.enquire(&path).await;
    assert_eq!(garbage.status(), 200);
    assert!(serde_json::from_str::<Value>(&garbage.text().await.unwrap()).is_err());
    let other = ask(&stage, &reference).await;
    assert_ne!(other["reference"], reference.to_string());
    let began = Instant::now();
    assert_eq!(ask(&stage, &reference).await["reference"], reference.to_string());
    assert!(began.elapsed() >= slow);
}
