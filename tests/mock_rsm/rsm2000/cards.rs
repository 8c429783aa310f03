//! RSM's card pages: the call-back first, then the browser's return.

use super::client::{SECRET, fields, hidden, stage, stage_with};
use crate::receiver::Heard;
use crate::stage::Stage;
use almoner::mock_rsm::{CallBackTo, Fault, SealFault, WebhookFault};
use percent_encoding::percent_decode_str;
use sha1::{Digest as _, Sha1};
use std::time::Duration;

const WIDGET: &str = "/cpterminal/Widget.php";
const FULL: &str = "/cpterminal/cpweb.php";

/// The fields of a call-back in the order they came.
fn told(heard: &Heard) -> Vec<(String, String)> {
    let pairs = heard.body.split('&').map(|pair| pair.split_once('=').unwrap());
    let decode = |text: &str| {
        percent_decode_str(&text.replace('+', " ")).decode_utf8().unwrap().into_owned()
    };
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

fn value(heard: &Heard, name: &str) -> String {
    let found = told(heard).into_iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value).unwrap_or_default()
}

/// `IdentityCheck`, from the specification: the rest of the fields as sent, decoded once.
fn is_signed(heard: &Heard, secret: &str) -> bool {
    let rest: Vec<String> = told(heard)
        .iter()
        .filter(|(name, _)| name != "IdentityCheck")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let check = hex::encode(Sha1::digest(format!("{}{secret}", rest.join("&"))));
    check == value(heard, "IdentityCheck")
}

async fn paid(stage: &Stage, uniqueid: &str, number: &str) -> String {
    let page = stage.order(WIDGET, &[("uniqueid", uniqueid)]).await;
    stage.pay(&page, number).await;
    page
}

#[tokio::test]
async fn a_payment_is_told_to_the_server_and_then_by_the_browser() {
    let stage = stage();
    let page = paid(&stage, "100017", "4242424242424242").await;
    let heard = stage.receiver.heard();
    assert_eq!(heard.len(), 1, "before the return");
    assert_eq!(heard[0].path, "rsm2000/success");
    assert!(is_signed(&heard[0], SECRET));
    let names: Vec<_> = told(&heard[0]).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names.join(" "),
        "uniqueid title forename surname purchase donation authAmount transId transStatus transTime rawAuthMessage cardType baseStatus IdentityCheck"
    );
    let attempt = stage.rsm().attempts("100017")[0].clone();
    for (name, expected) in [
        ("surname", "O'Neil"),
        ("purchase", "20.00"),
        ("donation", "5.00"),
        ("authAmount", "25.00"),
        ("transStatus", "Y"),
        ("transTime", "1768471200000"),
        ("transId", attempt.transaction.as_str()),
        ("cardType", "Visa"),
        ("baseStatus", "OK"),
    ] {
        assert_eq!(value(&heard[0], name), expected, "{name}");
    }
    let answer = stage.get(&page).await;
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'sha256-") && policy.contains("frame-ancestors https:"));
    assert!(!answer.headers().contains_key("x-frame-options"));
    let (to, fields) = hidden(&answer.text().await.unwrap());
    assert_eq!(to, "https://give.example.org/back/success");
    let expected = [
        ("uniqueid", "100017"),
        ("status", "SUCCESS"),
        ("purchase", "20.00"),
        ("donation", "5.00"),
        ("transid", attempt.transaction.as_str()),
        ("transtime", "1768471200000"),
        ("cardtype", "Visa"),
        ("title", "Mr"),
        ("firstname", "Pat"),
        ("surname", "O&#39;Neil"),
    ];
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let shown: Vec<_> = fields.iter().map(|(n, v)| (*n, v.replace('\'', "&#39;"))).collect();
    assert_eq!(shown, expected.map(|(n, v)| (n, v.to_owned())));
    assert_eq!(stage.rsm().charges("100017"), 1);
    assert_eq!(stage.rsm().call_backs("100017")[0].status, Some(204));
}

#[tokio::test]
async fn nobody_is_charged_twice_and_an_id_is_used_once() {
    let stage = stage();
    let page = paid(&stage, "100017", "4242424242424242").await;
    stage.pay(&page, "4242424242424242").await;
    assert_eq!(stage.rsm().attempts("100017").len(), 1);
    let fields = fields(&[]);
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let answer = stage.post("/demo/cpterminal/Widget.php", &fields).await;
    let (to, fields) = hidden(&answer.text().await.unwrap());
    assert_eq!(to, "https://give.example.org/back/failure");
    let has = |name: &str, value: &str| fields.contains(&(name.to_owned(), value.to_owned()));
    assert!(has("errors[0][code]", "1014") && has("status", "INVALID") && has("firstname", "Pat"));
    stage.receiver.settle(1).await;
}

