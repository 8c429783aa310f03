//! RSM as it really speaks, from a supporter's form to the outcome: its card page, its Direct Debit
//! page, Direct Debits through its API, and what becomes of them by its calendar.

use super::house::House;
use super::rsm::{GOOD_ACCOUNT, REFUSED_ACCOUNT, handed_to_rsm};
use super::samples::request_with;
use almoner::config::{Checked, DebitPageSettings, HttpsUrl};
use almoner::payment::Reference;
use almoner::processor::rsm::{AppealCode, CardPageKind, Repeat};
use serde_json::{Value, json};

#[tokio::test]
async fn a_card_on_the_campaign_page() {
    let house = House::rsm().await;
    let (reference, fields) = house.given().await;
    let value = |name: &str| fields.iter().find(|(given, _)| given == name).unwrap().1.clone();
    assert_eq!((value("donationfix"), value("giftaid")), ("25.00".into(), "Y".into()));
    let page = house.open_rsm("/cpterminal/cpweb.php", &fields).await;
    let back = house.pay_rsm(&page, "4242 4242 4242 4242").await;
    // Told by the call-back before the browser returns.
    let outcome = house.outcome(reference).await;
    assert_eq!(outcome["state"], "accepted");
    assert!(outcome["processor_reference"].as_str().unwrap().starts_with("286"));
    assert_eq!(house.office().charges(&reference.to_string()), 1);
    let page = house.come_back(&back).await;
    assert!(page.body.contains("Your donation has been received."), "{}", page.body);
    assert!(!page.body.contains("Canary"), "whoever has the link may see it");
}

#[tokio::test]
async fn a_card_on_the_vendor_page() {
    let house = House::rsm_with(
        |settings| {
            let rsm = settings.processor.rsm2000.as_mut().unwrap();
            let page = rsm.card_page.as_mut().unwrap();
            page.kind = Checked(CardPageKind::Vendor);
            let url = page.url.0.0.as_str().replace("cpweb", "Widget");
            page.url = Checked(HttpsUrl(url.parse().unwrap()));
        },
        |_| {},
    )
    .await;
    let (reference, fields) = house.given().await;
    let page = house.open_rsm("/cpterminal/Widget.php", &fields).await;
    house.pay_rsm(&page, "5555 5555 5555 4444").await;
    assert_eq!(house.outcome(reference).await["state"], "accepted");
}

#[tokio::test]
async fn a_card_that_is_declined_and_a_supporter_who_turns_back() {
    let house = House::rsm().await;
    let (reference, fields) = house.given().await;
    let page = house.open_rsm("/cpterminal/cpweb.php", &fields).await;
    let back = house.end_rsm(&format!("{page}/cancel"), &[]).await;
    assert!(back.0.ends_with("/return/rsm2000/failure"), "{}", back.0);
    assert_eq!(house.outcome(reference).await["state"], "cancelled");
    let page = house.come_back(&back).await;
    assert!(page.body.contains("Your payment was not taken"), "{}", page.body);
    assert!(page.body.contains("If you turned back"), "{}", page.body);
    assert_eq!(house.office().charges(&reference.to_string()), 0);
}

#[tokio::test]
async fn a_card_that_is_declined_and_another_that_is_not() {
    let house = House::rsm().await;
    let (reference, fields) = house.given().await;
    let page = house.open_rsm("/cpterminal/cpweb.php", &fields).await;
    let card =
        [("number", "4000 0000 0000 0010"), ("expiry", "12/49"), ("cvc", "123"), ("holder", "X")];
    let again =
        house.post_to_mock(&page, super::samples::encoded(&super::samples::owned(&card))).await;
    assert!([200, 303].contains(&again.status), "{}", again.body);
    let declined = house.outcome(reference).await;
    assert_eq!((&declined["state"], &declined["attention"]), (&json!("declined"), &json!([])));
    house.pay_rsm(&page, "4242 4242 4242 4242").await;
    let outcome = house.outcome(reference).await;
    assert_eq!((&outcome["state"], &outcome["attention"]), (&json!("accepted"), &json!([])));
}

