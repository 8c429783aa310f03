//! Rows D-7, D-17 and D-19 in HTTP/2: talk that asks for nothing.

use crate::client::Client;
use crate::house::House;
use crate::http2::{
    Http2, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE, frame, is_pong, is_settings_ack, request,
};
use almoner::tls::Limits;

#[test]
fn d_7_header_fields_have_a_limit_in_http_2_too() {
    let house = House::open(Limits::default());
    let mut client = Http2::new(&house);
    client.send(&request(1, "/", 64));
    assert_eq!(client.body(1), "hello");
    client.send(&request(3, "/", 65));
    assert_eq!(client.body(3), "");
    assert_eq!(house.seen(), 1, "the second never reached a handler");
}

#[test]
fn d_7_a_header_list_over_its_limit_never_arrives() {
    let house = House::open(Limits { h2_header_list_bytes: 1024, ..Limits::default() });
    let mut client = Http2::new(&house);
    client.send(&request(1, "/", 5));
    assert_eq!(client.body(1), "hello");
    client.send(&request(3, "/", 50));
    assert_eq!(client.body(3), "");
    assert_eq!(house.seen(), 1);
}

#[test]
fn d_17_requests_taken_back_at_once_end_the_connection() {
    let house = House::open(Limits::default());
    let mut client = Http2::new(&house);
    for stream in (1..10_000).step_by(2) {
        let reset = frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes());
        client.send(&[request(stream, "/", 0), reset].concat());
    }
    client.rest();
    assert!(house.seen() < 5000);
    assert_eq!(Client::http1(&house).get("/").body, "hello");
}

#[test]
fn d_19_pings_without_requests_end_the_connection() {
    let house = House::open(Limits::default());
    let mut client = Http2::new(&house);
    client.send(&frame(PING, 0, 0, b"pingpong").repeat(20_000));
    let pongs = client.rest().into_iter().filter(is_pong).count();
    assert!(pongs <= 200, "{pongs}");
}

#[test]
fn d_19_settings_without_requests_end_the_connection() {
    let house = House::open(Limits::default());
    let mut client = Http2::new(&house);
    client.send(&frame(SETTINGS, 0, 0, &[]).repeat(20_000));
    let acknowledged = client.rest().into_iter().filter(is_settings_ack).count();
    assert!(acknowledged <= 200, "{acknowledged}");
}

#[test]
fn d_19_who_asks_may_ping() {
    let house = House::open(Limits::default());
    let mut client = Http2::new(&house);
    for _ in 0..5 {
        client.send(&frame(PING, 0, 0, b"pingpong").repeat(150));
        // An answer without content, so that it is the request that counts.
        let stream = client.ask("/nowhere");
        assert_eq!(client.body(stream), "");
    }
}

/// A reader of a large answer has to ask for more of it again and again.
#[test]
fn d_19_reading_a_large_answer_is_progress() {
    let house = House::open(Limits { h2_frames_without_progress: 20, ..Limits::default() });
    let mut client = Http2::new(&house);
    let stream = client.ask("/large");
    let mut length = 0;
    while length < 4 * 1024 * 1024 {
        let heard = client.hear().expect("an answer");
        if heard.stream == stream && heard.kind == crate::http2::DATA {
            length += heard.payload.len();
            let more = u32::try_from(heard.payload.len()).unwrap().to_be_bytes();
            let asked = [frame(WINDOW_UPDATE, 0, 0, &more), frame(WINDOW_UPDATE, 0, stream, &more)];
            client.send(&asked.concat());
        }
    }
}
