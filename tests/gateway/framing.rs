//! Table D, rows 1 to 6: whose request it is, where it ends, and what it wants. How the server reads
//! bytes is tried in `tests/edge`; here the whole application answers.

use super::house::House;
use super::raw::{Raw, exchange, statuses};
use super::samples::{encoded, gift};

/// What a smuggled second request would look like.
const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: @HOST@\r\n\r\n";

/// A donation whose framing is this, the body cut into one chunk, something else behind it.
fn chunked(token: &str, framing: &str) -> String {
    let body = encoded(&gift(token));
    let head =
        "POST /donate HTTP/1.1\r\nHost: @HOST@\r\nContent-Type: application/x-www-form-urlencoded";
    format!("{head}\r\n{framing}\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n{SMUGGLED}", body.len())
}

#[tokio::test]
async fn d_1_framings_that_two_readers_could_read_in_two_ways() {
    let house = House::new().await;
    let token = house.token("/donate").await;
    for framing in [
        "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: xchunked",
        "Content-Length: 28, 28",
        "Content-Length: +28",
        "Content-Length: 18446744073709551616",
        "Content-Length: 5\r\nContent-Length: 6",
    ] {
        let answers = exchange(&house, &chunked(&token, framing)).await;
        assert_eq!(statuses(&answers), [400], "{framing}");
    }
    assert_eq!(house.recorded().await, (0, 0));
    let plain = chunked(&token, "Transfer-Encoding: Chunked\r\nConnection: close");
    assert_eq!(statuses(&exchange(&house, &plain).await), [200], "plain chunks are welcome");
}

/// The row wants 400. The server takes the other way of RFC 9112, section 6.3: it drops the length
/// before we see the request, goes by the chunks and closes. Nothing is smuggled.
#[tokio::test]
async fn d_1_a_length_beside_chunks() {
    let house = House::new().await;
    let token = house.token("/donate").await;
    for framing in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
    ] {
        let answers = exchange(&house, &chunked(&token, framing)).await;
        assert_eq!(statuses(&answers), [200], "{framing}");
    }
    assert_eq!(house.recorded().await.0, 1);
}

/// The row wants 400. The server makes one length of two equal ones before we see the request; there
/// is one body and one request, so nothing is smuggled either.
#[tokio::test]
async fn d_2_two_equal_lengths() {
    let house = House::new().await;
    let body = encoded(&gift(&house.token("/donate").await));
    let length = format!("Content-Length: {}\r\n", body.len());
    let request = format!(
        "POST /donate HTTP/1.1\r\nHost: @HOST@\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Connection: close\r\n{length}{length}\r\n{body}{SMUGGLED}"
    );
    assert_eq!(statuses(&exchange(&house, &request).await), [200]);
    assert_eq!(house.recorded().await.0, 1);
}

#[tokio::test]
async fn d_3_broken_heads() {
    let house = House::new().await;
    for head in [
        "GET /donate HTTP/1.1\r\nHost : @HOST@\r\n\r\n",
        "GET /donate HTTP/1.1\r\nHost: @HOST@\r\nX: a\r\n b\r\n\r\n",
        "GET /donate HTTP/1.1\r\nHost: @HOST@\r\nX: a\rb\r\n\r\n",
        "GET /donate HTTP/1.1\r\nHost: @HOST@\r\nX: a\0b\r\n\r\n",
        "GET /donate HTTP/3.0\r\nHost: @HOST@\r\n\r\n",
        "GET /donate\r\n\r\n",
    ] {
        let answers = exchange(&house, &format!("{head}{SMUGGLED}")).await;
        assert_eq!(statuses(&answers), [400], "{head:?}");
    }
}

#[tokio::test]
async fn d_4_bare_line_feeds() {
    let house = House::new().await;
    let body = encoded(&gift(&house.token("/donate").await));
    let head =
        "POST /donate HTTP/1.1\nHost: @HOST@\nContent-Type: application/x-www-form-urlencoded";
    let request =
        format!("{head}\nConnection: close\nContent-Length: {}\n\n{body}{SMUGGLED}", body.len());
    assert_eq!(statuses(&exchange(&house, &request).await), [200]);
    assert_eq!(house.recorded().await.0, 1);
}

