//! Table A for RSM's call-backs: rightly and wrongly signed, about the right hand-off and others.

use super::house::{CALLBACK_SECRET, House, NEXT_CALLBACK_SECRET};
use super::rsm::{authorised, proof, signed, signed_with};
use almoner::payment::Reference;
use futures_util::future::join_all;

async fn refused(house: &House, body: impl Into<Vec<u8>>, status: u16) {
    let body = body.into();
    let answer = house.call_back("success", body.clone()).await;
    let text = String::from_utf8_lossy(&body).into_owned();
    assert_eq!(answer.status, status, "{text}");
    assert!(answer.body.len() <= 16, "{}", answer.body);
}

/// Nothing was recorded but the opening of the one hand-off.
async fn untouched(house: &House, reference: Reference) {
    assert_eq!(house.outcome(reference).await["state"], "handed_off");
    assert_eq!(house.recorded().await, (1, 1));
}

/// The flags after a call-back that is authentic and wrong.
async fn flagged(house: &House, reference: Reference, changes: &[(&str, &str)]) {
    let text = reference.to_string();
    house.tell_rsm("success", &authorised(&text, changes)).await;
    let outcome = house.outcome(reference).await;
    assert_eq!(outcome["state"], "handed_off", "{changes:?}");
    assert_eq!(outcome["attention"], serde_json::json!(["mismatch"]), "{changes:?}");
}

#[tokio::test]
async fn a_1_a_2_a_4_a_19_a_29_only_the_documented_proof_is_believed() {
    let house = House::rsm().await;
    let (reference, _) = house.given().await;
    let text = reference.to_string();
    let body = signed(&authorised(&text, &[]));
    let (rest, right) = body.rsplit_once("&IdentityCheck=").unwrap();
    let with = |proof: &str| format!("{rest}&IdentityCheck={proof}");
    refused(&house, rest, 401).await;
    for wrong in [
        "",
        &"0".repeat(40),
        &right[..39],
        &right.to_uppercase(),
        &format!("{right}%20"),
        &format!("{right}0"),
    ] {
        refused(&house, with(wrong), 401).await;
    }
    refused(&house, body.replace("donation=25%2E00", "donation=1%2E00"), 401).await;
    refused(&house, format!("{body}&IdentityCheck={right}"), 400).await;
    refused(&house, format!("{body}&uniqueid={text}"), 401).await;
    refused(&house, "", 401).await;
    untouched(&house, reference).await;
}

#[tokio::test]
async fn a_3_the_secret_of_another_and_both_of_our_own() {
    let house = House::rsm().await;
    let (reference, _) = house.given().await;
    let text = reference.to_string();
    refused(&house, signed_with(&authorised(&text, &[]), "another vendor's secret"), 401).await;
    untouched(&house, reference).await;
    for secret in [CALLBACK_SECRET, NEXT_CALLBACK_SECRET] {
        let body = signed_with(&authorised(&text, &[]), secret);
        assert_eq!(house.call_back("success", body).await.status, 200);
    }
    assert_eq!(house.outcome(reference).await["state"], "accepted");
}

#[tokio::test]
async fn a_7_a_9_the_same_call_back_again_however_late_is_one_event() {
    let house = House::rsm().await;
    let (reference, _) = house.given().await;
    let text = reference.to_string();
    let body = signed(&authorised(&text, &[]));
    let at_once = join_all((0..10).map(|_| house.call_back("success", body.clone()))).await;
    assert!(at_once.iter().all(|answer| answer.status == 200));
    house.later(300 * 86_400);
    assert_eq!(house.call_back("success", body).await.status, 200);
    assert_eq!(house.recorded().await, (1, 2));
    assert_eq!(house.outcome(reference).await["state"], "accepted");
}

#[tokio::test]
async fn a_12_references_that_are_not_ours() {
    let house = House::rsm().await;
    for reference in ["100017", "x", "../../etc/passwd"] {
        house.tell_rsm("success", &authorised(reference, &[])).await;
    }
    assert_eq!(house.recorded().await, (0, 0));
    let unknown = Reference::at(house.clock.now()).to_string();
    house.tell_rsm("success", &authorised(&unknown, &[])).await;
    assert_eq!(house.ledger_parked().await, 1);
}

