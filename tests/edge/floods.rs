//! Row D-18: floods of HTTP/2 frames that ask for little and cost much. Each ends its connection, and nobody
//! else notices.

use crate::client::Client;
use crate::house::House;
use crate::http2::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, Http2, RST_STREAM, WINDOW_UPDATE, block,
    frame, request,
};
use almoner::tls::Limits;
use std::time::Duration;

/// Nobody is sent away for being slow or idle here.
fn patient() -> Limits {
    let for_long = Duration::from_mins(1);
    Limits {
        first_request_timeout: for_long,
        header_read_timeout: for_long,
        write_stall: for_long,
        ..Limits::default()
    }
}

/// Sends the flood; the server must end that connection, and go on with the next.
fn ends(house: &House, frames: impl IntoIterator<Item = Vec<u8>>) {
    let mut client = Http2::new(house);
    for frame in frames {
        client.send(&frame);
    }
    client.rest();
    assert_eq!(Client::http1(house).get("/").body, "hello");
}

/// The odd numbers, as clients number their streams.
fn streams() -> impl Iterator<Item = u32> {
    (1..20_000).step_by(2)
}

#[test]
fn d_18_heads_that_go_on_and_on() {
    let house = House::open(patient());
    let begun = frame(HEADERS, END_STREAM, 1, &block("/", 0));
    let more = frame(CONTINUATION, 0, 1, &[0, 1, b'x', 1, b'a']);
    ends(&house, std::iter::once(begun).chain((0..20_000).map(|_| more.clone())));
    assert_eq!(house.seen(), 1, "the head never ended: only the next client was heard");
}

#[test]
fn d_18_heads_that_go_on_with_nothing() {
    let house = House::open(patient());
    let begun = frame(HEADERS, END_STREAM, 1, &block("/", 0));
    let nothing = frame(CONTINUATION, 0, 1, &[]);
    ends(&house, std::iter::once(begun).chain((0..20_000).map(|_| nothing.clone())));
    assert_eq!(house.seen(), 1);
}

#[test]
fn d_18_bodies_of_nothing() {
    let house = House::open(patient());
    let begun = frame(HEADERS, END_HEADERS, 1, &block("/gate", 0));
    let nothing = frame(DATA, 0, 1, &[]);
    ends(&house, std::iter::once(begun).chain((0..200_000).map(|_| nothing.clone())));
}

#[test]
fn d_18_heads_that_are_none() {
    let house = House::open(patient());
    // A name in upper case makes a request malformed: the server takes the stream back (RFC 9113, 8.2.1).
    let broken = [block("/", 0), vec![0, 1, b'X', 1, b'a']].concat();
    ends(&house, streams().map(|stream| frame(HEADERS, END_STREAM | END_HEADERS, stream, &broken)));
    assert_eq!(house.seen(), 1);
}

#[test]
fn d_18_five_thousand_requests_at_once() {
    let house = House::open(patient());
    ends(&house, streams().take(5000).map(|stream| request(stream, "/gate", 0)));
    assert!(house.seen() <= 32 + 1, "{}", house.seen());
}

/// The client has the server take each request back, by breaking a rule on it.
#[test]
fn d_18_requests_that_the_server_is_made_to_take_back() {
    let house = House::open(patient());
    let broken = |stream| {
        let begun = frame(HEADERS, END_HEADERS, stream, &block("/gate", 0));
        [begun, frame(WINDOW_UPDATE, 0, stream, &0_u32.to_be_bytes())].concat()
    };
    ends(&house, streams().map(broken));
    let late = |stream| [request(stream, "/gate", 0), frame(DATA, 0, stream, b"late")].concat();
    ends(&house, streams().map(late));
    let both = |stream| {
        let reset = frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes());
        [request(stream, "/gate", 0), frame(DATA, 0, stream, b"late"), reset].concat()
    };
    ends(&house, streams().map(both));
    assert!(house.seen() < 5000, "{}", house.seen());
}
