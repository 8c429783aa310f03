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

/// What was refused before anybody read it may have held a card, wherever it was sent by mistake.
#[tokio::test]
async fn m_4_what_was_refused_unread_was_the_connection_s_last_on_either_protocol() {
    let house = House::by_api().await;
    let good = encoded(&confirmed(&house.paying(&[]).await, GOOD_CARD));
    let cross = "Sec-Fetch-Site: cross-site\r\n";
    let (back, hook) = ("/return/x", "/webhooks/signed");
    for (path, kind, status) in
        [("/nowhere", FORM, 404), (back, FORM, 405), (hook, FORM, 401), ("/v1/handoffs", FORM, 401)]
    {
        let refused = sent(&house, &head(path, kind, "", &good)).await;
        assert!(refused.1, "{path}: {refused:?}");
        assert!((400..500).contains(&refused.0), "{path}: {refused:?}, perhaps {status}");
        assert!(over_http_2(&house, "localhost", path, &good).await, "{path}");
    }
    let foreign = head("/donate", FORM, "", &good).replace("Host: @HOST@", "Host: evil.example");
    assert_eq!(sent(&house, &foreign).await, (421, true));
    assert!(over_http_2(&house, "evil.example", "/donate", &good).await);
    let elsewhere =
        head("/donate", FORM, cross, &good).replacen("Sec-Fetch-Site: same-origin\r\n", "", 1);
    assert_eq!(sent(&house, &elsewhere).await, (403, true));
    // What held no card goes on here too.
    let token = house.token("/donate").await;
    assert!(!over_http_2(&house, "localhost", "/donate", &encoded(&gift(&token))).await);
    // So do the processor's webhooks.
    let (reference, _) = house.paid_with(GOOD_CARD).await;
    let message = super::message::Message::new(&house, &house.statement(reference, "accepted"));
    let first = house.post_message(&message).await;
    assert_eq!((first.status, first.header("connection")), (200, ""));
}

/// Posts a form over HTTP/2; whether the server says goodbye and closes after its answer.
async fn over_http_2(house: &House, host: &str, path: &str, body: &str) -> bool {
    const END_STREAM: u8 = 1;
    const END_HEADERS: u8 = 4;
    const GOAWAY: u8 = 7;
    let frame = |kind: u8, flags: u8, stream: u32, payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
    };
    // POST and https out of HPACK's static table; then :path, :authority and content-type, not indexed.
    let mut block = vec![0x83, 0x87];
    let host = if host == "localhost" { house.host() } else { host.to_owned() };
    for (name, value) in [(&[4_u8][..], path), (&[1], &host), (&[0x0f, 16], FORM)] {
        block.extend(name);
        block.push(u8::try_from(value.len()).unwrap());
        block.extend(value.bytes());
    }
    for (name, value) in [("sec-fetch-site", "same-origin")] {
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).unwrap());
            block.extend(text.bytes());
        }
    }
    let mut raw = Raw::with(house, b"h2").await;
    let begin = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frame(4, 0, 0, &[])].concat();
    let post =
        [frame(1, END_HEADERS, 1, &block), frame(0, END_STREAM, 1, body.as_bytes())].concat();
    raw.send_bytes(&[begin, post].concat()).await;
    let mut goodbye = false;
    loop {
        let Some(header) = raw.bytes(9).await else { return goodbye };
        let length = usize::from(header[1]) * 256 + usize::from(header[2]);
        raw.bytes(length).await;
        goodbye |= header[3] == GOAWAY;
        let stream = header[8];
        let answered = stream == 1 && header[3] < 2 && header[4] & END_STREAM != 0;
        // A server that goes on answers this; one that does not has closed or says goodbye before.
        if answered && !goodbye {
            raw.send_bytes(&frame(6, 0, 0, &[7; 8])).await;
        }
        if header[3] == 6 && header[4] == 1 {
            return goodbye;
        }
    }
}
