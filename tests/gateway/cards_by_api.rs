//! Cards typed on our own page or given to our own API, and sent to the processor's, every journey over
//! the real mock.

use super::answer::{Answer, hidden_fields, typed};
use super::house::House;
use super::paying::{ASKING_CARD, DECLINED_CARD, GOOD_CARD, charge, confirmed};
use super::samples::{fresh, request, request_with, with_changes};
use almoner::payment::Reference;
use serde_json::json;

const THANKS: &str = "Your donation has been received.";
const NOT_TAKEN: &str = "No money has been taken.";
const CHECKING: &str = "We are checking. Do not pay again.";

fn reference(answer: &Answer) -> Reference {
    assert_eq!(answer.status, 201, "{}", answer.body);
    Reference::parse(answer.json()["reference"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_card_that_is_taken_without_being_asked() {
    let house = House::by_api().await;
    let (reference, answer) = house.paid_with(GOOD_CARD).await;
    let outcome = house.outcome(reference).await;
    assert_eq!((&outcome["state"], &outcome["attention"]), (&json!("accepted"), &json!([])));
    assert_eq!(house.charges(reference), 1);
    let page = house.get(answer.header("location")).await;
    assert!(page.body.contains(THANKS), "{}", page.body);
    // The webhook says the same of the same payment.
    let told =
        house.until(reference, |_| house.mock.books().deliveries(&reference).len() == 1).await;
    assert_eq!(told["attention"], json!([]));
    for (field, value) in [("first_name", "Canaryfirst"), ("email", "canary.mail@example.org")] {
        assert!(house.mock.books().contact_is(&reference, field, value), "{field}");
    }
}

#[tokio::test]
async fn g_5_a_card_that_is_declined_and_then_another() {
    let house = House::by_api().await;
    let (declined, answer) = house.paid_with(DECLINED_CARD).await;
    let outcome = house.outcome(declined).await;
    assert_eq!(
        (&outcome["state"], &outcome["code"]),
        (&json!("declined"), &json!("do_not_honour"))
    );
    let page = house.get(answer.header("location")).await;
    assert!(page.body.contains(NOT_TAKEN) && page.body.contains("Try again"), "{}", page.body);
    assert!(!page.body.contains("do_not_honour"), "the reason is the charity's to know");
    assert!(page.header("refresh").is_empty(), "an answered call is answered for good");
    // Another try is another hand-off, and nobody is asked whether they meant it.
    let (second, _) = house.paid_with(GOOD_CARD).await;
    assert_ne!(declined, second);
    assert_eq!((house.charges(declined), house.charges(second)), (0, 1));
    assert_eq!(house.outcome(declined).await["attention"], json!([]));
}

#[tokio::test]
async fn fm_66_the_bank_asks_and_the_supporter_says_yes() {
    let house = House::by_api().await;
    let page = house.paying(&[]).await;
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.contains(&format!("form-action 'self' {};", house.mock.origin())), "{policy}");
    let fields = confirmed(&page, ASKING_CARD);
    let asked = house.post_form("/donate", &fields).await;
    let hand_off = house.mock.books().payments()[0].reference;
    assert_eq!(house.outcome(hand_off).await["state"], "in_doubt");
    // Whoever comes back before the bank was answered is told the truth.
    let again = house.post_form("/donate", &fields).await;
    let waiting = house.get(again.header("location")).await;
    assert!(waiting.body.contains(CHECKING), "{}", waiting.body);
    assert_eq!((waiting.header("refresh"), house.charges(hand_off)), ("5", 0));
    house.challenged(&asked, "approve").await;
    assert_eq!(house.becomes(hand_off, "accepted").await["attention"], json!([]));
    assert_eq!(house.charges(hand_off), 1);
    assert!(house.get(again.header("location")).await.body.contains(THANKS));
}

#[tokio::test]
async fn the_bank_asks_and_the_supporter_says_no() {
    let house = House::by_api().await;
    let asked = house.pay_with(ASKING_CARD).await;
    house.challenged(&asked, "refuse").await;
    let hand_off = house.mock.books().payments()[0].reference;
    assert_eq!(house.becomes(hand_off, "declined").await["attention"], json!([]));
    assert_eq!(house.charges(hand_off), 0);
}

/// A supporter who never answers the bank is asked about until the processor says that it is over.
#[tokio::test]
async fn the_bank_asks_and_nobody_answers() {
    let house = House::by_api().await;
    let asked = house.pay_with(ASKING_CARD).await;
    assert!(asked.header("location").starts_with(house.mock.origin()));
    let hand_off = house.mock.books().payments()[0].reference;
    house.later(3 * 3600);
    let outcome = house.until(hand_off, |outcome| outcome["state"] != "in_doubt").await;
    assert_eq!((&outcome["state"], house.charges(hand_off)), (&json!("lapsed"), 0));
}

#[tokio::test]
async fn fm_67_a_double_click_a_refresh_and_the_back_button_pay_once() {
    let house = House::by_api().await;
    let fields = confirmed(&house.paying(&[]).await, GOOD_CARD);
    let clicks = (0..5).map(|_| house.post_form("/donate", &fields));
    let answers = futures_util::future::join_all(clicks).await;
    let hand_off = house.mock.books().payments()[0].reference;
    let first = answers[0].header("location").to_owned();
    for answer in &answers {
        assert_eq!((answer.status, answer.header("location")), (303, first.as_str()));
    }
    let once_more = house.post_form("/donate", &fields).await;
    assert_eq!(once_more.header("location"), first);
    // The form before it, sent again by whoever went back, and the other button.
    for step in ["", "change"] {
        let back = with_changes(&fields, &[("step", step)]);
        assert_eq!(house.post_form("/donate", &back).await.header("location"), first);
    }
    assert_eq!((house.mock.books().payments().len(), house.charges(hand_off)), (1, 1));
    assert_eq!(house.recorded().await.0, 1);
}

#[tokio::test]
async fn what_is_wrong_with_a_card_is_said_by_its_field_and_never_shown_back() {
    let house = House::by_api().await;
    let page = house.paying(&[]).await;
    assert_eq!(typed(&page.body, "card_number").as_deref(), Some(""));
    for autocomplete in ["cc-number", "cc-exp", "cc-csc", "cc-name"] {
        assert!(page.body.contains(&format!("autocomplete=\"{autocomplete}\"")), "{autocomplete}");
    }
    assert!(!page.body.contains("<script"));
    let good = confirmed(&page, GOOD_CARD);
    for (field, value) in [
        ("card_number", "4929420573595700"),
        ("card_number", ""),
        ("card_expiry", "01/20"),
        ("card_cvc", "73"),
        ("card_holder", "4929420573595709"),
    ] {
        let answer = house.post_form("/donate", &with_changes(&good, &[(field, value)])).await;
        assert_eq!((answer.status, answer.wrong_fields()), (422, vec![field.to_owned()]));
        for shown in ["4242424242424242", "492942057359", "12/45"] {
            assert!(!answer.body.contains(shown), "{shown}");
        }
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    assert_eq!(house.recorded().await, (0, 0));
    let change = with_changes(&good, &[("step", "change")]);
    let form = house.post_form("/donate", &change).await;
    assert!(!form.body.contains(GOOD_CARD) && form.body.contains("Canarylast"));
    // Nothing was sent: the same page is still good for its one payment.
    assert_eq!(house.post_form("/donate", &good).await.status, 303);
}

#[tokio::test]
async fn the_api_takes_a_card_and_tells_what_came_of_it() {
    let house = House::by_api().await;
    let key = fresh();
    let accepted = house.charge(GOOD_CARD, &key).await;
    let taken = reference(&accepted);
    assert_eq!(accepted.json()["state"], "accepted");
    assert!(accepted.json()["processor_reference"].is_string());
    assert!(accepted.json().get("hand_off").is_none());
    let repeat = house.charge(GOOD_CARD, &key).await;
    assert_eq!(
        (repeat.body, repeat.headers["idempotent-replay"].to_str().unwrap()),
        (accepted.body, "true")
    );
    assert_eq!(house.charges(taken), 1);
    let declined = house.charge(DECLINED_CARD, &fresh()).await;
    assert_eq!(declined.json()["state"], "declined");
    assert_eq!(declined.json()["code"], "do_not_honour");
    let asked = house.charge(ASKING_CARD, &fresh()).await;
    let (hand_off, answer) = (reference(&asked), asked.json());
    assert_eq!(
        (&answer["state"], &answer["hand_off"]["method"]),
        (&json!("in_doubt"), &json!("GET"))
    );
    assert_eq!(answer["hand_off"]["fields"], json!({}));
    let bank = answer["hand_off"]["url"].as_str().unwrap();
    let path = bank.strip_prefix(house.mock.origin()).unwrap();
    house.post_to_mock(path, "answer=approve".into()).await;
    house.becomes(hand_off, "accepted").await;
}

#[tokio::test]
async fn a_card_stands_where_it_is_asked_for_and_nowhere_else() {
    let hosted = House::new().await;
    for answer in [
        hosted.try_create(&charge(GOOD_CARD)).await,
        House::by_api().await.try_create(&{
            let mut body = charge(GOOD_CARD);
            (body["method"], body["frequency"]) = (json!("direct_debit"), json!("monthly"));
            body["bank"] = json!({ "account_name": "C", "sort_code": "123456", "account_number": "00012345" });
            body
        }).await,
    ] {
        assert_eq!((answer.status, answer.wrong_fields()), (422, vec!["/card".to_owned()]));
        assert_eq!(answer.first_reason(), "crossfield");
        assert!(!answer.body.contains("42424242"));
    }
    let house = House::by_api().await;
    let none = house.try_create(&request()).await;
    assert_eq!(
        (none.wrong_fields(), none.first_reason()),
        (vec!["/card".to_owned()], "required".into())
    );
    let empty = house.try_create(&request_with("/card", json!({}))).await;
    let all = ["/card/number", "/card/expiry", "/card/cvc", "/card/holder"];
    assert_eq!(empty.wrong_fields(), all);
    let more = house.try_create(&request_with("/card", json!({ "pan": GOOD_CARD }))).await;
    assert_eq!(more.refusal(), (400, "unknown_key".into()));
    assert_eq!(hosted.recorded().await, (0, 0));
}

/// Where cards are not taken here, no form has a field for one (security.md, P-1).
#[tokio::test]
async fn p_1_a_card_s_fields_are_unknown_by_default() {
    let house = House::new().await;
    for field in ["card_number", "card_expiry", "card_cvc", "card_holder"] {
        let answer = house.donate(&[(field, "4929420573595709")]).await;
        assert_eq!(answer.refusal(), (400, "unknown_key".into()), "{field}");
    }
}

#[tokio::test]
async fn a_direct_debit_by_the_same_road() {
    let house = House::by_api().await;
    let lodged = house.reference_of(&house.lodge("00012345").await).await;
    let outcome = house.outcome(lodged).await;
    assert_eq!((&outcome["state"], &outcome["attention"]), (&json!("accepted"), &json!([])));
    assert_eq!(house.charges(lodged), 1);
    let refused = house.reference_of(&house.lodge("00012346").await).await;
    assert_eq!(house.outcome(refused).await["state"], "declined");
    assert!(hidden_fields(&house.get("/join").await.body).len() == 1);
}
