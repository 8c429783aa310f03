//! What operators see, and how the service stops.

use super::house::House;
use super::message::Message;
use super::raw::Raw;
use super::samples::{encoded, fresh, gift, request};
use almoner::app::Ended;
use almoner::config::Span;
use rusqlite::Connection;

#[tokio::test]
async fn well_and_ready() {
    let house = House::new().await;
    for (path, said) in [("/healthz", "alive\n"), ("/readyz", "ready\n")] {
        let answer = house.operations(path).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, said));
    }
    let other = house.client.post(format!("{}/readyz", house.operations)).send().await.unwrap();
    assert_eq!(
        (other.status().as_u16(), &other.headers()["allow"]),
        (405, &"GET,HEAD".parse().unwrap())
    );
}

/// The value of one line of the metrics.
async fn count(house: &House, line: &str) -> u64 {
    let metrics = house.operations("/metrics").await;
    assert_eq!(
        metrics.header("content-type"),
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let found = metrics.body.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(' '));
    found.map_or(0, |count| count.parse().unwrap())
}

#[tokio::test]
async fn what_is_counted() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    house.donate(&[]).await;
    house.donate(&[("email", "x")]).await;
    house.tell(&house.statement(reference, "accepted")).await;
    let forged = Message {
        signature: "v1,x".into(),
        ..Message::new(&house, &house.statement(reference, "declined"))
    };
    house.post_message(&forged).await;
    for (line, expected) in [
        ("almoner_hand_offs_total{result=\"handed_off\"}", 2),
        ("almoner_hand_offs_total{result=\"refused\"}", 1),
        ("almoner_webhooks_total{result=\"recorded\"}", 1),
        ("almoner_webhooks_total{result=\"refused\"}", 1),
        (
            "almoner_http_requests_total{method=\"POST\",route=\"/webhooks/signed\",status=\"401\"}",
            1,
        ),
        ("almoner_http_requests_total{method=\"POST\",route=\"/donate\",status=\"422\"}", 1),
        ("almoner_http_requests_total{method=\"GET\",route=\"/nowhere\",status=\"404\"}", 0),
        ("almoner_ready", 1),
    ] {
        assert_eq!(count(&house, line).await, expected, "{line}");
    }
    let ends = count(&house, "almoner_certificate_expiry_timestamp_seconds").await;
    assert!(i64::try_from(ends).unwrap() > house.clock.now().as_second());
}

/// Somebody else holds the ledger's lock: nothing is handed over, nothing is acknowledged, whoever
/// asked may ask again, and all is well once the lock is gone.
#[tokio::test]
async fn fm_20_fm_17_a_ledger_that_takes_no_writes() {
    let house = House::with(|settings| settings.limits.ledger_wait = Span::seconds(1)).await;
    let (reference, _) = house.handed_off().await;
    let token = house.token("/donate").await;
    let before = house.recorded().await;
    let other = Connection::open(house.ledger_file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = house.donate_with(&token, &[]).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "60"));
    assert!(refused.body.contains("nothing was sent this time"));
    let key = fresh();
    assert_eq!(house.create(&request(), &key).await.refusal(), (503, "unavailable".into()));
    let message = Message::new(&house, &house.statement(reference, "accepted"));
    let unheard = house.post_message(&message).await;
    assert_eq!((unheard.status, unheard.body.len() <= 16), (503, true));
    let ready = house.operations("/readyz").await;
    assert_eq!((ready.status, ready.body.as_str()), (503, "the ledger takes no writes\n"));
    assert_eq!(house.operations("/healthz").await.status, 200);
    assert_eq!(house.outcome(reference).await["state"], "handed_off", "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(house.operations("/readyz").await.status, 200);
    assert_eq!(house.donate_with(&token, &[]).await.status, 200);
    assert_eq!(
        house.create(&request(), &key).await.header("idempotent-replay"),
        "",
        "it was not kept"
    );
    assert_eq!(house.post_message(&message).await.status, 200);
    assert_eq!(house.outcome(reference).await["state"], "accepted");
    assert_eq!(house.recorded().await, (before.0 + 2, before.1 + 3));
}

/// A form is half sent when the service is told to stop: it is taken, written and answered.
#[tokio::test]
async fn fm_79_what_was_begun_is_finished() {
    let house = House::new().await;
    let body = encoded(&gift(&house.token("/donate").await));
    let ledger = house.ledger();
    let mut raw = Raw::open(&house).await;
    let head =
        "POST /donate HTTP/1.1\r\nHost: @HOST@\r\nContent-Type: application/x-www-form-urlencoded";
    let (first, rest) = body.split_at(40);
    // The handler asks for the rest of the body, so it is at work when the stop comes.
    raw.send(&format!("{head}\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.len()))
        .await;
    assert_eq!(raw.answer().await.unwrap().status, 100);
    raw.send(first).await;
    let finishing = async {
        tokio::task::yield_now().await;
        let answer = raw.ask(rest).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(raw.closed().await.is_empty(), "and then goodbye");
    };
    let (ended, ()) = tokio::join!(house.stop(), finishing);
    assert_eq!(ended, Ended::Drained);
    assert_eq!(almoner::ledger::Ledger::verify(&*ledger).await.unwrap().hand_offs, 1);
}

/// Who never finishes does not keep the service from stopping.
#[tokio::test]
async fn fm_79_what_never_ends_is_cut_off() {
    let house = House::with(|settings| {
        settings.limits.drain_timeout = Span::seconds(1);
        settings.limits.body_timeout = Span::seconds(600);
        settings.limits.body_bytes_per_second = 1;
    })
    .await;
    let mut raw = Raw::open(&house).await;
    let head =
        "POST /donate HTTP/1.1\r\nHost: @HOST@\r\nContent-Type: application/x-www-form-urlencoded";
    raw.send(&format!("{head}\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n")).await;
    assert_eq!(raw.answer().await.unwrap().status, 100);
    raw.send(&"a".repeat(900)).await;
    assert_eq!(house.stop().await, Ended::CutOff);
    assert!(raw.closed().await.is_empty());
}

/// After the stop nobody is let in any more.
#[tokio::test]
async fn fm_79_the_doors_are_shut() {
    let house = House::new().await;
    let (public, operations) = (house.url("/donate"), format!("{}/readyz", house.operations));
    let client = super::house::client(&house.authority).build().unwrap();
    assert_eq!(client.get(&public).send().await.unwrap().status(), 200);
    assert_eq!(house.stop().await, Ended::Drained);
    for url in [public, operations] {
        assert!(client.get(url).send().await.is_err());
    }
}

/// Whoever spreads the load must see that we are going while we still answer what was begun.
#[tokio::test]
async fn fm_79_not_ready_comes_before_the_end() {
    let house = House::new().await;
    let body = encoded(&gift("x"));
    let mut raw = Raw::open(&house).await;
    let head =
        "POST /donate HTTP/1.1\r\nHost: @HOST@\r\nContent-Type: application/x-www-form-urlencoded";
    raw.send(&format!("{head}\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.len()))
        .await;
    assert_eq!(raw.answer().await.unwrap().status, 100);
    let (client, operations) = (house.client.clone(), house.operations.clone());
    let finishing = async {
        let ready = || async {
            let answer = client.get(format!("{operations}/readyz")).send().await.unwrap();
            answer.status().as_u16()
        };
        while ready().await != 503 {}
        assert_eq!(raw.ask(&body).await.status, 403);
    };
    let (ended, ()) = tokio::join!(house.stop(), finishing);
    assert_eq!(ended, Ended::Drained);
}
