//! Table F, rows 10 and 13 to 17: what strangers could make us open, log, count, share or show.

use super::evidence::log;
use super::house::House;
use super::raw::{Raw, exchange, statuses};
use super::samples::{gift, with_changes};
use super::visitor::API_KEY;

/// Sends what a forger of log lines would, raw, so that no client of ours logs any of it.
#[tokio::test]
async fn f_13_f_14_nothing_of_a_request_is_logged() {
    let house = House::new().await;
    let mark = "5105105105105100";
    let forged = "\\u001b[31m{\\\"level\\\":\\\"ERROR\\\"}";
    let mut raw = Raw::open(&house).await;
    for head in [
        format!("GET /donate?{mark} HTTP/1.1\r\n"),
        format!("GET /{mark} HTTP/1.1\r\n"),
        format!("GET /return/{mark}{forged} HTTP/1.1\r\n"),
        format!("GET /v1/handoffs/{mark} HTTP/1.1\r\n"),
        format!("X{mark} /donate HTTP/1.1\r\n"),
        format!("GET /donate HTTP/1.1\r\nUser-Agent: {mark}\u{2028}\u{202e}{forged}\r\n"),
        format!(
            "GET /donate HTTP/1.1\r\nReferer: https://{mark}.example/\r\nCookie: pan={mark}\r\n"
        ),
        format!("GET /donate HTTP/1.1\r\nX-{mark}: {mark}\r\nAuthorization: Bearer {mark}\r\n"),
        format!("GET /v1/handoffs/x HTTP/1.1\r\nAuthorization: Bearer {mark}\r\n"),
        format!(
            "POST /webhooks/signed HTTP/1.1\r\nContent-Type: application/json\r\nwebhook-id: {mark}\r\nContent-Length: 0\r\n"
        ),
        format!(
            "POST /v1/handoffs HTTP/1.1\r\nContent-Type: {mark}\r\nIdempotency-Key: {mark}{mark}\r\nAuthorization: Bearer {API_KEY}\r\nContent-Length: 0\r\n"
        ),
    ] {
        let answer = raw.ask(&format!("{head}Host: @HOST@\r\n\r\n")).await;
        assert!(answer.status < 500 && !answer.body.contains(mark), "{head}: {answer:?}");
    }
    for broken in [
        format!("{mark}\r\n\r\n"),
        format!("GET /{mark} HTTP/9\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {mark}\r\n\r\n"),
    ] {
        assert!(
            statuses(&exchange(&house, &broken).await)
                .iter()
                .all(|status| [400, 421].contains(status))
        );
    }
    let fields = with_changes(&gift(&house.token("/donate").await), &[("appeal", mark)]);
    assert_eq!(house.post_form("/donate", &fields).await.wrong_fields(), ["appeal"]);
    let log = log();
    assert!(!log.contains(mark), "{:?}", log.lines().find(|line| line.contains(mark)));
    for line in log.lines() {
        assert!(serde_json::from_str::<serde_json::Map<_, _>>(line).is_ok(), "{line}");
    }
}

#[tokio::test]
async fn f_15_labels_come_from_fixed_sets() {
    let house = House::new().await;
    let mut raw = Raw::open(&house).await;
    for number in 0..30 {
        for head in [
            format!("GET /nowhere/{number} HTTP/1.1\r\nHost: @HOST@\r\n\r\n"),
            format!("GET /return/{number} HTTP/1.1\r\nHost: @HOST@\r\n\r\n"),
            format!("M{number} /donate HTTP/1.1\r\nHost: @HOST@\r\n\r\n"),
        ] {
            raw.ask(&head).await;
        }
    }
    let metrics = house.operations("/metrics").await;
    let series =
        metrics.body.lines().filter(|line| line.starts_with("almoner_http_requests_total{"));
    let series: Vec<_> = series.collect();
    assert_eq!(series.len(), 3, "{series:?}");
    assert!(series.iter().all(|line| line.ends_with("} 30")), "{series:?}");
    for label in ["route=\"none\"", "route=\"/return/{token}\"", "method=\"other\""] {
        assert!(metrics.body.contains(label), "{label}");
    }
}

#[tokio::test]
async fn f_16_no_other_sites_script_reads_or_asks() {
    let house = House::new().await;
    for origin in ["https://evil.example", "null", "https://www.charity.test"] {
        for path in [
            "/donate",
            "/return/x",
            "/v1/handoffs",
            "/v1/handoffs/x",
            "/webhooks/signed",
            "/nowhere",
        ] {
            let asked = house
                .client
                .request(reqwest::Method::OPTIONS, house.url(path))
                .header("origin", origin);
            let asked = asked.header("access-control-request-method", "POST").send().await.unwrap();
            assert_eq!(asked.status(), 403, "{path}");
            let read =
                house.client.get(house.url(path)).header("origin", origin).send().await.unwrap();
            for answer in [asked, read] {
                let shared = answer
                    .headers()
                    .keys()
                    .find(|name| name.as_str().starts_with("access-control-"));
                assert_eq!(shared, None, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn f_17_what_operators_see_is_not_public() {
    let house = House::new().await;
    for path in [
        "/metrics",
        "/healthz",
        "/readyz",
        "/console",
        "/.git/config",
        "/.env",
        "/debug/pprof",
        "/server-status",
        "/openapi.yaml",
        "/admin",
    ] {
        assert_eq!(house.get(path).await.refusal(), (404, "not_found".into()), "{path}");
    }
    for path in ["/donate", "/v1/handoffs/x", "/webhooks/signed", "/return/x"] {
        assert_eq!(house.operations(path).await.status, 404, "{path}");
    }
}

/// Nothing that is asked for is the name of a file: no path leads out of what is served.
#[tokio::test]
async fn f_10_no_path_leads_to_a_file() {
    let house = House::new().await;
    let mut raw = Raw::open(&house).await;
    for path in [
        "/assets/../../etc/passwd",
        "/assets/..%2f..%2fetc%2fpasswd",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets//etc/passwd",
        "/assets/style.css/../../Cargo.toml",
        "/assets/style.css%00.png",
        "/assets/..\\..\\windows\\win.ini",
        "/assets/C:%5Cwindows%5Cwin.ini",
        "/assets/CON",
        "/return/..%2f..%2fledger.db",
        "/v1/handoffs/..%2f..%2f..%2finstall.key",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
    ] {
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: @HOST@\r\nAuthorization: Bearer {API_KEY}\r\n\r\n"
        );
        let answer = raw.ask(&head).await;
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
        assert!(!answer.body.contains("root:"), "{path}");
        if answer.head.contains("connection: close") {
            raw = Raw::open(&house).await;
        }
    }
}
