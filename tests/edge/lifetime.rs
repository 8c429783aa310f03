//! Row D-19, second half: no connection is kept for ever, and none is cut in the middle of a word.

use crate::client::Client;
use crate::house::{BOOK, GUARD, House, eventually};
use crate::http2::{DATA, Frame, GOAWAY, Http2, goodbye};
use almoner::tls::Limits;
use std::time::Duration;
use tokio::task::JoinSet;

const SOON: Duration = Duration::from_millis(300);
/// Where the peer has to be quicker than the limit.
const LATER: Duration = Duration::from_secs(4);
const NO_ERROR: u32 = 0;
const ANY_STREAM: u32 = 0x7fff_ffff;

/// The reasons and last streams of all goodbyes.
fn goodbyes(frames: &[Frame]) -> Vec<(u32, u32)> {
    frames.iter().filter(|frame| frame.kind == GOAWAY).map(goodbye).collect()
}

#[test]
fn d_19_http_1_says_when_the_last_request_was_answered() {
    let house = House::open(Limits { requests_per_connection: 3, ..Limits::default() });
    let mut client = Client::http1(&house);
    for _ in 0..2 {
        assert!(!client.get("/").head.contains("connection: close"));
    }
    assert!(client.get("/").head.contains("connection: close"));
    assert!(client.closed().is_empty());
}

#[test]
fn d_19_http_1_says_when_the_connection_is_too_old() {
    let house = House::open(Limits { connection_age: SOON, ..Limits::default() });
    let mut client = Client::http1(&house);
    client.send("GET /gate HTTP/1.1\r\nHost: localhost\r\n\r\n");
    std::thread::sleep(SOON);
    house.open_the_gate();
    let answer = client.answer();
    assert_eq!(answer.body, "through");
    assert!(answer.head.contains("connection: close"));
    assert!(client.closed().is_empty());
}

#[test]
fn d_19_http_2_says_goodbye_after_the_last_request() {
    let house = House::open(Limits { requests_per_connection: 3, ..Limits::default() });
    let mut client = Http2::new(&house);
    let streams = [client.ask("/"), client.ask("/pages/7"), client.ask("/gate")];
    house.open_the_gate();
    let frames = client.rest();
    let heard = |stream| {
        let data = frames.iter().filter(|frame| frame.stream == stream && frame.kind == DATA);
        String::from_utf8(data.flat_map(|frame| frame.payload.clone()).collect()).unwrap()
    };
    assert_eq!(streams.map(heard), ["hello", "7", "through"], "what was asked is answered");
    assert_eq!(goodbyes(&frames), [(ANY_STREAM, NO_ERROR), (streams[2], NO_ERROR)]);
}

/// HTTP/2 has no such header: what says it ends with a goodbye, and what is under way is still answered.
#[test]
fn m_4_an_answer_that_is_the_last_ends_both_protocols() {
    let house = House::open(Limits::default());
    let mut client = Client::http1(&house);
    let answer = client.get("/last");
    assert!(answer.head.contains("connection: close") && answer.body == "bye");
    assert!(client.closed().is_empty());
    let mut client = Http2::new(&house);
    let (waiting, last) = (client.ask("/gate"), client.ask("/last"));
    assert_eq!(client.until_goodbye(), (ANY_STREAM, NO_ERROR));
    house.open_the_gate();
    assert_eq!(client.body(waiting), "through");
    assert_eq!(goodbyes(&client.rest()), [(last, NO_ERROR)]);
    eventually("both are closed", || house.connections() == 0);
}

#[test]
fn d_19_http_2_takes_what_was_on_its_way_at_the_goodbye() {
    let house = House::open(Limits { requests_per_connection: 2, ..Limits::default() });
    let mut client = Http2::new(&house);
    let (waiting, _) = (client.ask("/gate"), client.ask("/"));
    assert_eq!(client.until_goodbye(), (ANY_STREAM, NO_ERROR));
    let late = client.ask("/pages/9");
    assert_eq!(client.body(late), "9");
    house.open_the_gate();
    assert_eq!(client.body(waiting), "through");
    assert_eq!(goodbyes(&client.rest()), [(late, NO_ERROR)]);
}

