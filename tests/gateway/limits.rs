//! Table D, rows 7 to 14 and 20: too much, too long, too slow, or not encrypted.

use super::answer::Answer;
use super::house::{House, port};
use super::raw::{Raw, exchange, statuses};
use super::samples::{encoded, gift};
use super::visitor::{API_KEY, FORM, OWN_PAGE};
use almoner::config::Span;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

const POST: &str =
    "POST /donate HTTP/1.1\r\nHost: @HOST@\r\nContent-Type: application/x-www-form-urlencoded\r\n";

#[tokio::test]
async fn d_7_heads_that_are_too_large() {
    let house = House::new().await;
    let head = |rest: &str| format!("GET /donate HTTP/1.1\r\nHost: @HOST@\r\n{rest}\r\n");
    let fields =
        |count: usize| (0..count).map(|n| format!("X-{n}: a\r\n")).collect::<Vec<_>>().concat();
    let mut raw = Raw::open(&house).await;
    assert_eq!(raw.ask(&head(&fields(63))).await.status, 200);
    assert_eq!(raw.ask(&head(&fields(64))).await.status, 431);
    assert!(raw.closed().await.is_empty());
    let large = exchange(&house, &head(&format!("X: {}\r\n", "a".repeat(500 * 1024)))).await;
    assert!(matches!(statuses(&large)[..], [] | [431]), "{large:?}");
}

#[tokio::test]
async fn d_8_targets_that_are_too_long() {
    let house = House::new().await;
    let mut raw = Raw::open(&house).await;
    for (path, length, status) in [
        ("/donate?", 2048, 200),
        ("/donate?", 2049, 414),
        ("/donate?", 8000, 414),
        ("/return/", 2049, 414),
        ("/v1/handoffs/", 2049, 414),
        ("/webhooks/signed?", 2049, 414),
        ("/nowhere/", 2049, 414),
    ] {
        let target = format!("{path}{}", "a".repeat(length - path.len()));
        let answer = raw.ask(&format!("GET {target} HTTP/1.1\r\nHost: @HOST@\r\n\r\n")).await;
        assert_eq!(answer.status, status, "{path} {length}");
    }
    let answer = house.get(&format!("/donate?{}", "a".repeat(2048))).await;
    assert_eq!(answer.refusal(), (414, "uri_too_long".into()), "over HTTP/2");
}

#[tokio::test]
async fn d_9_bodies_that_say_they_are_too_large() {
    let house = House::new().await;
    let api = format!(
        "POST /v1/handoffs HTTP/1.1\r\nHost: @HOST@\r\nContent-Type: application/json\r\nAuthorization: Bearer {API_KEY}\r\nIdempotency-Key: d_9_declared_length\r\n"
    );
    let webhook =
        "POST /webhooks/signed HTTP/1.1\r\nHost: @HOST@\r\nContent-Type: application/json\r\n";
    for (head, most) in [(POST, 32 * 1024), (&api, 32 * 1024), (webhook, 64 * 1024)] {
        let mut raw = Raw::open(&house).await;
        // Not a byte of the body is sent: who waits for one would wait for ever.
        let answer = raw.ask(&format!("{head}Content-Length: {}\r\n\r\n", most + 1)).await;
        assert_eq!(answer.status, 413);
        assert!(answer.head.contains("\r\nconnection: close\r\n"), "{}", answer.head);
        assert!(raw.closed().await.is_empty());
    }
    let answer = house.post("/donate", &[FORM, OWN_PAGE], vec![b'a'; 32 * 1024 + 1]).await;
    assert_eq!(answer.refusal(), (413, "too_large".into()), "over HTTP/2");
    assert_eq!(house.recorded().await, (0, 0));
}

#[tokio::test]
async fn d_10_bodies_without_end() {
    let house = House::new().await;
    let chunks = format!("{:x}\r\n{}\r\n", 4096, "a".repeat(4096)).repeat(9);
    let head = format!("{POST}Transfer-Encoding: chunked\r\n\r\n");
    let answers = exchange(&house, &format!("{head}{chunks}")).await;
    assert_eq!(statuses(&answers), [413]);
    assert!(answers[0].head.contains("\r\nconnection: close\r\n"));
    let extension = format!("1;{}\r\na\r\n0\r\n\r\n", "e".repeat(64 * 1024));
    let trailers = format!("1\r\na\r\n0\r\nX: {}\r\n\r\n", "t".repeat(1024 * 1024));
    for broken in ["fffffffffffffffff\r\n", "-1\r\n", "zz\r\n", &extension, &trailers] {
        let answers = exchange(&house, &format!("{head}{broken}")).await;
        assert!(matches!(statuses(&answers)[..], [] | [400]), "{answers:?}");
    }
    assert_eq!(house.recorded().await, (0, 0));
}