#[tokio::test]
async fn a_13_a_14_a_15_a_22_authentic_and_about_something_else() {
    for changes in [
        vec![("donation", "250.00"), ("authAmount", "250.00")],
        vec![("donation", "24.99"), ("authAmount", "24.99")],
        vec![("authAmount", "26.00")],
        vec![("donation", "0.00"), ("purchase", "25.00")],
        vec![("donation", "20.00"), ("purchase", "5.00")],
        vec![("donation", "2500")],
        vec![("donation", "25.00x"), ("authAmount", "")],
        vec![("authCurrency", "USD")],
        vec![("vendorid", "8954")],
        vec![("campaign", "1.2")],
        vec![("testMode", "0")],
    ] {
        let house = House::rsm().await;
        let (reference, _) = house.given().await;
        flagged(&house, reference, &changes).await;
    }
}

/// The boundary between two fields is not in what is hashed: the same proof serves both readings.
#[tokio::test]
async fn a_22_a_boundary_that_was_moved_pays_for_nothing() {
    let house = House::rsm().await;
    let (reference, _) = house.given().await;
    let text = format!("uniqueid={reference}&purchase=0.00&donation=25.00&baseStatus=OK");
    let proof = proof(text.as_bytes(), CALLBACK_SECRET);
    for (body, state) in [
        (
            format!("uniqueid={reference}%26purchase=0.00&donation=25.00&baseStatus=OK"),
            "handed_off",
        ),
        (
            format!("uniqueid={reference}&purchase=0.00%26donation%3D25.00&baseStatus=OK"),
            "handed_off",
        ),
        (format!("uniqueid={reference}&purchase=0.00&donation=25.00&baseStatus=OK"), "accepted"),
    ] {
        let answer = house.call_back("success", format!("{body}&IdentityCheck={proof}")).await;
        assert_eq!(answer.status, 200, "{body}");
        assert_eq!(house.outcome(reference).await["state"], state, "{body}");
    }
}

#[tokio::test]
async fn a_23_a_lengthened_message_and_doubled_names() {
    let house = House::rsm().await;
    let (reference, _) = house.given().await;
    for (encoded, plain) in [
        (
            format!("uniqueid={reference}%80%00%00&donation=25.00"),
            format!("uniqueid={reference}\u{0}&donation=25.00"),
        ),
        (
            format!("uniqueid={reference}&donation=1.00&donation=25.00"),
            format!("uniqueid={reference}&donation=1.00&donation=25.00"),
        ),
    ] {
        let plain: Vec<u8> = if encoded.contains("%80") {
            [format!("uniqueid={reference}").as_bytes(), b"\x80\0\0&donation=25.00"].concat()
        } else {
            plain.into_bytes()
        };
        let body = format!("{encoded}&IdentityCheck={}", proof(&plain, CALLBACK_SECRET));
        refused(&house, body, 400).await;
    }
    untouched(&house, reference).await;
}

#[tokio::test]
async fn a_transaction_that_paid_for_another_hand_off_is_a_mismatch() {
    let house = House::rsm().await;
    let (first, _) = house.given().await;
    let (second, _) = house.given().await;
    house.tell_rsm("success", &authorised(&first.to_string(), &[])).await;
    flagged(&house, second, &[]).await;
    house.tell_rsm("success", &authorised(&second.to_string(), &[("transId", "286433089")])).await;
    assert_eq!(house.outcome(second).await["state"], "accepted");
}

#[tokio::test]
async fn a_17_words_that_are_not_known_move_nothing() {
    let house = House::rsm().await;
    let (reference, _) = house.given().await;
    let text = reference.to_string();
    for changes in [[("baseStatus", "SETTLED")], [("transStatus", "Q")], [("baseStatus", "ok")]] {
        house.tell_rsm("success", &authorised(&text, &changes)).await;
    }
    house.tell_rsm("failure", &authorised(&text, &[])).await;
    assert_eq!(house.outcome(reference).await["state"], "handed_off");
    let long = "A".repeat(10_000);
    refused(&house, signed(&authorised(&text, &[("baseStatus", &long)])), 400).await;
}

