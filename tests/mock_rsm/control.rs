//! The control API, for tests in another process.

use crate::stage::{Stage, TOKEN, WEBHOOK_KEY};
use almoner::clock::Clock;
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) async fn call(stage: &Stage, method: Method, path: &str, body: Value) -> (u16, Value) {
    let request = stage.browser.request(method, stage.url(path)).bearer_auth(TOKEN);
    let answer = request.body(body.to_string()).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null))
}

#[tokio::test]
async fn the_books() {
    let stage = Stage::new();
    let (reference, page) = stage.visit(&[("appeal", "XMAS_26")]).await;
    stage.pay(&page, "4000000000000010").await;
    stage.pay(&page, "4242424242424242").await;
    let (status, shown) =
        call(&stage, Method::GET, &format!("/control/payments/{reference}"), Value::Null).await;
    assert_eq!(status, 200);
    for (field, value) in [
        ("state", json!("accepted")),
        ("amount", json!(2500)),
        ("appeal", json!("XMAS_26")),
        ("charges", json!(1)),
        ("method", json!("card")),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
    let verdicts: Vec<_> =
        shown["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["verdict"]).collect();
    assert_eq!(verdicts, ["declined", "taken"]);
    assert_eq!(shown["deliveries"][1]["status"], 204);
    for canary in ["Brien", "pat@example.org", "Bedford", "4242"] {
        assert!(!shown.to_string().contains(canary), "{canary}");
    }
    let (_, all) = call(&stage, Method::GET, "/control/payments", Value::Null).await;
    assert_eq!(all["payments"][0], shown);
    let (status, _) = call(&stage, Method::GET, "/control/payments/unknown", Value::Null).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn faults_and_webhooks() {
    let stage = Stage::new();
    let script = json!({ "fault": "drop_webhook", "times": 2 });
    assert_eq!(
        call(&stage, Method::POST, "/control/faults", script).await,
        (200, json!({ "left": 2 }))
    );
    let script = json!({ "fault": "enquiry_slow", "delay_ms": 5 });
    assert_eq!(
        call(&stage, Method::POST, "/control/faults", script).await,
        (200, json!({ "left": 3 }))
    );
    for wrong in
        [json!({ "fault": "rain" }), json!({ "fault": "drop_webhook", "often": 1 }), json!([])]
    {
        assert_eq!(call(&stage, Method::POST, "/control/faults", wrong).await.0, 400);
    }
    let (_, page) = stage.visit(&[]).await;
    stage.pay(&page, "4242424242424242").await;
    stage.receiver.settle(0).await;
    assert_eq!(call(&stage, Method::DELETE, "/control/faults", Value::Null).await.0, 204);
    assert_eq!(stage.mock.faults().left(), 0);

    let notice = json!({
        "reference": "00000000000000000000000000", "state": "refunded", "amount": 100, "currency": "GBP",
        "occurred_at": "2026-11-23T10:00:00Z",
    });
    assert_eq!(call(&stage, Method::POST, "/control/webhooks", notice).await.0, 202);
    let heard = stage.receiver.settle(1).await;
    assert!(heard[0].is_believed_with(WEBHOOK_KEY));
    assert_eq!(heard[0].data()["mode"], "test");
    assert_eq!(
        call(&stage, Method::POST, "/control/webhooks", json!({ "state": "x" })).await.0,
        400
    );
}

#[tokio::test]
async fn closed_without_the_token_and_absent_without_a_setting() {
    let stage = Stage::new();
    for token in ["", "wrong", TOKEN.trim_start_matches('c'), &TOKEN.to_uppercase()] {
        let request = stage.browser.get(stage.url("/control/payments")).bearer_auth(token);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    }
    assert_eq!(stage.get("/control/payments").await.status(), 401);
    let stage = Stage::with(Clock::system(), |settings| settings.control_token = None);
    assert_eq!(call(&stage, Method::GET, "/control/payments", Value::Null).await.0, 404);
}
