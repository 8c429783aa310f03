//! Rows D-12 and D-14: peers that take their time.

use crate::client::Client;
use crate::house::{House, eventually};
use crate::http2::{Http2, SETTINGS, frame};
use almoner::tls::Limits;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_millis(300);
/// Where the peer has to be quicker than the limit.
const LATER: Duration = Duration::from_secs(4);

#[test]
fn d_12_headers_that_trickle_in_end_the_connection() {
    let house = House::open(Limits { header_read_timeout: SOON, ..Limits::default() });
    let mut client = Client::http1(&house);
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n");
    let start = Instant::now();
    eventually("the connection is closed", || {
        client.send(format!("X-{}: a\r\n", start.elapsed().as_millis()));
        std::thread::sleep(Duration::from_millis(40));
        house.connections() == 0
    });
    assert_eq!(house.seen(), 0);
}

#[test]
fn d_12_saying_nothing_after_the_handshake_ends_the_connection() {
    let house = House::open(Limits { first_request_timeout: SOON, ..Limits::default() });
    assert!(Client::http1(&house).closed().is_empty());
}

#[test]
fn d_12_one_byte_after_the_handshake_does_not_hold_the_connection() {
    let house = House::open(Limits { first_request_timeout: SOON, ..Limits::default() });
    assert!(Client::http1(&house).send("G").closed().is_empty());
}

#[test]
fn d_12_an_idle_connection_is_closed() {
    let house = House::open(Limits { header_read_timeout: LATER, ..Limits::default() });
    let mut client = Client::http1(&house);
    assert_eq!(client.get("/").body, "hello");
    assert!(client.closed().is_empty());
}

/// The handler's own time is not the peer's.
#[test]
fn d_12_a_slow_handler_is_waited_for() {
    let limits = Limits {
        header_read_timeout: LATER,
        first_request_timeout: LATER,
        write_stall: LATER,
        ..Limits::default()
    };
    let house = House::open(limits);
    let mut client = Client::http1(&house);
    client.send("GET /gate HTTP/1.1\r\nHost: localhost\r\n\r\n");
    std::thread::sleep(LATER + SOON);
    house.open_the_gate();
    assert_eq!(client.answer().body, "through");
}

#[test]
fn d_14_an_answer_that_nobody_reads_is_given_up() {
    let house = House::open(Limits { write_stall: SOON, ..Limits::default() });
    let mut client = Client::http1(&house);
    client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    eventually("the answer begins", || house.seen() == 1);
    eventually("the connection is closed", || house.connections() == 0);
}

/// The socket never fills: the peer opens no window, or not a second one.
#[test]
fn d_14_an_answer_over_http_2_that_nobody_reads_is_given_up() {
    for (settings, path) in [(&[0, 4, 0, 0, 0, 0][..], "/"), (&[], "/book")] {
        let house = House::open(Limits { write_stall: SOON, ..Limits::default() });
        let mut client = Http2::new(&house);
        client.send(&frame(SETTINGS, 0, 0, settings));
        client.ask(path);
        eventually("the answer begins", || house.seen() == 1);
        eventually("the connection is closed", || house.connections() == 0);
    }
}

/// The handler's own time is not the peer's in HTTP/2 either.
#[test]
fn d_14_a_slow_handler_is_waited_for_over_http_2() {
    let house = House::open(Limits { write_stall: SOON, ..Limits::default() });
    let mut client = Http2::new(&house);
    let stream = client.ask("/gate");
    std::thread::sleep(SOON * 2);
    house.open_the_gate();
    assert_eq!(client.body(stream), "through");
}