/// What the browser brings is believed about nothing, however it is spelt.
#[tokio::test]
async fn a_5_a_6_a_return_from_rsm_that_says_it_was_paid() {
    let house = House::rsm().await;
    let (reference, _) = house.given().await;
    for fields in [
        format!("uniqueid={reference}&status=SUCCESS&transid=1&donation=25.00"),
        format!("acccountno={reference}&status=SUCCESS"),
        format!("UNIQUEID={reference}&status=OK&baseStatus=OK"),
        format!("appealcode={reference}&amount=25.00"),
    ] {
        let back = |url: &str| (house.url(url), form(&fields));
        let page = house.come_back(&back("/return/rsm2000/success")).await;
        assert!(page.body.contains("still being confirmed"), "{fields}");
        let got = house.get(&format!("/return/rsm2000/success?{fields}")).await;
        assert_eq!(got.status, 303);
    }
    for (code, word) in [
        ("1014", "made or begun before"),
        ("2041", "did not accept your details"),
        ("3001", "turned back"),
    ] {
        let fields = format!(
            "uniqueid={reference}&errors[0][code]={code}&errors[0][message]=<script>alert(1)</script>"
        );
        let page = house.come_back(&(house.url("/return/rsm2000/failure"), form(&fields))).await;
        assert!(page.body.contains(word) && page.body.contains("still being confirmed"), "{code}");
        assert!(!page.body.contains("alert(1)") && !page.body.contains(code), "{code}");
    }
    for fields in ["", "uniqueid=100017", "uniqueid=%00", "errors[0][code]=3001"] {
        let answer = house.post("/return/rsm2000/failure", &[super::visitor::FORM], fields).await;
        assert_eq!(answer.status, 404, "{fields}");
    }
    assert_eq!(house.get("/return/rsm2000/elsewhere?uniqueid=1").await.status, 404);
    assert_eq!(house.outcome(reference).await["state"], "handed_off");
    assert_eq!(house.recorded().await, (1, 1));
}

