//! What an earlier press of the button did is told before anything is asked anew: whatever stands in the
//! way of a second one, nobody is led to pay twice.

use super::answer::{Answer, hidden, typed};
use super::house::House;
use super::paying::{GOOD_CARD, charge, confirmed, take_cards_here};
use super::samples::{Fields, fresh, gift, request, with_changes};
use super::visitor::handed;
use almoner::config::{SecretSetting, Span};
use almoner::mock_rsm::{CallFault, EnquiryFault, Fault};
use almoner::payment::Reference;
use rusqlite::Connection;
use serde_json::json;
use std::time::Duration;

/// A gift that was paid on our card page, and what the browser would post again.
async fn paid(house: &House) -> (Reference, Fields, Answer) {
    let form = confirmed(&house.paying(&[]).await, GOOD_CARD);
    let answer = house.post_form("/donate", &form).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    (house.reference_of(&answer).await, form, answer)
}

/// The same form again leads to the page that tells what became of it, and takes nothing more.
async fn is_told(house: &House, form: &Fields, first: &Answer, reference: Reference) {
    let again = house.post_form("/donate", form).await;
    assert_eq!((again.status, again.header("location")), (303, first.header("location")));
    assert_eq!(house.charges(reference), 1);
}

#[tokio::test]
async fn a_network_that_sent_too_many_is_still_told_what_it_paid() {
    let house = House::by_api_with(|settings| settings.limits.forms_per_minute = 2).await;
    let (reference, form, first) = paid(&house).await;
    let other = gift(&house.token("/donate").await);
    let page = house.post_form("/donate", &other).await;
    assert_eq!((page.status, page.header("retry-after")), (429, "60"), "{}", page.body);
    keeps(&page, &other);
    is_told(&house, &form, &first, reference).await;
}

/// What a page that puts a supporter off keeps: what was typed, and the token that makes it one payment.
fn keeps(page: &Answer, form: &Fields) {
    let token = &form.iter().find(|(name, _)| name == "client_token").unwrap().1;
    assert_eq!(&hidden(&page.body, "client_token"), token);
    assert_eq!(typed(&page.body, "last_name").as_deref(), Some("Canarylast"));
    assert!(page.body.contains("nothing was sent this time"), "{}", page.body);
    assert!(page.body.contains("see what became of that"));
}

/// The page that a put-off form links to.
fn linked(page: &Answer) -> &str {
    let (_, link) = page.body.split_once("href=\"/return/").unwrap();
    &page.body[page.body.len() - link.len() - "/return/".len()..][..link.find('"').unwrap() + 8]
}

#[tokio::test]
async fn a_form_that_was_open_too_long_is_told_what_it_paid() {
    let house = House::by_api().await;
    let (reference, form, first) = paid(&house).await;
    house.later(31 * 60);
    is_told(&house, &form, &first, reference).await;
}

#[tokio::test]
async fn a_form_of_other_terms_is_told_what_it_paid_and_without_a_payment_is_shown_again() {
    let mut house = House::by_api().await;
    let (reference, form, first) = paid(&house).await;
    let unsent = gift(&house.token("/donate").await);
    // The amount is below what is taken now.
    house.settings.currencies[0].minimum = "30.00".into();
    house.settings.donate.amounts = vec!["50.00".into()];
    let house = house.restarted().await;
    is_told(&house, &form, &first, reference).await;
    let page = house.post_form("/donate", &unsent).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("has changed since you opened this page"), "{}", page.body);
}

/// Other choices on a form that was paid: a question, with a link to what was paid.
#[tokio::test]
async fn other_choices_on_a_paid_form_show_what_was_paid() {
    let house = House::by_api().await;
    let (reference, form, first) = paid(&house).await;
    let other = with_changes(&form, &[("amount", "10.00")]);
    let page = house.post_form("/donate", &other).await;
    assert_eq!(page.status, 403);
    assert_ne!(hidden(&page.body, "client_token"), hidden_of(&form));
    assert_eq!(linked(&page), first.header("location"));
    assert_eq!(house.charges(reference), 1);
}

fn hidden_of(form: &Fields) -> String {
    form.iter().find(|(name, _)| name == "client_token").unwrap().1.clone()
}

