//! `almoner serve`: start, signals, draining, a second process, and what the record says.

use super::place::{GIFT, Place, run, said, signal};

#[tokio::test]
async fn it_serves_records_and_drains() {
    let place = Place::new();
    let mut service = place.serve();
    place.answers().await;
    let request = place
        .client()
        .post(place.url("/v1/handoffs"))
        .bearer_auth(&place.api_key)
        .header("idempotency-key", "serve-0000000001");
    let answer =
        request.header("content-type", "application/json").body(GIFT).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let answer: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let reference = answer["reference"].as_str().unwrap().to_owned();

    let second = run(&["serve", "--config", &place.config()]);
    assert_eq!(second.status.code(), Some(1), "the port and the ledger are taken");

    let listed = run(&["outcomes", "list", "--config", &place.config(), "--json"]);
    let line: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(
        (line["reference"].as_str(), line["state"].as_str()),
        (Some(&*reference), Some("handed_off"))
    );
    let shown = said(&run(&["outcomes", "show", &reference, "--config", &place.config()]));
    assert!(shown.contains("opened") && shown.contains("25") && !shown.contains("Pat"), "{shown}");
    let table =
        said(&run(&["outcomes", "list", "--config", &place.config(), "--state", "handed_off"]));
    assert!(table.contains(&reference), "{table}");
    let none = said(&run(&["outcomes", "list", "--config", &place.config(), "--attention"]));
    assert!(!none.contains(&reference), "{none}");
    let verified = run(&["ledger", "verify", "--config", &place.config(), "--json"]);
    let verified: serde_json::Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(
        (verified["whole"].as_bool(), verified["hand_offs"].as_i64()),
        (Some(true), Some(1))
    );

    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    let log = std::fs::read_to_string(place.file("log")).unwrap();
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
    assert!(log.contains("\"started\"") && log.contains("\"stopped\""), "{log}");
}

#[tokio::test]
async fn t_4_sighup_serves_a_new_certificate() {
    let place = Place::new();
    let mut service = place.serve();
    place.answers().await;
    let old = place.client();
    let fresh = place.file("fresh").display().to_string();
    assert!(run(&["dev-certs", "--out", &fresh]).status.success());
    for name in ["server.pem", "server-key.pem", "authority.pem"] {
        std::fs::copy(place.file("fresh").join(name), place.file("dev/tls").join(name)).unwrap();
    }
    signal(&service, "HUP");
    place.answers().await;
    drop(old);
    assert_eq!(place.client().get(place.url("/donate")).send().await.unwrap().status(), 200);
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn d_20_plain_http_is_closed_without_an_http_answer() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let place = Place::new();
    let mut service = place.serve();
    place.answers().await;
    for port in [place.port, place.operations] {
        let mut plain = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        plain.read_to_end(&mut answer).await.ok();
        assert!(!answer.windows(5).any(|window| window == b"HTTP/"), "{answer:?}");
    }
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
}
