//! Attacks on money by RSM's ways: each was tried, and is answered as it should be.

use super::answer::{hidden, hidden_fields};
use super::house::House;
use super::rsm::{GOOD_ACCOUNT, authorised, signed};
use super::samples::{membership, owned, request_with, with_changes};
use super::visitor::FORM;
use almoner::config::{Checked, HttpsUrl, Settings};
use almoner::ledger::sqlite::SqliteLedger;
use almoner::ledger::{HandOff, Ledger as _};
use almoner::mock_rsm::{DdcmFault, Fault};
use almoner::payment::{Mode, Reference, State};
use serde_json::json;

const BANK: [(&str, &str); 5] = [
    ("account_name", "C HOLDER"),
    ("sort_code", "12-34-56"),
    ("account_number", GOOD_ACCOUNT),
    ("account_holder", "true"),
    ("step", "confirm"),
];

/// Sets a Direct Debit up on RSM's own page under this `donorref`, as anybody can who knows it.
async fn set_up_by_hand(house: &House, donor_ref: &str, pounds: &str) {
    let fields = owned(&[
        ("campaign", "3835.8965"),
        ("title", "Ms"),
        ("firstname", "Mallory"),
        ("surname", "Example"),
        ("email", "mallory@example.org"),
        ("accountholder", "M Example"),
        ("address1", "1 High Street"),
        ("town", "Bedford"),
        ("postcode", "TE1 2ST"),
        ("donationfix", pounds),
        ("repeat", "1"),
        ("donorref", donor_ref),
        ("appealcode", donor_ref),
    ]);
    let page = house.open_rsm("/directdebit/dd.php", &fields).await;
    let account = [
        ("account_name", "M EXAMPLE"),
        ("sort_code", "12-34-56"),
        ("account_number", GOOD_ACCOUNT),
    ];
    house.end_rsm(&page, &account).await;
}

/// A row of a report under a reference of ours is no outcome of a card payment.
#[tokio::test]
async fn a_mandate_under_the_reference_of_a_card_gift_pays_for_nothing() {
    let house = House::rsm().await;
    let (reference, _) = house.given().await;
    set_up_by_hand(&house, &reference.to_string(), "25.00").await;
    house.follow().await;
    let outcome = house.outcome(reference).await;
    assert_eq!(
        (&outcome["state"], &outcome["attention"]),
        (&json!("handed_off"), &json!(["mismatch"]))
    );
    house.working_days(30);
    house.follow().await;
    assert!(house.developments(reference).await.is_empty());
}

/// RSM has mandates under our reference in a report that does not say enough: that is no proof that
/// there is none.
#[tokio::test]
async fn a_report_that_cannot_be_read_is_no_proof_that_nothing_was_set_up() {
    let columns = ["ddRefNo", "name", "amount", "status"].map(str::to_owned).to_vec();
    let house = House::rsm_with(|_| {}, |rsm| rsm.mandate_columns = Some(columns)).await;
    house.mock.faults().script(Fault::Ddcm(DdcmFault::LostRequest), 1);
    let reference = house.reference_of(&house.instruct(GOOD_ACCOUNT).await).await;
    set_up_by_hand(&house, &reference.to_string(), "4.00").await;
    house.later(95 * 60);
    let overdue = |outcome: &serde_json::Value| outcome["attention"] == json!(["doubt_overdue"]);
    assert_eq!(house.until(reference, overdue).await["state"], "in_doubt");
}

/// A caller that never got its answer asks again by the same key days later, when the day it chose
/// is no longer offered: it must learn that the mandate is there.
#[tokio::test]
async fn a_key_used_again_after_its_day_is_over_gets_its_answer() {
    let house = House::rsm().await;
    let bank = json!({ "account_name": "C HOLDER", "sort_code": "12-34-56", "account_number": GOOD_ACCOUNT });
    let mut request = request_with("/bank", bank);
    for (field, value) in [
        ("kind", json!("join")),
        ("plan", json!("friend")),
        ("method", json!("direct_debit")),
        ("start_date", json!(hidden(&house.instructing(&[]).await.body, "start_date"))),
    ] {
        request[field] = value;
    }
    for field in ["amount", "frequency"] {
        request.as_object_mut().unwrap().remove(field);
    }
    let first = house.create(&request, "0123456789abcdef").await;
    assert_eq!(first.status, 201, "{}", first.body);
    house.later(4 * 86_400);
    let again = house.create(&request, "0123456789abcdef").await;
    assert_eq!(again.status, 201, "{}", again.body);
    assert_eq!(again.header("idempotent-replay"), "true");
    assert_eq!(again.json()["reference"], first.json()["reference"]);
    assert_eq!(house.office().requests("setMandates"), 1);
    request["plan"] = json!("family");
    assert_eq!(house.create(&request, "0123456789abcdef").await.status, 422);
}