/// The ledger takes no writes: the same form is shown to be sent again, and its link says that nothing
/// has arrived, until it has.
#[tokio::test]
async fn fm_20_a_form_that_could_not_be_written_down_can_be_sent_again() {
    let house = House::by_api_with(|settings| settings.limits.ledger_wait = Span::seconds(1)).await;
    let form = confirmed(&house.paying(&[]).await, GOOD_CARD);
    let other = Connection::open(house.ledger_file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let page = house.post_form("/donate", &form).await;
    assert_eq!((page.status, page.header("retry-after")), (503, "60"), "{}", page.body);
    assert_eq!(hidden(&page.body, "client_token"), hidden_of(&form));
    assert!(!page.body.contains(GOOD_CARD) && !page.body.contains("Canaryholder"));
    let link = linked(&page).to_owned();
    let nothing = house.get(&link).await;
    assert_eq!((nothing.status, nothing.header("refresh")), (404, "5"));
    assert!(nothing.body.contains("Nothing has arrived yet"), "{}", nothing.body);
    other.execute_batch("ROLLBACK").unwrap();
    let answer = house.post_form("/donate", &form).await;
    assert_eq!((answer.status, answer.header("location")), (303, link.as_str()));
    assert!(house.get(&link).await.body.contains("Thank you"));
    // Of a form that can come no more there is nothing to wait for.
    let old = hidden_of(&gift(&house.token("/donate").await));
    house.later(31 * 60 + 5 * 60);
    assert_eq!(house.donate_with(&old, &[]).await.status, 403);
}

/// The first of two clicks: its browser is gone while the hand-off is still being written down. What is
/// opened is sent all the same, and the second click is told what came of it.
#[tokio::test(flavor = "multi_thread")]
async fn fm_67_what_is_opened_is_sent_though_its_browser_is_gone() {
    let house = House::by_api().await;
    let form = confirmed(&house.paying(&[]).await, GOOD_CARD);
    let other = Connection::open(house.ledger_file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let click = house.post_form("/donate", &form);
    assert!(tokio::time::timeout(Duration::from_millis(500), click).await.is_err());
    // The connection is closed by now, and the writer waits for its turn.
    tokio::time::sleep(Duration::from_millis(300)).await;
    other.execute_batch("ROLLBACK").unwrap();
    let answer = house.post_form("/donate", &form).await;
    let reference = house.reference_of(&answer).await;
    house.becomes(reference, "accepted").await;
    assert_eq!((house.charges(reference), house.recorded().await.0), (1, 1));
}

/// The ledger cannot even be read: nobody is told that nothing was taken, and the form keeps its token.
#[tokio::test]
async fn a_ledger_that_cannot_be_read_makes_nobody_pay_again() {
    let house = House::by_api().await;
    let (reference, form, first) = paid(&house).await;
    let other = Connection::open(house.ledger_file()).unwrap();
    other.execute_batch("ALTER TABLE event RENAME TO elsewhere").unwrap();
    let page = house.post_form("/donate", &form).await;
    assert_eq!(page.status, 503, "{}", page.body);
    assert_eq!(hidden(&page.body, "client_token"), hidden_of(&form));
    assert_eq!(linked(&page), first.header("location"));
    assert!(!page.body.contains("nothing was taken"));
    let looked = house.get(first.header("location")).await;
    assert_eq!(looked.status, 503);
    assert!(looked.body.contains("Do not pay again"), "{}", looked.body);
    other.execute_batch("ALTER TABLE elsewhere RENAME TO event").unwrap();
    is_told(&house, &form, &first, reference).await;
}

/// A processor that is down: the card page again, with everything but the card.
#[tokio::test]
async fn fm_50_whoever_is_turned_away_keeps_the_form() {
    let house = House::by_api_with(|settings| settings.limits.breaker_failures = 1).await;
    let faults = house.mock.faults();
    faults.script(Fault::Call(CallFault::Status(502)), 1);
    faults.script(Fault::Enquiry(EnquiryFault::Error), 100_000);
    house.paid_with(GOOD_CARD).await;
    let form = confirmed(&house.paying(&[]).await, GOOD_CARD);
    let page = house.post_form("/donate", &form).await;
    assert_eq!(page.status, 503);
    assert!((1..=60).contains(&page.header("retry-after").parse().unwrap()), "as the breaker says");
    assert_eq!(hidden(&page.body, "client_token"), hidden_of(&form));
    assert_eq!(hidden(&page.body, "last_name"), "Canarylast");
    assert!(page.body.contains("nothing was sent this time"));
    assert!(!page.body.contains(GOOD_CARD) && !page.body.contains("Canaryholder"));
}

/// A repeat is looked up before it is judged: a card that has expired since, a sum that is not taken
/// any more.
#[tokio::test]
async fn i_2_a_repeat_is_answered_though_it_would_be_refused_today() {
    let mut house = House::by_api().await;
    let key = fresh();
    let mut body = charge(GOOD_CARD);
    let month = almoner::clock::london::date(house.clock.now());
    body["card"]["expiry"] = json!(month.strftime("%m/%y").to_string());
    let first = house.create(&body, &key).await;
    assert_eq!(first.status, 201, "{}", first.body);
    house.settings.currencies[0].minimum = "30.00".into();
    house.settings.donate.amounts = vec!["50.00".into()];
    let house = house.restarted().await;
    assert_eq!(house.create(&body, &fresh()).await.status, 422);
    house.later(31 * 24 * 60 * 60);
    let again = house.create(&body, &key).await;
    assert_eq!((again.status, again.header("idempotent-replay")), (201, "true"), "{}", again.body);
    assert_eq!(again.body, first.body);
    assert_eq!(house.recorded().await.0, 1);
}

/// The same where the supporter goes to the processor's page: the first answer, whatever is offered now.
#[tokio::test]
async fn i_2_a_repeat_of_a_hosted_hand_off_outlives_its_terms() {
    let mut house = House::new().await;
    let key = fresh();
    let first = house.create(&request(), &key).await;
    let token = house.token("/donate").await;
    let (reference, _) = handed(&house.donate_with(&token, &[]).await);
    house.settings.currencies[0].minimum = "30.00".into();
    house.settings.donate.amounts = vec!["50.00".into()];
    let house = house.restarted().await;
    let again = house.create(&request(), &key).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    let told = house.donate_with(&token, &[]).await;
    assert_eq!(told.status, 303, "{}", told.body);
    assert_eq!(house.reference_of(&told).await, reference);
}

/// G-10 over a rotation of the install key, step by step: no key becomes new, and a form that is open
/// stays good.
#[tokio::test]
async fn i_5_keys_outlive_a_rotation_of_the_install_key() {
    let house = House::with(take_cards_here).await;
    let old = house.settings.secrets.install.clone();
    let file = old.file.as_ref().map(|file| file.with_file_name("install-next.key"));
    let new = SecretSetting { file, ..old.clone() };
    let keys: Vec<_> = (0..3).map(|_| fresh()).collect();
    let first = house.charge(GOOD_CARD, &keys[0]).await;
    let (reference, form, told) = paid(&house).await;
    let steps = [(old.clone(), new.clone()), (new, old)];
    let (mut house, mut firsts) = (house, vec![first]);
    for (step, (current, next)) in steps.into_iter().enumerate() {
        let next = Some(Box::new(next));
        house.settings.secrets.install = SecretSetting { next, ..current };
        house = house.restarted().await;
        for (key, first) in keys.iter().zip(&firsts) {
            let again = house.charge(GOOD_CARD, key).await;
            assert_eq!((again.status, &again.body), (201, &first.body), "{step}");
        }
        is_told_of(&house, &form, reference).await;
        firsts.push(house.charge(GOOD_CARD, &keys[step + 1]).await);
    }
    assert_eq!(told.status, 303);
    assert_eq!(house.recorded().await.0, 4);
}

/// The same, where the link is made with another key than before.
async fn is_told_of(house: &House, form: &Fields, reference: Reference) {
    let again = house.post_form("/donate", form).await;
    assert_eq!(again.status, 303, "{}", again.body);
    assert_eq!(house.reference_of(&again).await, reference);
    assert_eq!(house.charges(reference), 1);
}
