//! Row M-4: a connection that carried a card carries nothing else, and the client sees it closed.

use super::house::House;
use super::paying::{GOOD_CARD, charge, confirmed};
use super::raw::Raw;
use super::samples::{encoded, fresh, gift, with_changes};
use super::visitor::API_KEY;

const FORM: &str = "application/x-www-form-urlencoded";

fn head(path: &str, kind: &str, more: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: @HOST@\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nSec-Fetch-Site: same-origin\r\n{more}\r\n{body}",
        body.len()
    )
}

/// Sends it on a connection of its own; its status, and whether the connection was closed after it.
async fn sent(house: &House, request: &str) -> (u16, bool) {
    let mut raw = Raw::open(house).await;
    raw.send(request).await;
    let answer = raw.answer().await.unwrap();
    let says = answer.head.contains("connection: close");
    raw.send("GET /assets/style.css HTTP/1.1\r\nHost: @HOST@\r\n\r\n").await;
    let closed = raw.answer().await.is_none();
    assert_eq!(says, closed, "{}", answer.head);
    (answer.status, closed)
}

#[tokio::test]
async fn m_4_a_form_that_carried_a_card_was_the_connection_s_last() {
    let house = House::by_api().await;
    let page = house.paying(&[]).await;
    let good = confirmed(&page, GOOD_CARD);
    let wrong = with_changes(&good, &[("card_cvc", "7")]);
    let refused = with_changes(&good, &[("client_token", "x")]);
    let unread = format!("{}&pan=1", encoded(&good));
    for (body, status) in
        [(encoded(&wrong), 422), (encoded(&refused), 403), (unread, 400), (encoded(&good), 303)]
    {
        assert_eq!(sent(&house, &head("/donate", FORM, "", &body)).await, (status, true));
    }
    let misnamed = head("/donate", "text/plain", "", &encoded(&good));
    assert_eq!(sent(&house, &misnamed).await, (415, true));
    // What held no card ends nothing.
    let token = house.token("/donate").await;
    let first = encoded(&gift(&token));
    assert_eq!(sent(&house, &head("/donate", FORM, "", &first)).await, (200, false));
    let page = "GET /donate HTTP/1.1\r\nHost: @HOST@\r\n\r\n";
    assert_eq!(sent(&house, page).await, (200, false));
}

#[tokio::test]
async fn m_4_a_request_that_carried_a_card_was_the_connection_s_last() {
    let house = House::by_api().await;
    let ask = |body: &serde_json::Value| {
        let more = format!("Authorization: Bearer {API_KEY}\r\nIdempotency-Key: {}\r\n", fresh());
        head("/v1/handoffs", "application/json", &more, &body.to_string())
    };
    let mut wrong = charge(GOOD_CARD);
    wrong["card"]["expiry"] = "13/45".into();
    let mut unread = charge(GOOD_CARD);
    unread["surprise"] = true.into();
    for (body, status) in [(charge(GOOD_CARD), 201), (wrong, 422), (unread, 400)] {
        assert_eq!(sent(&house, &ask(&body)).await, (status, true));
    }
    let mut none = charge(GOOD_CARD);
    none.as_object_mut().unwrap().remove("card");
    assert_eq!(sent(&house, &ask(&none)).await, (422, false));
}

/// Where no card is taken nothing is ended: the next request comes on the same connection.
#[tokio::test]
async fn connections_are_kept_where_no_card_is_taken() {
    let house = House::new().await;
    let token = house.token("/donate").await;
    let body = encoded(&gift(&token));
    assert_eq!(sent(&house, &head("/donate", FORM, "", &body)).await, (200, false));
}