/// The same by a form that is sent again after midnight.
#[tokio::test]
async fn a_form_sent_again_after_midnight_tells_what_became_of_it() {
    let house = House::rsm_with(
        |settings| {
            settings.limits.form_token_greatest_age = almoner::config::Span::seconds(9 * 86_400);
        },
        |_| {},
    )
    .await;
    let page = house.instructing(&[]).await;
    let fields = with_changes(&hidden_fields(&page.body), &BANK);
    let first = house.post_form("/join", &fields).await;
    assert_eq!(first.status, 303, "{}", first.body);
    house.later(4 * 86_400);
    let again = house.post_form("/join", &fields).await;
    assert_eq!((again.status, again.header("location")), (303, first.header("location")));
    assert_eq!(house.office().requests("setMandates"), 1);
}

/// The charity's own page may begin a Direct Debit, but only our page, with the Guarantee and a token
/// that makes it one-time, may end it.
#[tokio::test]
async fn a_confirmation_that_did_not_come_from_our_page_shows_that_page() {
    let house = House::rsm().await;
    let fields = with_changes(&membership(""), &BANK);
    let fields: Vec<_> = fields.into_iter().filter(|(name, _)| name != "client_token").collect();
    let body = super::samples::encoded(&fields);
    let origin = ("origin", "https://www.charity.test");
    for _ in 0..2 {
        let answer = house.post("/join", &[FORM, origin], body.clone()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.body.contains("The Guarantee is offered by all banks."));
        assert!(!answer.body.contains(GOOD_ACCOUNT));
    }
    assert_eq!(house.office().requests("setMandates"), 0);
}

/// One message, spelt in ways that hash to the same: one event, so that nobody fills the record with
/// copies of one call-back.
#[tokio::test]
async fn a_7_a_call_back_spelt_otherwise_is_still_the_same() {
    let house = House::rsm().await;
    let (reference, _) = house.given().await;
    let text = reference.to_string();
    let body = signed(&authorised(&text, &[]));
    let (rest, proof) = body.rsplit_once("&IdentityCheck=").unwrap();
    for spelling in [
        body.clone(),
        format!("&&{body}&"),
        body.replace("%2E", "."),
        body.replace("Visa", "%56isa"),
        format!("IdentityCheck={proof}&{rest}"),
    ] {
        assert_eq!(house.call_back("success", spelling).await.status, 200);
    }
    assert_eq!(house.recorded().await, (1, 2));
}

/// Written down, and not yet marked or sent: for a while that is not the same as never sent.
#[tokio::test]
async fn what_was_written_down_just_now_may_still_be_sent() {
    let house = House::rsm().await;
    let known = house.joined(GOOD_ACCOUNT).await;
    let ledger = SqliteLedger::open_beside(&house.ledger_file()).unwrap();
    let asked = ledger.find(known).await.unwrap().unwrap().hand_off.asked;
    let now = house.clock.now();
    let reference = Reference::at(now);
    let hand_off = HandOff { reference, opened_at: now, opened_as: State::InDoubt, asked };
    ledger.open(hand_off, None, now).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    assert_eq!(house.outcome(reference).await["state"], "in_doubt");
    house.later(90 * 60);
    house.becomes(reference, "lapsed").await;
}

