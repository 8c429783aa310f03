//! Cards are paused where nearly all are declined (security.md, G-6), and nobody who was handed over before
//! notices.

use super::answer::{Answer, hidden, typed};
use super::house::House;
use super::paying::{DECLINED_CARD, GOOD_CARD, charge, confirmed};
use super::samples::{Fields, fresh, gift, membership, request, with_changes};
use super::visitor::handed;
use almoner::config::Settings;

/// Six of six are enough here.
fn soon(settings: &mut Settings) {
    settings.shield.declines = 5;
}

async fn paused(house: &House, gate: &str) -> String {
    let metrics = house.operations("/metrics").await.body;
    let name = format!("almoner_gates_paused{{gate=\"{gate}\"}} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap().to_owned()
}

/// A supporter who is on the processor's page pays with this card there.
async fn pays(house: &House, fields: &Fields, card: &str) -> Answer {
    let back = house.arrive(fields).await.pay(card).await;
    house.back(&back).await
}

/// So many supporters whose cards the processor's page declines.
async fn declined(house: &House, count: usize) {
    for _ in 0..count {
        let (reference, fields) = handed(&house.donate(&[]).await);
        // Their page stays open there: another card may be tried.
        house.arrive(&fields).await.pay(DECLINED_CARD).await;
        house.becomes(reference, "declined").await;
    }
}

fn is_put_off(page: &Answer) {
    assert_eq!(page.status, 503, "{}", page.body);
    let wait: u64 = page.header("retry-after").parse().unwrap();
    assert!((1..=901).contains(&wait), "{wait}");
    for text in [
        "<h2 id=\"problem\">Please wait</h2>",
        "Nothing was sent and nothing was charged this time",
    ] {
        assert!(page.body.contains(text), "not {text}: {}", page.body);
    }
    for reason in ["declined", "do_not_honour", "stolen", "fraud"] {
        assert!(!page.body.contains(reason), "{reason}");
    }
}

#[tokio::test]
async fn g_6_cards_are_paused_where_nearly_all_are_declined_and_taken_again_after_a_trial() {
    let house = House::with(soon).await;
    let before = house.token("/donate").await;
    let (early, early_fields) = handed(&house.donate_with(&before, &[]).await);
    declined(&house, 6).await;
    assert_eq!(
        (paused(&house, "donate").await, paused(&house, "join").await),
        ("1".into(), "0".into())
    );
    let recorded = house.recorded().await;
    let waiting = house.token("/donate").await;
    let page = house.donate_with(&waiting, &[]).await;
    is_put_off(&page);
    assert_eq!(
        typed(&page.body, "email").unwrap(),
        "canary.mail@example.org",
        "what was typed is kept"
    );
    assert_eq!(house.recorded().await, recorded, "nothing was written");
    // The charity's own page has no form of ours to be shown again.
    let own = [("client_token", "")];
    let elsewhere = [
        super::visitor::FORM,
        ("origin", "https://www.charity.test"),
        ("sec-fetch-site", "cross-site"),
    ];
    let body = super::samples::encoded(&with_changes(&gift(""), &own));
    let page = house.post("/donate", &elsewhere, body).await;
    assert_eq!(page.refusal(), (503, "paused".into()));
    // Who was handed over before goes on: the form again, the payment, the page that tells of it.
    assert_eq!(handed(&house.donate_with(&before, &[]).await).0, early);
    assert!(pays(&house, &early_fields, GOOD_CARD).await.body.contains("has been received"));
    house.becomes(early, "accepted").await;
    // Other ways in are others' affair.
    let debit = [("method", "direct_debit"), ("frequency", "monthly")];
    assert_eq!(house.donate(&debit).await.status, 200);
    let joining = with_changes(&membership(&house.token("/join").await), &[("method", "card")]);
    assert_eq!(house.post_form("/join", &joining).await.status, 200);
    assert_eq!(house.try_create(&request()).await.status, 201);
    house.later(900);
    // Whoever waited sends the page again.
    let (reference, fields) = handed(&house.donate_with(&waiting, &[]).await);
    pays(&house, &fields, GOOD_CARD).await;
    house.becomes(reference, "accepted").await;
    assert_eq!(paused(&house, "donate").await, "1", "on trial");
    for _ in 0..2 {
        let (reference, fields) = handed(&house.donate(&[]).await);
        pays(&house, &fields, GOOD_CARD).await;
        house.becomes(reference, "accepted").await;
    }
    assert_eq!(paused(&house, "donate").await, "0");
}

#[tokio::test]
async fn g_6_a_card_is_not_asked_for_that_would_not_be_sent() {
    let house = House::by_api_with(soon).await;
    let page = house.paying(&[]).await;
    for _ in 0..6 {
        house.paid_with(DECLINED_CARD).await;
    }
    is_put_off(&house.donate(&[]).await);
    // One that was on its last page already is put off there; its card is not shown back.
    let again = house.post_form("/donate", &confirmed(&page, GOOD_CARD)).await;
    is_put_off(&again);
    assert!(!again.body.contains(GOOD_CARD));
    assert_eq!(house.mock.books().payments().len(), 6);
    house.later(900);
    let token = [("client_token", hidden(&again.body, "client_token"))];
    let token = token.each_ref().map(|(name, value)| (*name, value.as_str()));
    let page = house.donate(&token).await;
    let answer = house.post_form("/donate", &confirmed(&page, GOOD_CARD)).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
}

#[tokio::test]
async fn g_6_the_api_is_paused_by_key_and_a_repeat_is_answered_as_before() {
    let house = House::by_api_with(soon).await;
    let first = fresh();
    let answered = house.charge(DECLINED_CARD, &first).await;
    assert_eq!(answered.status, 201);
    for _ in 0..5 {
        assert_eq!(house.charge(DECLINED_CARD, &fresh()).await.status, 201);
    }
    let refused = house.charge(GOOD_CARD, &fresh()).await;
    assert_eq!(refused.refusal(), (503, "paused".into()));
    assert_eq!(refused.header("retry-after"), "901");
    let again = house.create(&charge(DECLINED_CARD), &first).await;
    assert_eq!((again.status, again.header("idempotent-replay")), (201, "true"));
    assert_eq!(
        (paused(&house, "api").await, paused(&house, "donate").await),
        ("1".into(), "0".into())
    );
    house.paid_with(GOOD_CARD).await;
}

/// Off, it is off: no limit by network, no pause.
#[tokio::test]
async fn g_c2_without_the_shield_nothing_is_counted() {
    let house = House::by_api_with(|settings| {
        soon(settings);
        settings.shield.enabled = false;
        settings.limits.forms_per_day = 1;
    })
    .await;
    for _ in 0..8 {
        house.paid_with(DECLINED_CARD).await;
    }
    house.paid_with(GOOD_CARD).await;
    assert_eq!(paused(&house, "donate").await, "0");
}
