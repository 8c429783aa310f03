//! Rows F-1, B-H6 and B-H7: whose forms are taken, and with which tokens.

use super::house::House;
use super::message::Message;
use super::samples::{Fields, encoded, gift, membership, with_changes};
use super::visitor::{FORM, handed};

/// The charity's own page, listed in the configuration.
const CHARITY: (&str, &str) = ("origin", "https://www.charity.test");

async fn send(house: &House, headers: &[(&str, &str)], fields: &Fields) -> u16 {
    house.post("/donate", &[&[FORM], headers].concat(), encoded(fields)).await.status
}

#[tokio::test]
async fn f_1_b_h6_forms_from_other_sites() {
    let house = House::new().await;
    let own = house.origin.clone();
    for (headers, status) in [
        (&[][..], 200),
        (&[("sec-fetch-site", "same-origin")], 200),
        (&[("sec-fetch-site", "same-origin"), ("origin", own.as_str())], 200),
        (&[("sec-fetch-site", "none")], 200),
        (&[("origin", own.as_str())], 200),
        (&[("sec-fetch-site", "cross-site"), CHARITY], 200),
        (&[CHARITY], 200),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")], 403),
        (&[("sec-fetch-site", "cross-site"), ("origin", "null")], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", "http://www.charity.test")], 403),
        (&[("origin", "https://www.charity.test.evil.example")], 403),
        (&[("origin", "https://www.charity.test:8443")], 403),
    ] {
        let token = house.token("/donate").await;
        assert_eq!(send(&house, headers, &gift(&token)).await, status, "{headers:?}");
    }
}

#[tokio::test]
async fn f_1_forms_without_a_token_of_theirs() {
    let house = House::new().await;
    let other_form = house.token("/join").await;
    let return_link = {
        let (_, fields) = handed(&house.donate(&[]).await);
        let url = &fields.iter().find(|(name, _)| name == "return_url").unwrap().1;
        url.rsplit_once('/').unwrap().1.to_owned()
    };
    let good = house.token("/donate").await;
    let bent = format!("{}{}", &good[..63], if good.ends_with('A') { "Q" } else { "A" });
    for token in ["", "x", &other_form, &return_link, &bent, &"A".repeat(64), &format!("{good} ")] {
        let answer = house.donate_with(token, &[]).await;
        assert_eq!(answer.status, 403, "{token}");
        assert!(answer.body.contains("We could not tell that this form is ours."));
    }
    assert_eq!(house.recorded().await.0, 1, "the one that was let in");
    assert_eq!(house.donate_with(&good, &[]).await.status, 200);
}

/// The charity's page is known by its origin and needs no token; a wrong one is still wrong, and
/// without the origin there is no form without a token.
#[tokio::test]
async fn f_1_b_h6_the_charitys_own_page() {
    let house = House::new().await;
    let without = with_changes(&gift(""), &[("client_token", "")]);
    let charity = [("sec-fetch-site", "cross-site"), CHARITY];
    assert_eq!(send(&house, &charity, &without).await, 200);
    assert_eq!(send(&house, &charity, &gift("x")).await, 403);
    assert_eq!(send(&house, &[], &without).await, 403);
    assert_eq!(send(&house, &[("origin", &house.origin)], &without).await, 403);
}

/// A token is one payment's: the same form again is the same hand-off, another form is refused.
#[tokio::test]
async fn f_1_a_16_a_token_used_again() {
    let house = House::new().await;
    let token = house.token("/donate").await;
    let (reference, _) = handed(&house.donate_with(&token, &[]).await);
    let (again, _) = handed(&house.donate_with(&token, &[("line2", "Flat 2")]).await);
    assert_eq!(reference, again, "a double click, or a way back by the browser");
    for change in
        [("amount", "10.00"), ("frequency", "monthly"), ("appeal", "OTHER"), ("gift_aid", "")]
    {
        let answer = house.donate_with(&token, &[change]).await;
        assert_eq!(answer.status, 403, "{change:?}");
        assert!(answer.body.contains("You have sent this form before with other choices."));
    }
    assert_eq!(house.recorded().await.0, 1);
}

/// Once the payment is known, the same form leads to its page and no further.
#[tokio::test]
async fn f_1_a_token_of_a_payment_that_is_over() {
    let house = House::new().await;
    let token = house.token("/donate").await;
    let (reference, fields) = handed(&house.donate_with(&token, &[]).await);
    let back = house.arrive(&fields).await.pay("4242424242424242").await;
    let again = house.donate_with(&token, &[]).await;
    assert_eq!((again.status, house.url(again.header("location"))), (303, back));
    assert_eq!(house.mock.books().charges(&reference), 1);
}

/// Webhooks and returning browsers come from another site by nature; nothing else is let off.
#[tokio::test]
async fn b_h7_only_webhooks_and_returns_may_come_from_elsewhere() {
    let house = House::new().await;
    let token = house.token("/join").await;
    let (reference, fields) = handed(&house.post_form("/join", &membership(&token)).await);
    let elsewhere = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    let statement = house.statement(reference, "accepted");
    let message = Message::new(&house, &super::message::stating(statement, "amount", 400));
    let headers = [&message.headers()[..], &elsewhere].concat();
    let heard = house.post("/webhooks/signed", &headers, message.body.clone()).await;
    assert_eq!(heard.status, 200);
    let back = fields.iter().find(|(name, _)| name == "return_url").unwrap().1.clone();
    let path = back.strip_prefix(&house.origin).unwrap();
    let returned = house.post(path, &[&[FORM][..], &elsewhere].concat(), "result=declined").await;
    assert_eq!(returned.status, 303);
    let fields = encoded(&membership(&house.token("/join").await));
    let joined = house.post("/join", &[&[FORM][..], &elsewhere].concat(), fields).await;
    assert_eq!(joined.refusal(), (403, "csrf".into()));
}
