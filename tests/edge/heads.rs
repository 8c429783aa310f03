//! Row D-7: request heads that are too large.

use crate::client::Client;
use crate::house::House;
use almoner::tls::Limits;

/// A request with a `Host` field and `more` others.
fn request(more: usize) -> String {
    let fields = (0..more).map(|n| format!("X-{n}: a\r\n")).collect::<Vec<_>>().concat();
    format!("GET / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")
}

#[test]
fn d_7_sixty_four_fields_are_enough() {
    let house = House::open(Limits::default());
    let mut client = Client::http1(&house);
    assert_eq!(client.send(request(63)).answer().status, 200);
    let refused = client.send(request(64)).answer();
    assert_eq!(refused.status, 431);
    assert!(refused.head.contains("connection: close"), "{}", refused.head);
    assert!(client.closed().is_empty());
    assert_eq!(house.seen(), 1);
}

#[test]
fn d_7_more_fields_than_the_server_takes_are_refused_by_it() {
    let house = House::open(Limits::default());
    let mut client = Client::http1(&house);
    assert_eq!(client.send(request(150)).answer().status, 431);
    client.closed();
    assert_eq!(house.seen(), 0);
}

#[test]
fn d_7_a_head_over_its_limit_is_refused() {
    let house = House::open(Limits { header_bytes: 8192, ..Limits::default() });
    let mut client = Client::http1(&house);
    let head =
        |length| format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "a".repeat(length));
    assert_eq!(client.send(head(7000)).answer().status, 200);
    assert_eq!(client.send(head(9000)).answer().status, 431);
    client.closed();
    assert_eq!(house.seen(), 1);
}

#[test]
fn d_7_half_a_megabyte_of_head_never_arrives() {
    let house = House::open(Limits::default());
    let mut client = Client::http1(&house);
    client.send(format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}", "a".repeat(500 * 1024)));
    assert_eq!(client.answer().status, 431, "though it was cut short, the client can read it");
    client.closed();
    assert_eq!(house.seen(), 0);
}