#[test]
fn d_19_http_2_cuts_off_who_goes_on_after_the_goodbye() {
    let limits = Limits { requests_per_connection: 1, h2_streams: 4, ..Limits::default() };
    let house = House::open(limits);
    let mut client = Http2::new(&house);
    client.ask("/gate");
    client.until_goodbye();
    for _ in 0..1000 {
        client.ask("/");
    }
    client.rest();
    assert!(house.seen() < 100, "{}", house.seen());
}

#[test]
fn d_19_http_2_says_goodbye_when_the_connection_is_too_old() {
    let house = House::open(Limits { connection_age: LATER, ..Limits::default() });
    let mut client = Http2::new(&house);
    let waiting = client.ask("/gate");
    assert_eq!(client.until_goodbye(), (ANY_STREAM, NO_ERROR));
    house.open_the_gate();
    assert_eq!(client.body(waiting), "through");
    assert_eq!(goodbyes(&client.rest()), [(waiting, NO_ERROR)]);
}

#[test]
fn d_19_http_2_says_goodbye_when_nothing_is_asked() {
    let house = House::open(Limits { header_read_timeout: SOON, ..Limits::default() });
    let mut client = Http2::new(&house);
    let stream = client.ask("/");
    assert_eq!(client.body(stream), "hello");
    assert_eq!(goodbyes(&client.rest()), [(ANY_STREAM, NO_ERROR), (stream, NO_ERROR)]);
}

#[test]
fn d_19_http_2_is_not_idle_while_an_answer_is_awaited() {
    let house = House::open(Limits { header_read_timeout: SOON, ..Limits::default() });
    let mut client = Http2::new(&house);
    let waiting = client.ask("/gate");
    eventually("it waits", || house.seen() == 1);
    std::thread::sleep(SOON * 3);
    let meanwhile = client.ask("/");
    assert_eq!(client.next(), Some(meanwhile), "no goodbye before it");
    house.open_the_gate();
    assert_eq!(client.body(waiting), "through");
}

#[test]
fn d_12_http_2_that_asks_nothing_at_all_is_closed() {
    let house = House::open(Limits { first_request_timeout: SOON, ..Limits::default() });
    Http2::new(&house).rest();
}

#[test]
fn d_19_who_does_not_leave_is_cut_off_at_closing_time() {
    let limits = Limits { connection_age: SOON, closing_time: LATER, ..Limits::default() };
    let house = House::open(limits);
    let mut client = Client::http1(&house);
    client.send("POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhello");
    eventually("the connection is cut", || house.connections() == 0 && house.seen() == 1);
}

#[test]
fn who_does_not_hang_up_after_our_last_word_is_left() {
    let limits = Limits { requests_per_connection: 1, linger: SOON, ..Limits::default() };
    let house = House::open(limits);
    let mut client = Client::http1(&house);
    assert_eq!(client.get("/").body, "hello");
    eventually("the connection is given up", || house.connections() == 0);
}

/// The goodbye goes between frames, never into them, whatever else is being said.
#[test]
fn d_19_a_busy_client_notices_nothing() {
    let house = House::open(Limits { requests_per_connection: 5, ..Limits::default() });
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let authority = house.authority.certificate();
    let client = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(authority.as_bytes()).unwrap()])
        .https_only(true)
        .build()
        .unwrap();
    let url = format!("https://localhost:{}/book", house.address.port());
    house.runtime.block_on(async {
        for _ in 0..10 {
            let mut readers = JoinSet::new();
            for _ in 0..8 {
                let asked = client.get(&url).send();
                readers.spawn(async move {
                    let answer = asked.await.unwrap();
                    assert_eq!(answer.version(), reqwest::Version::HTTP_2);
                    assert_eq!(answer.bytes().await.unwrap().len(), BOOK);
                });
            }
            while let Some(read) = readers.join_next().await {
                read.unwrap();
            }
        }
    });
    assert!(house.seen() >= 80);
}

#[test]
fn shutting_down_waits_for_what_is_under_way() {
    let house = House::open(Limits::default());
    let (mut one, mut two) = (Client::http1(&house), Http2::new(&house));
    one.send("GET /gate HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let stream = two.ask("/gate");
    eventually("both are at work", || house.seen() == 2);
    house.handle.graceful_shutdown(Some(GUARD));
    house.open_the_gate();
    assert_eq!(one.answer().body, "through");
    assert_eq!(two.body(stream), "through");
    one.closed();
    two.rest();
}