/// RSM's live and test systems under other spellings of their addresses.
#[tokio::test]
async fn other_spellings_of_rsms_hosts_are_rsms_hosts() {
    let house = House::rsm().await;
    let refused = |mode: Mode, url: &str| {
        let mut settings: Settings = house.settings.clone();
        settings.processor.mode = Checked(mode);
        let page = settings.processor.rsm2000.as_mut().unwrap().card_page.as_mut().unwrap();
        page.url = Checked(HttpsUrl(url.parse().unwrap()));
        settings.processor(&house.document).is_err()
    };
    for (mode, url) in [
        (Mode::Test, "https://rsm3.rsmsecure.com/cpterminal/cpweb.php"),
        (Mode::Test, "https://rsm3.rsmsecure.com./cpterminal/cpweb.php"),
        (Mode::Test, "https://rsm3.rsmsecure.com/x/../cpterminal/cpweb.php"),
        (Mode::Live, "https://rsm3.rsmsecure.com/demo/cpterminal/cpweb.php"),
        (Mode::Live, "https://rsm3.rsmsecure.com./demo/cpterminal/cpweb.php"),
        (Mode::Live, "https://RSM3.RSMSECURE.COM//demo/cpterminal/cpweb.php"),
        (Mode::Live, "https://rsm3.rsmsecure.com/%64emo/cpterminal/cpweb.php"),
        (Mode::Live, "https://rsm3.rsmsecure.com/Demo/cpterminal/cpweb.php"),
    ] {
        assert!(refused(mode, url), "{mode:?} {url}");
    }
}

/// A call that may outlast the time after which no request can be under way could be taken for lost
/// while it is not.
#[tokio::test]
async fn no_call_outlasts_what_is_taken_for_under_way() {
    let house = House::rsm().await;
    let mut settings: Settings = house.settings.clone();
    let api = settings.processor.rsm2000.as_mut().unwrap().api.as_mut().unwrap();
    api.timeout = almoner::config::Span::seconds(20 * 60);
    assert!(settings.processor(&house.document).is_err());
}

/// A report that is longer than may be read at once is read in parts: it would be no shorter the
/// next time.
#[tokio::test]
async fn a_report_of_many_members_is_read_in_parts() {
    let house =
        House::rsm_with(|settings| settings.limits.upstream_report_bytes = 2500, |_| {}).await;
    let mut members = Vec::new();
    for _ in 0..6 {
        members.push(house.joined(GOOD_ACCOUNT).await);
        house.working_days(1);
    }
    house.working_days(7);
    house.follow().await;
    for member in members {
        let live = ("mandate_live".to_owned(), json!(null));
        assert_eq!(house.developments(member).await.first(), Some(&live));
    }
    let asked = house.office().requests("mandateReport");
    assert!((3..40).contains(&asked), "{asked}");
}

/// Nobody asked us for a second mandate under the reference of a first.
#[tokio::test]
async fn a_second_mandate_under_one_reference_is_for_a_person_to_see() {
    let house = House::rsm().await;
    let reference = house.live().await;
    let before = house.outcome(reference).await;
    let theirs = before["processor_reference"].as_str().unwrap();
    house.office().end_mandate(theirs, "1: Instruction cancelled by payer");
    // RSM takes no request twice, and two within a second are one.
    house.later(2);
    house.follow().await;
    assert_eq!(house.outcome(reference).await["attention"], json!([]));
    set_up_by_hand(&house, &reference.to_string(), "4.00").await;
    house.later(2);
    house.follow().await;
    let after = house.outcome(reference).await;
    assert_eq!((&after["state"], &after["attention"]), (&json!("accepted"), &json!(["mismatch"])));
    assert_eq!(after["processor_reference"], theirs);
}

/// An appeal goes to RSM as the mandate's payment reference, which reports give back.
#[tokio::test]
async fn no_appeal_looks_like_a_reference() {
    let house = House::rsm().await;
    let (reference, _) = house.given().await;
    let answer = house.instructing(&[("appeal", &reference.to_string())]).await;
    assert_eq!((answer.status, answer.wrong_fields()), (422, vec!["appeal".to_owned()]));
}

/// A form's token holds the reference to be: whoever reads it there can pay at RSM before our form is
/// sent. What is heard then is compared in full once the form is.
#[tokio::test]
#[ignore = "the parts of a parked call-back are not kept, so a gift can pay for goods of the same sum"]
async fn a_call_back_heard_before_the_form_is_compared_in_full_after_it() {
    use base64::Engine as _;
    let house = House::rsm().await;
    let token = house.token("/donate").await;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&token).unwrap();
    let text = Reference::from_bytes(&bytes[..16]).unwrap().to_string();
    house
        .tell_rsm("success", &authorised(&text, &[("donation", "0.00"), ("purchase", "25.00")]))
        .await;
    house.donate_with(&token, &[]).await;
    let outcome = house.outcome(Reference::parse(&text).unwrap()).await;
    assert_eq!(
        (&outcome["state"], &outcome["attention"]),
        (&json!("handed_off"), &json!(["mismatch"]))
    );
}