#[tokio::test]
async fn what_was_not_taken_and_then_was() {
    let house = House::rsm().await;
    let (reference, _) = house.given().await;
    let text = reference.to_string();
    let declined = [("baseStatus", "INVALID"), ("transStatus", ""), ("transId", "286433087")];
    house.tell_rsm("failure", &authorised(&text, &declined)).await;
    assert_eq!(house.outcome(reference).await["state"], "declined");
    house.later(60);
    house.tell_rsm("success", &authorised(&text, &[("transTime", "1795470458000")])).await;
    let outcome = house.outcome(reference).await;
    assert_eq!(
        (&outcome["state"], &outcome["attention"]),
        (&"accepted".into(), &serde_json::json!([]))
    );
}

#[tokio::test]
async fn names_in_any_character_set_and_records_that_say_nothing() {
    let house = House::rsm().await;
    let (reference, _) = house.given().await;
    let tail =
        "purchase=0.00&donation=25.00&authAmount=25.00&transId=1&transStatus=Y&baseStatus=OK";
    for (encoded, bytes) in
        [("Andr%E9", b"Andr\xE9".as_slice()), ("Andr%C3%A9", "André".as_bytes())]
    {
        let head = format!("uniqueid={reference}&surname=");
        let plain = [head.as_bytes(), bytes, b"&", tail.as_bytes()].concat();
        let body =
            format!("{head}{encoded}&{tail}&IdentityCheck={}", proof(&plain, CALLBACK_SECRET));
        assert_eq!(house.call_back("success", body).await.status, 200, "{encoded}");
    }
    assert_eq!(house.outcome(reference).await["state"], "accepted");
    let events = house.recorded().await;
    let text = reference.to_string();
    house.tell_rsm("success", &authorised(&text, &[("purchase", ""), ("donation", "")])).await;
    assert_eq!(house.recorded().await, events);
}

#[tokio::test]
async fn a_20_a_30_many_parameters_and_a_flood_of_forgeries() {
    let house = House::rsm().await;
    let (reference, _) = house.given().await;
    refused(&house, vec!["IdentityCheck=0"; 1000].join("&"), 401).await;
    let forged = format!("uniqueid={reference}&IdentityCheck={}", "0".repeat(40));
    let mut statuses = Vec::new();
    while !statuses.contains(&429) {
        assert!(statuses.len() < 2000, "never stopped");
        let flood = join_all((0..20).map(|_| house.call_back("success", forged.clone()))).await;
        statuses.extend(flood.iter().map(|answer| answer.status));
    }
    house.tell_rsm("success", &authorised(&reference.to_string(), &[])).await;
    assert_eq!(house.outcome(reference).await["state"], "accepted");
}

#[tokio::test]
async fn a_24_only_listed_networks_whatever_a_header_says() {
    let strange = ["192.0.2.0/24".parse().unwrap()].map(almoner::config::Checked).to_vec();
    let house = House::rsm_with(
        |settings| {
            settings.processor.networks_only = true;
            settings.processor.networks = strange;
        },
        |_| {},
    )
    .await;
    let (reference, _) = house.given().await;
    let body = signed(&authorised(&reference.to_string(), &[]));
    let form = ("content-type", "application/x-www-form-urlencoded");
    for headers in
        [vec![form], vec![form, ("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1")]]
    {
        let answer = house.post("/webhooks/rsm2000/success", &headers, body.clone()).await;
        assert_eq!((answer.status, answer.body.as_str()), (403, "forbidden"));
    }
    untouched(&house, reference).await;
    let own = House::rsm_with(|settings| settings.processor.networks_only = true, |_| {}).await;
    let (reference, _) = own.given().await;
    own.tell_rsm("success", &authorised(&reference.to_string(), &[])).await;
}

#[tokio::test]
async fn a_28_each_dialect_has_its_own_doors() {
    let house = House::rsm().await;
    assert_eq!(house.get("/webhooks/rsm2000/success").await.status, 405);
    assert_eq!(house.post("/webhooks/signed", &[], "{}").await.status, 404);
    let other = House::new().await;
    assert_eq!(other.call_back("success", "a=1").await.status, 404);
    assert_eq!(other.get("/return/rsm2000/success?uniqueid=1").await.status, 404);
}