#[tokio::test]
async fn declined_given_up_and_asked_by_the_bank() {
    let stage = stage();
    let page = paid(&stage, "20", "4000000000000010").await;
    let declined = stage.receiver.settle(1).await;
    assert_eq!(declined[0].path, "rsm2000/failure");
    assert_eq!(value(&declined[0], "baseStatus"), "INVALID");
    assert!(is_signed(&declined[0], SECRET));
    assert!(stage.get(&page).await.text().await.unwrap().contains("That was declined"));
    stage.post(&format!("{page}/cancel"), &[]).await;
    let (_, fields) = stage.back(&page).await;
    assert!(fields.contains(&("errors[0][code]".to_owned(), "3002".to_owned())));

    let page = stage.order(FULL, &[("uniqueid", "21"), ("appealcode", "XMAS16")]).await;
    stage.post(&format!("{page}/cancel"), &[]).await;
    let heard = stage.receiver.settle(2).await;
    assert_eq!(
        (value(&heard[1], "transStatus"), value(&heard[1], "transId")),
        ("C".into(), String::new())
    );
    let (to, fields) = stage.back(&page).await;
    assert!(to.ends_with("/failure"));
    for expected in [("status", "FAIL"), ("errors[0][code]", "3001"), ("appealcode", "XMAS16")] {
        assert!(fields.contains(&(expected.0.to_owned(), expected.1.to_owned())), "{expected:?}");
    }

    let page = paid(&stage, "22", "4000000000000044").await;
    assert!(stage.get(&page).await.text().await.unwrap().contains("Is it you?"));
    stage.post(&format!("{page}/challenge"), &[("answer", "approve")]).await;
    assert_eq!(stage.rsm().charges("22"), 1);
    stage.receiver.settle(3).await;
}

#[tokio::test]
async fn what_is_wrong_with_a_hand_off_comes_back_by_its_number() {
    let stage = stage();
    for (change, codes) in [
        (vec![("firstname", "P@t")], vec!["2002"]),
        (vec![("country", "GB"), ("email", "pat+gift@example.org")], vec!["2010", "2011"]),
        (vec![("donationfix", ""), ("purchasefix", "")], vec!["1021"]),
        (vec![("uniqueid", "1")], vec!["1012"]),
    ] {
        let fields = fields(&change);
        let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let answer = stage.post(WIDGET, &fields).await;
        let (_, back) = hidden(&answer.text().await.unwrap());
        let told: Vec<_> = back
            .iter()
            .filter(|(name, _)| name.ends_with("[code]"))
            .map(|(_, v)| v.as_str())
            .collect();
        assert_eq!(told, codes, "{change:?}");
    }
    let fields = [("vendorid", "1"), ("donationfix", "5")];
    assert_eq!(stage.post(WIDGET, &fields).await.status(), 403);
    stage.mock.faults().script(Fault::HostedPageDown, 1);
    assert_eq!(stage.post(WIDGET, &fields).await.status(), 503);
    assert!(stage.rsm().orders().is_empty());
}

#[tokio::test]
async fn a_full_page_asks_for_little() {
    let stage = stage();
    let few = [("campaign", "3835.8965"), ("donationfix", "5"), ("step", "2"), ("amount", "5")];
    let page = crate::stage::location(&stage.post(FULL, &few).await);
    stage.pay(&page, "5555555555554444").await;
    let heard = stage.receiver.settle(1).await;
    assert_eq!(value(&heard[0], "cardType"), "Mastercard");
    assert_eq!(value(&heard[0], "authAmount"), "5.00");
    assert!(!heard[0].body.contains("purchase=") && !heard[0].body.contains("surname="));
    assert!(is_signed(&heard[0], SECRET));
}

#[tokio::test]
async fn faults_of_call_backs() {
    let stage = stage();
    let faults = stage.mock.faults();
    faults.script(Fault::Seal(SealFault::UpperCase), 1);
    faults.script(Fault::Seal(SealFault::Doubled), 1);
    faults.script(Fault::Seal(SealFault::Truncated), 1);
    faults.script(Fault::Webhook(WebhookFault::Drop), 1);
    faults.script(Fault::Webhook(WebhookFault::Duplicate), 1);
    faults.script(Fault::Webhook(WebhookFault::WrongAmount), 1);
    faults.script(Fault::Webhook(WebhookFault::BadSignature), 1);
    faults.script(Fault::Webhook(WebhookFault::Delay(Duration::from_millis(200))), 1);
    for uniqueid in 30..38 {
        paid(&stage, &uniqueid.to_string(), "4242424242424242").await;
    }
    let heard = stage.receiver.settle(8).await;
    assert_eq!(value(&heard[0], "IdentityCheck"), value(&heard[0], "IdentityCheck").to_uppercase());
    assert_eq!(heard[1].body.matches("IdentityCheck=").count(), 2);
    assert_eq!(value(&heard[2], "IdentityCheck").len(), 39);
    assert_eq!(heard[3].body, heard[4].body);
    assert_eq!(value(&heard[5], "authAmount"), "26.00");
    assert!(is_signed(&heard[5], SECRET) && !is_signed(&heard[6], SECRET));
    assert_eq!(value(&heard[7], "uniqueid"), "37");
    assert!(stage.rsm().call_backs("33").is_empty());
}

#[tokio::test]
async fn call_backs_that_are_not_taken_come_again_and_secrets_turn() {
    let stage = stage_with(|own| own.call_back_secrets.push("next secret".into()));
    stage.receiver.answer([503, 500]);
    paid(&stage, "40", "4242424242424242").await;
    stage.rsm().rotate();
    paid(&stage, "41", "4242424242424242").await;
    let heard = stage.receiver.settle(4).await;
    assert_eq!(heard[0].body, heard[2].body);
    assert!(is_signed(&heard[2], SECRET) && is_signed(&heard[3], "next secret"));
    let statuses: Vec<_> =
        stage.rsm().call_backs("40").iter().map(|call_back| call_back.status).collect();
    assert_eq!(statuses, [Some(503), Some(500), Some(204)]);
    stage.receiver.answer([401]);
    let status = stage.rsm().send_callback(CallBackTo::Failure, "uniqueid=40&a=%ff").await;
    assert_eq!(status, Some(401));
    assert_eq!(stage.receiver.settle(5).await[4].path, "rsm2000/failure");
}