#[tokio::test]
async fn d_11_expectations() {
    let house = House::new().await;
    let body = encoded(&gift(&house.token("/donate").await));
    let length = body.len();
    for odd in ["200-ok", "100-continue, x", "", "x"] {
        let answers =
            exchange(&house, &format!("{POST}Expect: {odd}\r\nContent-Length: {length}\r\n\r\n"))
                .await;
        assert_eq!(statuses(&answers), [417], "{odd:?}");
    }
    let mut raw = Raw::open(&house).await;
    let asked =
        raw.ask(&format!("{POST}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n")).await;
    assert_eq!(asked.status, 100);
    assert_eq!(raw.ask(&body).await.status, 200);
    // Whoever asks first is told first.
    let mut raw = Raw::open(&house).await;
    let refused =
        raw.ask(&format!("{POST}Expect: 100-continue\r\nContent-Length: 9999999\r\n\r\n")).await;
    assert_eq!(refused.status, 413);
}

#[tokio::test]
async fn d_12_heads_that_never_end() {
    let house = House::with(|settings| settings.limits.header_timeout = Span::seconds(1)).await;
    for beginning in ["", "G", "GET /donate HTTP/1.1\r\nHost: @HOST@\r\nX: "] {
        let mut raw = Raw::open(&house).await;
        raw.send(beginning).await;
        assert!(raw.closed().await.is_empty(), "{beginning}");
    }
}

/// A body may take a second to begin, and a second for each 500 bytes.
#[tokio::test]
async fn d_13_bodies_that_trickle() {
    let house = House::new().await;
    let head = format!("{POST}Content-Length: 1000\r\n\r\nclient_token=");
    let mut silent = Raw::open(&house).await;
    let answer = silent.ask(&head).await;
    assert_eq!(answer.status, 408);
    assert!(answer.head.contains("\r\nconnection: close\r\n"), "{}", answer.head);
    assert!(silent.closed().await.is_empty());
    let mut slow = Raw::open(&house).await;
    slow.send(&head).await;
    let (mut ticks, mut answer) = (0, None);
    while answer.is_none() {
        assert!(ticks < 600, "still read after a minute");
        slow.send("a").await;
        ticks += 1;
        answer = slow.answer_within(Duration::from_millis(100)).await;
    }
    assert_eq!(answer.unwrap().status, 408);
}

#[tokio::test]
async fn d_13_bodies_that_trickle_over_http_2() {
    let house = House::new().await;
    // The end of the body would come with its trailers, which never come.
    let body =
        Full::new(Bytes::from_static(b"client_token=")).with_trailers(std::future::pending());
    let request = house.client.post(house.url("/donate")).header(FORM.0, FORM.1);
    let answer = Answer::of(request.body(reqwest::Body::wrap(body)).send().await.unwrap()).await;
    assert_eq!(answer.refusal(), (408, "timeout".into()));
}

/// Only one connection is let in at a time here, so that the next one tells when the first is gone.
#[tokio::test]
async fn d_14_answers_that_nobody_reads() {
    let house = House::with(|settings| {
        settings.limits.write_timeout = Span::seconds(1);
        settings.limits.connections_per_address = 1;
        settings.limits.requests_per_connection = 100_000;
    })
    .await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut deaf = Raw::over(&house, &house.origin, socket).await.unwrap();
    deaf.send(&"GET /donate HTTP/1.1\r\nHost: @HOST@\r\n\r\n".repeat(1000)).await;
    let mut tries = 0;
    let mut next = loop {
        assert!(tries < 600, "never let in");
        tries += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
        if let Ok(raw) = Raw::over(&house, &house.origin, TcpSocket::new_v4().unwrap()).await {
            break raw;
        }
    };
    assert_eq!(next.ask("GET /donate HTTP/1.1\r\nHost: @HOST@\r\n\r\n").await.status, 200);
    let heard = deaf.closed().await;
    let answers = heard.windows(9).filter(|part| part == b"HTTP/1.1 ").count();
    assert!(answers < 1000, "all were answered to nobody");
}

#[tokio::test]
async fn d_20_nothing_is_said_in_the_clear() {
    let house = House::new().await;
    for origin in [&house.origin, &house.operations] {
        let mut plain = TcpStream::connect(format!("127.0.0.1:{}", port(origin))).await.unwrap();
        plain.write_all(b"GET /donate HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut said = Vec::new();
        // A reset is a close as well.
        drop(plain.read_to_end(&mut said).await);
        let alert_or_nothing = said.first().is_none_or(|kind| *kind == 21);
        assert!(alert_or_nothing && said.len() < 16, "{said:?}");
    }
}
