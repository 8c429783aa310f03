//! Payments and mandates by API: what is done, what is answered, and every fault.

use crate::stage::{KEY, RETURN_URL, Stage, location, mac};
use almoner::mock_rsm::{CallFault, Fault, Verdict};
use almoner::payment::Reference;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Response;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::time::{Duration, Instant};

pub(crate) const GOOD: &str = "4242424242424242";

pub(crate) fn payment(stage: &Stage, number: &str) -> Value {
    json!({
        "merchant": "hope", "reference": Reference::at(stage.clock.now()).to_string(), "kind": "donate",
        "amount": 2500, "currency": "GBP", "frequency": "once", "gift_aid": true, "return_url": RETURN_URL,
        "contact": { "last_name": "O'Brien", "email": "pat@example.org",
            "address": { "line1": "1 High Street", "town": "Bedford", "postcode": "TE1 2ST", "country": "GB" } },
        "card": { "number": number, "expiry": "12/49", "cvc": "123", "holder": "Pat O'Brien" },
    })
}

pub(crate) fn mandate(stage: &Stage, number: &str) -> Value {
    let mut body = payment(stage, GOOD);
    let members = body.as_object_mut().unwrap();
    members.remove("card");
    members.insert("frequency".into(), json!("monthly"));
    let bank = json!({ "account_name": "Pat", "sort_code": "123456", "account_number": number });
    members.insert("bank".into(), bank);
    body
}

pub(crate) fn reference(body: &Value) -> Reference {
    Reference::parse(body["reference"].as_str().unwrap()).unwrap()
}

/// The headers of a call, rightly signed.
fn headers(stage: &Stage, path: &str, body: &[u8], key: &str) -> Vec<(&'static str, String)> {
    let reference: Value = serde_json::from_slice(body).unwrap_or_default();
    let reference = reference["reference"].as_str().unwrap_or("none").to_owned();
    let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)));
    let parameters = format!(
        "(\"@method\" \"@target-uri\" \"content-digest\" \"idempotency-key\");created={};keyid=\"k1\";alg=\"hmac-sha256\"",
        stage.clock.now().as_second()
    );
    let base = format!(
        "\"@method\": POST\n\"@target-uri\": {}\n\"content-digest\": {digest}\n\"idempotency-key\": {reference}\n\"@signature-params\": {parameters}",
        stage.url(path)
    );
    vec![
        ("content-type", "application/json".into()),
        ("content-digest", digest),
        ("idempotency-key", reference),
        ("signature-input", format!("sig1={parameters}")),
        ("signature", format!("sig1=:{}:", STANDARD.encode(mac(key, &base)))),
    ]
}

pub(crate) async fn send(stage: &Stage, path: &str, body: &Value) -> reqwest::Result<Response> {
    let bytes = body.to_string().into_bytes();
    let mut request = stage.browser.post(stage.url(path));
    for (name, value) in headers(stage, path, &bytes, KEY) {
        request = request.header(name, value);
    }
    request.body(bytes).send().await
}

pub(crate) async fn call(stage: &Stage, body: &Value) -> (u16, Value) {
    let path = if body.get("bank").is_some() { "/v1/mandates" } else { "/v1/payments" };
    let answer = send(stage, path, body).await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
}

#[tokio::test]
async fn a_card_is_charged_once_and_a_repeat_is_answered_the_same() {
    let stage = Stage::new();
    let body = payment(&stage, GOOD);
    let (status, answer) = call(&stage, &body).await;
    assert_eq!((status, &answer["state"]), (201, &json!("accepted")));
    assert_eq!((&answer["amount"], &answer["currency"]), (&json!(2500), &json!("GBP")));
    assert_eq!(call(&stage, &body).await, (201, answer.clone()));
    let told = stage.receiver.settle(1).await[0].data();
    assert_eq!(told["processor_reference"], answer["processor_reference"]);
    let mut other = body.clone();
    other["amount"] = json!(2600);
    let (status, refused) = call(&stage, &other).await;
    assert_eq!((status, &refused["code"]), (409, &json!("reference_used")));
    assert_eq!(stage.mock.books().charges(&reference(&body)), 1);
    let enquired = stage.enquire(&format!("/v1/payments/{}", reference(&body))).await;
    assert_eq!(enquired.status(), 200);
}

