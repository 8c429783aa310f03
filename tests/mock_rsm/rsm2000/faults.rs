//! Everything that can go wrong between a request and its reply.

use super::client::{API, document, mandate, next_time, request, sign, stage, wire};
use crate::stage::Stage;
use almoner::mock_rsm::{DdcmFault, Fault};
use std::time::{Duration, Instant};

/// A request that lodges a mandate, as its document and its signature.
fn lodging() -> (String, String) {
    let inner =
        request("setMandates", &format!("<mandates>{}</mandates>", mandate(&[])), next_time());
    (document("setMandates", &inner), sign(&inner))
}

async fn broken(stage: &Stage, document: &str) -> bool {
    let post = stage.browser.post(stage.url(API)).body(wire(document));
    let answer = post.header("content-type", "application/x-www-form-urlencoded").send().await;
    match answer {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    }
}

async fn recall(stage: &Stage, signature: &str) -> super::client::Reply {
    let body = format!("<previousSignature>{signature}</previousSignature>");
    stage.ddcm("responseStatusCheck", &body).await
}

#[tokio::test]
async fn a_lost_reply_can_be_asked_for_and_a_lost_request_was_never_there() {
    let stage = stage();
    let (lost, signature) = lodging();
    stage.mock.faults().script(Fault::Ddcm(DdcmFault::LostRequest), 1);
    assert!(broken(&stage, &lost).await);
    assert!(stage.rsm().mandates("DON-000123").is_empty());
    assert_eq!(recall(&stage, &signature).await.codes(), [2301]);

    stage.mock.faults().script(Fault::Ddcm(DdcmFault::LostReply), 1);
    assert!(broken(&stage, &lost).await);
    assert_eq!(stage.rsm().mandates("DON-000123").len(), 1);
    assert_eq!(stage.ddcm_raw(&lost).await.codes(), [1005]);
    let told = recall(&stage, &signature).await;
    assert_eq!(told.one("ddRefNo"), "DD00000001");
    assert!(told.text.contains("setMandatesResponse.dtd"));
    assert_eq!(stage.rsm().mandates("DON-000123").len(), 1);
    assert_eq!(stage.rsm().requests("setMandates"), 2);
}

#[tokio::test]
async fn replies_that_cannot_be_believed() {
    let stage = stage();
    let send = async |fault: DdcmFault| {
        stage.mock.faults().script(Fault::Ddcm(fault), 1);
        stage.post_raw(API, wire(&lodging().0)).await.bytes().await.unwrap()
    };
    let text = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect::<String>();
    let truncated = text(&send(DdcmFault::Truncated).await);
    assert!(truncated.ends_with("<response><status>SUCCESS</status>"), "{truncated}");
    let other = text(&send(DdcmFault::OtherReference).await);
    assert!(other.contains("OTHER-000001") && !other.contains("DON-000123"));
    assert!(super::client::Reply { text: other }.is_signed());
    let forged = text(&send(DdcmFault::WrongSignature).await);
    assert!(!super::client::Reply { text: forged }.is_signed());
    assert!(send(DdcmFault::OtherCharset).await.starts_with(&[0xFE, 0xFF, 0, b'<']));
    let bomb = text(&send(DdcmFault::DoctypeBomb).await);
    assert!(bomb.contains("<!ENTITY j") && bomb.contains("<status>&j;"));
    assert!(bomb.len() < 10_000);
    let html = text(&send(DdcmFault::Html).await);
    assert!(html.starts_with("<h1>"));
    stage.mock.faults().script(Fault::Ddcm(DdcmFault::ServerError), 1);
    let answer = stage.post_raw(API, wire(&lodging().0)).await;
    assert_eq!(answer.status(), 500);
    assert!(answer.text().await.unwrap().contains("<code>1003</code>"));
    assert_eq!(stage.rsm().requests("setMandates"), 5);
}

#[tokio::test]
async fn slow_huge_and_dripping() {
    let stage = stage();
    let faults = stage.mock.faults();
    faults.script(Fault::Ddcm(DdcmFault::Slow(Duration::from_millis(300))), 1);
    let began = Instant::now();
    assert_eq!(stage.ddcm("heartbeat", "").await.one("status"), "SUCCESS");
    assert!(began.elapsed() >= Duration::from_millis(300));

    faults.script(Fault::Ddcm(DdcmFault::Dripping(Duration::from_millis(1))), 1);
    let began = Instant::now();
    let reply = stage.ddcm("heartbeat", "").await;
    assert!(reply.is_signed() && began.elapsed() >= Duration::from_millis(300));

    faults.script(Fault::Ddcm(DdcmFault::Huge), 1);
    let beat = document("heartbeat", &request("heartbeat", "", next_time()));
    let mut answer = stage.post_raw(API, wire(&beat)).await;
    let mut length = 0;
    while let Some(piece) = answer.chunk().await.unwrap() {
        length += piece.len();
    }
    assert!(length > 100_000_000, "{length}");
}
