//! What the mock's own ledger says of calls, for whoever compares it with another's.

use crate::calls::{GOOD, call, payment, reference, send};
use crate::control;
use crate::stage::{RETURN_URL, Stage, location};
use almoner::mock_rsm::{CallFault, EnquiryFault, Fault};
use reqwest::Method;
use serde_json::{Value, json};

async fn ledger(stage: &Stage, query: &str) -> Vec<Value> {
    let path = format!("/control/payments{query}");
    let (status, shown) = control::call(stage, Method::GET, &path, Value::Null).await;
    assert_eq!(status, 200);
    shown["payments"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_call_is_counted_and_one_charge_at_most() {
    let stage = Stage::new();
    let lost = payment(&stage, GOOD);
    stage.mock.faults().script(Fault::Call(CallFault::LostRequest), 1);
    assert!(send(&stage, "/v1/payments", &lost).await.is_err());
    let paid = payment(&stage, GOOD);
    stage.mock.faults().script(Fault::Call(CallFault::LostReply), 1);
    assert!(send(&stage, "/v1/payments", &paid).await.is_err());
    assert_eq!(call(&stage, &paid).await.0, 201);
    stage.receiver.settle(1).await;

    let [shown] = ledger(&stage, "").await.try_into().unwrap();
    assert_eq!(shown["reference"], paid["reference"]);
    assert_eq!(
        (&shown["calls"], &shown["charges"], &shown["amount"], &shown["state"]),
        (&json!(2), &json!(1), &json!(2500), &json!("accepted"))
    );
    assert_eq!(shown["attempts"].as_array().unwrap().len(), 1);
    assert_eq!(shown["deliveries"][0]["status"], 204);
    let (_, counted) = control::call(&stage, Method::GET, "/control/calls", Value::Null).await;
    let text = |body: &Value| reference(body).to_string();
    assert_eq!(counted["calls"], json!({ text(&lost): 1, text(&paid): 2 }));
    let enquired = stage.enquire(&format!("/v1/payments/{}", reference(&lost))).await;
    assert_eq!(enquired.status(), 404);
}

#[tokio::test]
async fn the_ledger_can_be_read_in_parts() {
    let stage = Stage::new();
    let mut references = Vec::new();
    for _ in 0..5 {
        let body = payment(&stage, GOOD);
        assert_eq!(call(&stage, &body).await.0, 201);
        references.push(body["reference"].as_str().unwrap().to_owned());
    }
    references.sort();
    let named = |part: Vec<Value>| -> Vec<String> {
        part.iter().map(|row| row["reference"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(named(ledger(&stage, "").await), references);
    assert_eq!(named(ledger(&stage, "?limit=2").await), references[..2]);
    let after = format!("?after={}&limit=2", references[1]);
    assert_eq!(named(ledger(&stage, &after).await), references[2..4]);
    for wrong in ["?after=x", "?limit=-1", "?page=2"] {
        let path = format!("/control/payments{wrong}");
        assert_eq!(control::call(&stage, Method::GET, &path, Value::Null).await.0, 400);
    }
}

#[tokio::test]
async fn faults_come_about_as_often_as_asked_until_they_are_cleared() {
    let stage = Stage::new();
    for (percent, status) in [(100, 402), (0, 402)] {
        let order = json!({ "fault": "call_decline", "percent": percent, "seed": 7 });
        assert_eq!(control::call(&stage, Method::POST, "/control/faults", order).await.0, 200);
        assert_eq!(call(&stage, &payment(&stage, GOOD)).await.0, status, "{percent}");
    }
    assert_eq!(control::call(&stage, Method::DELETE, "/control/faults", Value::Null).await.0, 204);
    assert_eq!(call(&stage, &payment(&stage, GOOD)).await.0, 201);
}

#[tokio::test]
async fn who_walks_away_from_the_bank_has_cancelled() {
    let stage = Stage::new();
    let body = payment(&stage, "4000000000000044");
    let (_, pending) = call(&stage, &body).await;
    let page = pending["redirect_url"].as_str().unwrap();
    let page = page.strip_prefix(stage.mock.origin()).unwrap().to_owned();
    assert!(stage.get(&page).await.text().await.unwrap().contains("Go back without answering"));
    let away = page.replace("/challenge", "/cancel");
    assert_eq!(location(&stage.post(&away, &[]).await), RETURN_URL);
    assert_eq!(stage.receiver.settle(1).await[0].state(), "cancelled");
    let enquired = stage.enquire(&format!("/v1/payments/{}", reference(&body))).await;
    assert!(enquired.text().await.unwrap().contains("\"cancelled\""));
    // The page leads back to the charity, and takes nothing any more.
    assert_eq!(stage.get(&page).await.status(), 410);
    stage.post(&page, &[("answer", "approve")]).await;
    assert_eq!(stage.mock.books().charges(&reference(&body)), 0);
}

#[tokio::test]
async fn what_is_no_call_is_told_so() {
    let stage = Stage::new();
    let long = json!({ "reference": "none", "filler": "a".repeat(40_000) });
    for (path, body, expected) in [
        ("/v1/payments", &long, (413, "too_large")),
        ("/v1/refunds", &json!({}), (404, "no_such_service")),
        ("/v1/payments/ABC", &json!({}), (404, "no_such_service")),
    ] {
        let answer = send(&stage, path, body).await.unwrap();
        let status = answer.status().as_u16();
        let told: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!((status, told["code"].as_str().unwrap()), expected, "{path}");
    }
}

#[tokio::test]
async fn enquiries_that_say_nothing() {
    let stage = Stage::new();
    let body = payment(&stage, GOOD);
    assert_eq!(call(&stage, &body).await.0, 201);
    let path = format!("/v1/payments/{}", reference(&body));
    for (fault, status, word) in [
        (EnquiryFault::Unknown, 404, "unknown_reference"),
        (EnquiryFault::Pending, 200, "\"pending\""),
        (EnquiryFault::Busy, 503, "busy"),
    ] {
        stage.mock.faults().script(Fault::Enquiry(fault), 1);
        let answer = stage.enquire(&path).await;
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers().contains_key("retry-after"), status == 503);
        assert!(answer.text().await.unwrap().contains(word), "{fault:?}");
    }
    stage.mock.faults().script(Fault::Enquiry(EnquiryFault::Lost), 1);
    let url = stage.url(&path);
    let (input, signature) =
        crate::stage::enquiry(&url, stage.clock.now().as_second(), "k1", crate::stage::KEY);
    let request = stage.browser.get(&url).header("signature-input", input);
    assert!(request.header("signature", signature).send().await.is_err());
}