#[tokio::test]
async fn declined_and_a_mandate_lodged_or_not() {
    let stage = Stage::new();
    for (body, expected) in [
        (payment(&stage, "4000000000000028"), (402, "declined", "insufficient_funds")),
        (mandate(&stage, "00012345"), (201, "accepted", "approved")),
        (mandate(&stage, "00012346"), (402, "declined", "account_refused")),
    ] {
        let (status, answer) = call(&stage, &body).await;
        let found = (status, answer["state"].as_str().unwrap(), answer["code"].as_str().unwrap());
        assert_eq!(found, expected);
        assert_eq!(stage.mock.books().attempts(&reference(&body)).len(), 1);
    }
}

#[tokio::test]
async fn the_bank_asks_on_a_page_of_its_own() {
    for (answer, verdict) in [("approve", Verdict::Taken), ("refuse", Verdict::Declined)] {
        let stage = Stage::new();
        let body = payment(&stage, "4000000000000044");
        let (status, pending) = call(&stage, &body).await;
        assert_eq!((status, &pending["state"]), (201, &json!("pending")));
        let page = pending["redirect_url"].as_str().unwrap().strip_prefix(stage.mock.origin());
        let page = page.unwrap().to_owned();
        assert_eq!(stage.get(&page).await.status(), 200);
        // No card is asked for here.
        let form = page.strip_suffix("/challenge").unwrap();
        assert_eq!(location(&stage.get(form).await), page);
        assert_eq!(location(&stage.pay(form, GOOD).await), page);
        assert_eq!(location(&stage.post(&page, &[("answer", answer)]).await), RETURN_URL);
        let attempts = stage.mock.books().attempts(&reference(&body));
        assert_eq!(attempts.iter().map(|attempt| attempt.verdict).collect::<Vec<_>>(), [verdict]);
        assert_eq!(call(&stage, &body).await.1["state"], "pending", "the first answer again");
        assert_eq!(stage.receiver.settle(1).await.len(), 1);
    }
}

#[tokio::test]
async fn refusals_are_words_and_nothing_is_done() {
    let stage = Stage::new();
    let with = |change: fn(&mut Value)| {
        let mut body = payment(&stage, GOOD);
        change(&mut body);
        body
    };
    for (body, expected) in [
        (with(|body| body["merchant"] = json!("other")), (403, "forbidden")),
        (with(|body| body["extra"] = json!(1)), (400, "malformed")),
        (with(|body| body["reference"] = json!("short")), (400, "malformed")),
        (with(|body| body["amount"] = json!(-1)), (422, "invalid")),
        (with(|body| body["card"]["number"] = json!("4111111111111111")), (422, "invalid")),
        (with(|body| body["card"]["cvc"] = json!("1")), (422, "invalid")),
        (with(|body| drop(body.as_object_mut().unwrap().remove("card"))), (400, "malformed")),
    ] {
        let (status, refused) = call(&stage, &body).await;
        assert_eq!((status, refused["code"].as_str().unwrap()), expected, "{refused}");
        let errors = refused["errors"].as_array().map_or(0, Vec::len);
        assert_eq!(errors, usize::from(expected.0 == 422), "{refused}");
        assert!(!refused.to_string().contains("41111111"));
    }
    assert!(stage.mock.books().payments().is_empty());
}

#[tokio::test]
async fn only_what_is_signed_over_these_very_bytes_is_believed() {
    let stage = Stage::new();
    let body = payment(&stage, GOOD).to_string().into_bytes();
    let other = payment(&stage, GOOD).to_string().into_bytes();
    let good = headers(&stage, "/v1/payments", &body, KEY);
    let without = |name: &str| good.iter().filter(|(n, _)| *n != name).cloned().collect::<Vec<_>>();
    let wrong_key = headers(&stage, "/v1/payments", &body, "fedcba9876543210fedcba9876543210");
    let elsewhere = headers(&stage, "/v1/mandates", &body, KEY);
    for (sent, body) in [
        (without("signature"), &body),
        (without("content-digest"), &body),
        (without("idempotency-key"), &body),
        (wrong_key, &body),
        (elsewhere, &body),
        (good.clone(), &other),
    ] {
        let mut request = stage.browser.post(stage.url("/v1/payments"));
        for (name, value) in sent {
            request = request.header(name, value);
        }
        let answer = request.body(body.clone()).send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert!(answer.text().await.unwrap().contains("\"signature\""));
    }
    assert!(stage.mock.books().payments().is_empty());
}

