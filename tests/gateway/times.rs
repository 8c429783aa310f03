//! Row FM-72: times that cannot be. Nothing panics, and nothing that can be believed is lost over them.

use super::house::House;
use super::message::{Message, stating};
use super::rsm::authorised;
use serde_json::{Value, json};

/// 2^31 and 2^63, seconds before 1970, the first and the last there are.
const ODD: [&str; 12] = [
    "0",
    "-1",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "1970-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "9999-12-31T23:59:59Z",
    "-009999-01-02T01:59:59Z",
    "2026-02-30T00:00:00Z",
    "2026-01-01T25:00:00Z",
    "",
];

/// A webhook whose time is none cannot be told from a later one of the same payment: it is refused,
/// the processor sends it again, and the enquiry knows.
#[tokio::test]
async fn fm_72_a_webhook_of_no_time() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    let statement = house.statement(reference, "accepted");
    let numbers = [json!(0), json!(-1), json!(2_147_483_648_u64), json!(u64::MAX), json!(1e300)];
    let odd: Vec<Value> = ODD.iter().map(|text| json!(text)).chain(numbers).collect();
    for at in odd {
        let said = stating(statement.clone(), "occurred_at", at.clone());
        let answer = house.post_message(&Message::new(&house, &said)).await;
        assert_eq!((answer.status, answer.body.as_str()), (400, "malformed"), "{at}");
    }
    for sent in ["0", "-1", "2147483648", "9223372036854775807", "9223372036854775808"] {
        let message = Message { sent: sent.into(), ..Message::new(&house, &statement) };
        let message = message.signed_with(&[super::house::WEBHOOK_SECRET]);
        assert_eq!(house.post_message(&message).await.status, 401, "{sent}");
    }
    assert_eq!(house.recorded().await, (1, 1));
    // 2^31 seconds and a leap second are times like others.
    let accepted = stating(statement, "occurred_at", "2038-01-19T03:14:08Z");
    house.tell(&accepted).await;
    house.tell(&stating(accepted, "occurred_at", "2016-12-31T23:59:60Z")).await;
    assert_eq!(house.outcome(reference).await["state"], "accepted");
}

/// RSM's call-back is an outcome all the same: where its time is none, ours stands for it.
#[tokio::test]
async fn fm_72_a_call_back_of_no_time() {
    for at in ODD {
        let house = House::rsm().await;
        let (reference, _) = house.given().await;
        let text = reference.to_string();
        house.tell_rsm("success", &authorised(&text, &[("transTime", at)])).await;
        assert_eq!(house.outcome(reference).await["state"], "accepted", "{at}");
        let event = house.history(reference).await.pop().unwrap();
        let occurred = event.evidence.unwrap().occurred_at;
        let expected =
            if at == "2147483648" { 2_147_483_648 } else { house.clock.now().as_second() };
        assert_eq!(occurred.as_second(), expected, "{at}");
    }
}
