//! RSM's side of the control API.

use super::client::stage;
use crate::stage::{Stage, TOKEN};
use reqwest::Method;
use serde_json::{Value, json};

async fn call(stage: &Stage, method: Method, path: &str, body: Value) -> (u16, Value) {
    let request = stage.browser.request(method, stage.url(path)).bearer_auth(TOKEN);
    let answer = request.body(body.to_string()).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null))
}

#[tokio::test]
async fn days_pass_and_the_books_are_open() {
    let stage = stage();
    stage.mandate(&[("startDate", "22/01/2026")]).await;
    let advance = json!({ "working_days": 5 });
    let path = "/control/rsm2000/advance";
    assert_eq!(
        call(&stage, Method::POST, path, advance).await,
        (200, json!({ "today": "2026-01-22" }))
    );
    for wrong in [json!({ "days": 5 }), json!({ "working_days": 99_999 }), json!([])] {
        assert_eq!(call(&stage, Method::POST, path, wrong).await.0, 400);
    }
    let path = "/control/rsm2000/mandates/DON-000123";
    let (_, shown) = call(&stage, Method::GET, path, Value::Null).await;
    assert_eq!(shown["mandates"][0]["state"], "LIVE");
    for canary in ["66374958", "089999", "Example", "EXAMPLE"] {
        assert!(!shown.to_string().contains(canary), "{canary}");
    }
    call(&stage, Method::POST, "/control/rsm2000/advance", json!({ "working_days": 6 })).await;
    let reason = json!({ "reason": "5: No authority given" });
    assert_eq!(call(&stage, Method::POST, &format!("{path}/claim"), reason).await.0, 200);
    let reason = json!({ "reason": "2: Payer deceased" });
    let (_, ended) = call(&stage, Method::POST, &format!("{path}/end"), reason).await;
    assert_eq!(ended["mandates"][0]["state"], "CANCELLED");
    let (_, shown) = call(&stage, Method::GET, path, Value::Null).await;
    assert_eq!(shown["collections"][1]["kind"], "indemnity");
    let nobody = "/control/rsm2000/mandates/nobody/end";
    assert_eq!(call(&stage, Method::POST, nobody, json!({ "reason": "x" })).await.0, 404);
    let (_, all) = call(&stage, Method::GET, "/control/rsm2000", Value::Null).await;
    assert_eq!(all["requests"]["setMandates"], 1);
}

#[tokio::test]
async fn faults_orders_and_call_backs() {
    let stage = stage();
    for (word, left) in [("ddcm_lost_reply", 1), ("upper_case_signature", 2), ("ddcm_huge", 3)] {
        let script = json!({ "fault": word });
        let answer = call(&stage, Method::POST, "/control/faults", script).await;
        assert_eq!(answer, (200, json!({ "left": left })), "{word}");
    }
    stage.mock.faults().clear();
    let page = stage.order("/cpterminal/Widget.php", &[]).await;
    stage.pay(&page, "4242424242424242").await;
    let (_, shown) = call(&stage, Method::GET, "/control/rsm2000/orders/100017", Value::Null).await;
    assert_eq!((&shown["charges"], &shown["call_backs"][0]["to"]), (&json!(1), &json!("success")));
    let raw = json!({ "to": "failure", "body": "uniqueid=1" });
    let answer = call(&stage, Method::POST, "/control/rsm2000/callbacks", raw).await;
    assert_eq!(answer, (202, json!({ "status": 204 })));
    let wrong = json!({ "to": "nowhere", "body": "" });
    assert_eq!(call(&stage, Method::POST, "/control/rsm2000/callbacks", wrong).await.0, 400);
    let outside = stage.post("/control/rsm2000/advance", &[]).await;
    assert_eq!(outside.status(), 401);
}