fn form(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What RSM would not take is said on our own form, by the field, before anything is written.
#[tokio::test]
async fn what_rsm_would_not_take_is_said_at_our_door() {
    let house = House::rsm().await;
    for (field, value) in [
        ("first_name", "Mary Ann"),
        ("last_name", "\u{e000}"),
        ("email", "canary+gift@example.org"),
        ("line1", "1/2 Canarystreet"),
        ("postcode", "E1"),
        ("title", "Excellencies"),
    ] {
        let answer = house.donate(&[(field, value)]).await;
        assert_eq!(
            (answer.status, answer.wrong_fields()),
            (422, vec![field.to_owned()]),
            "{field}"
        );
    }
    let monthly = house.donate(&[("frequency", "monthly")]).await;
    assert_eq!((monthly.status, monthly.wrong_fields()), (422, vec!["method".to_owned()]));
    let answer = house.try_create(&request_with("/contact/first_name", "Mary Ann".into())).await;
    assert_eq!(
        (answer.status, answer.wrong_fields()),
        (422, vec!["/contact/first_name".to_owned()])
    );
    assert_eq!(house.recorded().await, (0, 0));
    let (_, fields) = handed_to_rsm(&house.donate(&[("last_name", "Łukasiewicz")]).await);
    assert!(fields.contains(&("surname".into(), "Lukasiewicz".into())));
}

#[tokio::test]
async fn an_account_that_rsm_refuses_is_told_on_the_page_and_typed_anew() {
    let house = House::rsm().await;
    let answer = house.instruct(REFUSED_ACCOUNT).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert!(
        answer.wrong_fields().iter().any(|field| field == "account_number" || field == "sort_code"),
        "{}",
        answer.body
    );
    for private in ["C HOLDER", "12-34-56", "123456 7", REFUSED_ACCOUNT] {
        assert!(!answer.body.contains(&format!("value=\"{private}\"")), "{private}");
    }
    let again = super::answer::hidden_fields(&answer.body);
    house.later(5);
    let bank = [
        ("account_name", "C HOLDER"),
        ("sort_code", "123456"),
        ("account_number", GOOD_ACCOUNT),
        ("account_holder", "true"),
        ("step", "confirm"),
    ];
    let answer = house.post_form("/join", &super::samples::with_changes(&again, &bank)).await;
    let reference = house.reference_of(&answer).await;
    assert_eq!(house.outcome(reference).await["state"], "accepted");
    let (hand_offs, _) = house.recorded().await;
    assert_eq!(hand_offs, 2, "what was refused is on the record too");
}

#[tokio::test]
async fn bank_details_are_checked_and_never_shown_back() {
    let house = House::rsm().await;
    let page = house.instructing(&[]).await;
    for text in [
        "123456",
        "TEST CHARITY",
        "10 working days",
        "The Guarantee is offered by all banks.",
        "Canaryfirst",
        "£4 every month",
    ] {
        assert!(page.body.contains(text), "{text}");
    }
    for (field, value) in [
        ("account_name", ""),
        ("sort_code", "12-34"),
        ("account_number", "12345"),
        ("account_holder", ""),
        ("start_date", "2020-01-01"),
    ] {
        let bank = [
            ("account_name", "C HOLDER"),
            ("sort_code", "12-34-56"),
            ("account_number", "66374958"),
            ("account_holder", "true"),
            ("step", "confirm"),
        ];
        let fields = super::samples::with_changes(&super::answer::hidden_fields(&page.body), &bank);
        let answer = house
            .post_form("/join", &super::samples::with_changes(&fields, &[(field, value)]))
            .await;
        assert_eq!(
            (answer.status, answer.wrong_fields()),
            (422, vec![field.to_owned()]),
            "{field}"
        );
        for private in ["C HOLDER", "66374958", "12-34-56"] {
            assert!(!answer.body.contains(private), "{private}");
        }
    }
    let changed = super::samples::with_changes(
        &super::answer::hidden_fields(&page.body),
        &[("step", "change")],
    );
    let form = house.post_form("/join", &changed).await;
    assert_eq!(form.status, 200);
    assert!(form.body.contains("value=\"Canaryfirst\""));
    assert_eq!(house.recorded().await, (0, 0));
    assert_eq!(house.office().requests("setMandates"), 0);
}

#[tokio::test]
async fn bank_details_through_the_api() {
    let house = House::rsm().await;
    let bank = json!({ "account_name": "C HOLDER", "sort_code": "12-34-56", "account_number": GOOD_ACCOUNT });
    let mut request = request_with("/bank", bank);
    for (field, value) in
        [("kind", json!("join")), ("plan", json!("friend")), ("method", json!("direct_debit"))]
    {
        request[field] = value;
    }
    for field in ["amount", "frequency"] {
        request.as_object_mut().unwrap().remove(field);
    }
    let answer = house.create(&request, "0123456789abcdef").await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let said = answer.json();
    assert_eq!((&said["state"], &said["hand_off"]), (&json!("accepted"), &Value::Null));
    let again = house.create(&request, "0123456789abcdef").await.json();
    assert_eq!((&again["reference"], &again["state"]), (&said["reference"], &said["state"]));
    assert_eq!(house.office().requests("setMandates"), 1);
    request["bank"]["sort_code"] = json!("x");
    let wrong = house.try_create(&request).await;
    assert_eq!((wrong.status, wrong.wrong_fields()), (422, vec!["/bank/sort_code".to_owned()]));
    request.as_object_mut().unwrap().remove("bank");
    let missing = house.try_create(&request).await;
    assert_eq!((missing.status, missing.wrong_fields()), (422, vec!["/bank".to_owned()]));
}

/// Direct Debits on RSM's own page: known by its report alone.
#[tokio::test]
async fn a_membership_on_rsms_own_page() {
    let house = House::rsm_with(
        |settings| {
            let rsm = settings.processor.rsm2000.as_mut().unwrap();
            rsm.debit = None;
            let url = rsm.api.as_ref().unwrap().url.0.0.join("/directdebit/dd.php").unwrap();
            rsm.debit_page = Some(DebitPageSettings {
                url: Checked(HttpsUrl(url)),
                appeal_code: Checked(AppealCode::Reference),
                repeat: Checked(Repeat::Flag),
            });
        },
        |_| {},
    )
    .await;
    let page = house.instructing(&[]).await;
    let (_, fields) = super::rsm::leading_on(&page);
    let value = |name: &str| fields.iter().find(|(given, _)| given == name).unwrap().1.clone();
    assert_eq!(value("donorref"), value("appealcode"));
    let reference = Reference::parse(&value("donorref")).unwrap();
    let hosted = house.open_rsm("/directdebit/dd.php", &fields).await;
    let account =
        [("account_name", "C HOLDER"), ("sort_code", "12-34-56"), ("account_number", GOOD_ACCOUNT)];
    let back = house.end_rsm(&hosted, &account).await;
    let page = house.come_back(&back).await;
    assert!(page.body.contains("still being confirmed"), "{}", page.body);
    house.follow().await;
    assert_eq!(house.outcome(reference).await["state"], "accepted");
}