#[tokio::test]
async fn d_5_hosts_that_are_not_ours() {
    let house = House::with(|settings| settings.public.extra_hosts.clear()).await;
    let host = house.host();
    let port = host.strip_prefix("localhost:").unwrap();
    for (head, status) in [
        ("GET /donate HTTP/1.1\r\n".to_owned(), 400),
        ("GET /donate HTTP/1.0\r\n".to_owned(), 400),
        ("GET /donate HTTP/1.1\r\nHost: @HOST@\r\nHost: @HOST@\r\n".to_owned(), 400),
        ("GET /donate HTTP/1.1\r\nHost: @HOST@\r\nHost: evil.example\r\n".to_owned(), 400),
        ("GET /donate HTTP/1.1\r\nHost: evil.example\r\n".to_owned(), 421),
        ("GET /donate HTTP/1.1\r\nHost: localhost\r\n".to_owned(), 421),
        ("GET /donate HTTP/1.1\r\nHost: \r\n".to_owned(), 421),
        ("GET /donate HTTP/1.1\r\nHost: @HOST@@evil.example\r\n".to_owned(), 421),
        (format!("GET /donate HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"), 421),
        (format!("GET /donate HTTP/1.1\r\nHost: [::1]:{port}\r\n"), 421),
        ("GET https://evil.example/donate HTTP/1.1\r\nHost: @HOST@\r\n".to_owned(), 421),
        ("GET https://evil.example/donate HTTP/1.1\r\nHost: evil.example\r\n".to_owned(), 421),
        ("GET https://@HOST@/donate HTTP/1.1\r\nHost: evil.example\r\n".to_owned(), 421),
        ("GET https://@HOST@/donate HTTP/1.1\r\nHost: @HOST@\r\n".to_owned(), 200),
        ("GET /donate HTTP/1.1\r\nHost: LOCALHOST:@PORT@\r\n".replace("@PORT@", port), 200),
        ("GET /v1/handoffs/x HTTP/1.1\r\nHost: evil.example\r\n".to_owned(), 421),
        (
            "POST /webhooks/signed HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n"
                .to_owned(),
            421,
        ),
    ] {
        let answers = exchange(&house, &format!("{head}Connection: close\r\n\r\n")).await;
        assert_eq!(statuses(&answers), [status], "{head:?}");
        assert!(!answers[0].body.contains("evil") && !answers[0].head.contains("evil"), "{head:?}");
    }
}

#[tokio::test]
async fn d_5_hosts_over_http_2() {
    let house = House::new().await;
    let other = house.client.get(house.url("/donate")).header("host", "evil.example").send();
    assert_eq!(other.await.unwrap().status(), 421);
    let same = house.client.get(house.url("/donate")).header("host", house.host()).send();
    assert_eq!(same.await.unwrap().status(), 200);
}

#[tokio::test]
async fn d_6_methods_that_are_not_offered() {
    let house = House::new().await;
    let mut raw = Raw::open(&house).await;
    for (path, allowed) in [
        ("/donate", "get,head,post"),
        ("/join", "get,head,post"),
        ("/return/x", "get,head,post"),
        ("/webhooks/signed", "post"),
        ("/v1/handoffs", "post"),
        ("/v1/handoffs/x", "get,head"),
        ("/assets/style.css", "get,head"),
    ] {
        let refused: &[&str] = match allowed {
            "post" => &["GET", "HEAD", "PUT", "TRACE", "FOO", "DELETE", "PATCH", "OPTIONS"],
            "get,head" => &["POST", "PUT", "TRACE", "FOO", "DELETE", "PATCH", "OPTIONS"],
            _ => &["PUT", "TRACE", "FOO", "DELETE", "PATCH", "OPTIONS"],
        };
        for method in refused.iter().filter(|method| **method != "HEAD") {
            let answer =
                raw.ask(&format!("{method} {path} HTTP/1.1\r\nHost: @HOST@\r\n\r\n")).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert!(
                answer.head.contains(&format!("\r\nallow: {allowed}\r\n")),
                "{method} {path}: {}",
                answer.head
            );
        }
    }
    let tunnel = exchange(&house, "CONNECT @HOST@ HTTP/1.1\r\nHost: @HOST@\r\n\r\n").await;
    assert!(statuses(&tunnel).iter().all(|status| [404, 405].contains(status)), "{tunnel:?}");
}

#[tokio::test]
async fn d_6_a_method_is_the_one_of_the_request_line() {
    let house = House::new().await;
    let mut raw = Raw::open(&house).await;
    for header in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
        let head = format!("Host: @HOST@\r\n{header}: POST\r\n\r\n");
        assert_eq!(raw.ask(&format!("GET /donate HTTP/1.1\r\n{head}")).await.status, 200);
        assert_eq!(raw.ask(&format!("GET /webhooks/signed HTTP/1.1\r\n{head}")).await.status, 405);
    }
    assert_eq!(
        raw.ask("GET /donate?_method=POST HTTP/1.1\r\nHost: @HOST@\r\n\r\n").await.status,
        200
    );
}
