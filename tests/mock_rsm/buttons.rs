//! The page of buttons: what each makes go wrong, what the ledger beside them says, and whose it is.

use crate::calls::{GOOD, call, payment, send};
use crate::stage::{Stage, location};
use almoner::clock::Clock;

/// The token that the page's form carries.
fn token(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

async fn page(stage: &Stage) -> String {
    let answer = stage.get("/buttons").await;
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    assert!(!text.contains("<script"));
    text
}

async fn press(stage: &Stage, word: &str) {
    let token = token(&page(stage).await);
    let pressed = stage.post("/buttons", &[("token", &token), ("press", word)]).await;
    assert_eq!(location(&pressed), "/buttons");
}

#[tokio::test]
async fn a_lost_reply_is_one_charge_in_the_ledger() {
    let stage = Stage::new();
    assert!(page(&stage).await.contains("Nobody has paid yet"));
    press(&stage, "lose_reply").await;
    assert!(page(&stage).await.contains("<strong>Still to come: </strong>Lose the next reply."));
    let body = payment(&stage, GOOD);
    assert!(send(&stage, "/v1/payments", &body).await.is_err());
    let shown = page(&stage).await;
    assert!(shown.contains("Nothing is to go wrong"));
    for part in [
        body["reference"].as_str().unwrap(),
        "<dt>Amount</dt><dd>£25</dd>",
        "<dt>Calls</dt><dd>1</dd>",
        "<dt>Charges</dt><dd><strong>1</strong></dd>",
        "<dt>Webhooks</dt><dd>0</dd>",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("Brien") && !shown.contains("4242424242424242"));
}

#[tokio::test]
async fn the_other_buttons() {
    let stage = Stage::new();
    press(&stage, "lose_request").await;
    assert!(send(&stage, "/v1/payments", &payment(&stage, GOOD)).await.is_err());
    assert!(page(&stage).await.contains("lost on its way, nothing was done"));
    press(&stage, "decline").await;
    assert_eq!(call(&stage, &payment(&stage, GOOD)).await.0, 402);
    press(&stage, "twice").await;
    assert_eq!(call(&stage, &payment(&stage, GOOD)).await.0, 201);
    stage.receiver.settle(3).await;
    press(&stage, "delay").await;
    press(&stage, "decline").await;
    press(&stage, "forget").await;
    assert_eq!(stage.mock.faults().left(), 0);
}

#[tokio::test]
async fn nobody_else_presses_them() {
    let stage = Stage::new();
    for fields in [
        &[("press", "decline")][..],
        &[("press", "decline"), ("token", "0")],
        &[("press", "rain"), ("token", &token(&page(&stage).await))],
    ] {
        assert_eq!(stage.post("/buttons", fields).await.status(), 403);
    }
    assert_eq!(stage.mock.faults().left(), 0);
    let named = |settings: &mut almoner::mock_rsm::MockSettings| {
        settings.origin = "https://mock.example.org".to_owned();
    };
    let stage = Stage::with(Clock::system(), named);
    let port = stage.port;
    let answer = stage.browser.get(format!("https://localhost:{port}/buttons"));
    assert_eq!(answer.send().await.unwrap().status(), 404);
}