#[tokio::test]
async fn faults_before_anything_is_done() {
    let stage = Stage::new();
    for (fault, expected) in [
        (CallFault::NotProcessed(429), Some((429, "not_processed"))),
        (CallFault::NotProcessed(503), Some((503, "not_processed"))),
        (CallFault::ReferenceUsed, Some((409, "reference_used"))),
        (CallFault::Status(400), Some((400, ""))),
        (CallFault::Status(502), Some((502, ""))),
        (CallFault::Html, Some((200, ""))),
        (CallFault::Redirect, Some((307, ""))),
        (CallFault::LostRequest, None),
    ] {
        stage.mock.faults().script(Fault::Call(fault), 1);
        let body = payment(&stage, GOOD);
        let answer = send(&stage, "/v1/payments", &body).await;
        let found = match answer {
            Ok(answer) => Some((
                answer.status().as_u16(),
                serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap_or_default(),
            )),
            Err(_) => None,
        };
        let code = found.as_ref().and_then(|(_, body)| body["code"].as_str()).unwrap_or_default();
        assert_eq!(found.as_ref().map(|(status, _)| (*status, code)), expected, "{fault:?}");
        assert_eq!(stage.mock.books().attempts(&reference(&body)).len(), 0, "{fault:?}");
    }
}

#[tokio::test]
async fn faults_after_the_money_was_taken() {
    let stage = Stage::new();
    let wait = Duration::from_millis(2);
    for fault in [
        CallFault::LostReply,
        CallFault::Truncated,
        CallFault::Dripping(wait),
        CallFault::OtherReference,
        CallFault::OtherAmount,
        CallFault::OtherCurrency,
        CallFault::Malformed,
        CallFault::Error,
        CallFault::Late(wait),
        CallFault::Slow(wait),
        CallFault::WebhookFirst,
        CallFault::Twice,
    ] {
        stage.mock.faults().script(Fault::Call(fault), 1);
        let body = payment(&stage, GOOD);
        let began = Instant::now();
        let answer = send(&stage, "/v1/payments", &body).await;
        let text = match answer {
            Ok(answer) => answer.text().await,
            Err(error) => Err(error),
        };
        let read = text.ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let ours = read.as_ref().is_some_and(|read| {
            ["reference", "amount", "currency"].iter().all(|name| read[name] == body[name])
        });
        let unharmed = matches!(
            fault,
            CallFault::Dripping(_)
                | CallFault::Late(_)
                | CallFault::Slow(_)
                | CallFault::WebhookFirst
                | CallFault::Twice
        );
        assert_eq!(ours, unharmed, "{fault:?}: {read:?}");
        if matches!(fault, CallFault::Late(_) | CallFault::Slow(_) | CallFault::Dripping(_)) {
            assert!(began.elapsed() >= wait);
        }
        assert_eq!(stage.mock.books().charges(&reference(&body)), 1, "{fault:?}");
    }
    stage.mock.faults().script(Fault::Call(CallFault::Decline), 1);
    assert_eq!(call(&stage, &payment(&stage, GOOD)).await.0, 402);
}

#[tokio::test]
async fn an_answer_without_an_end_goes_on_past_any_limit() {
    let stage = Stage::new();
    stage.mock.faults().script(Fault::Call(CallFault::Huge), 1);
    let mut answer = send(&stage, "/v1/payments", &payment(&stage, GOOD)).await.unwrap();
    let mut read = 0;
    while read < 1 << 20 {
        read += answer.chunk().await.unwrap().unwrap().len();
    }
}
