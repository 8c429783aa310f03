//! Rows B-H1 and B-H2: what every answer carries, whatever was asked, over both protocols.

use super::answer::Answer;
use super::house::{House, client};
use super::paying::GOOD_CARD;
use super::raw::Raw;
use super::samples::{encoded, fresh, gift, request};
use super::visitor::{API_KEY, FORM, JSON, OWN_PAGE, READ_KEY, handed};
use almoner::mock_rsm::{CallFault, Fault};
use reqwest::header::HeaderMap;

/// Security.md, 1.5, the content security policy apart.
const HEADERS: [(&str, &str); 6] = [
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

fn check(what: &str, status: u16, headers: &HeaderMap) {
    let value = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
    for (name, expected) in HEADERS {
        assert_eq!(value(name), expected, "{name}: {what} ({status})");
        assert!(headers.get_all(name).iter().count() <= 1, "{name}: {what}");
    }
    // Pages are in the language that the browser asks for, and nothing else is.
    let is_page = value("content-type").starts_with("text/html");
    assert_eq!(value("vary"), if is_page { "accept-language" } else { "" }, "{what} ({status})");
    assert_eq!(value("content-language"), if is_page { "en-GB" } else { "" }, "{what} ({status})");
    let policy = value("content-security-policy");
    for part in [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action ",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{part}: {what}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{what}: {policy}");
    assert!(["no-referrer", "same-origin"].contains(&value("referrer-policy")), "{what}");
    let asset = what.starts_with("/assets/") && status == 200;
    assert_eq!(
        value("cache-control"),
        if asset { "public, max-age=300" } else { "no-store" },
        "{what}"
    );
    for name in ["server", "x-powered-by", "access-control-allow-origin", "alt-svc"] {
        assert!(headers.get(name).is_none(), "{name}: {what}");
    }
    // The one cookie there is follows a hand-off and nothing else (tests/gateway/given.rs).
    let handed_over = what == "/donate POST" && status == 200;
    assert_eq!(headers.contains_key("set-cookie"), handed_over, "{what} ({status})");
    assert!(value("set-cookie").is_empty() || value("set-cookie").starts_with("__Host-given="));
}

/// A method, a path, headers and a body.
type Asked<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>, &'a str);

/// Every route in every mood that can be provoked from outside: what, and its answer.
async fn moods(house: &House, client: &reqwest::Client) -> Vec<(String, u16, HeaderMap)> {
    let handed_off = handed(&house.donate(&[]).await);
    let back = &handed_off.1.iter().find(|(name, _)| name == "return_url").unwrap().1;
    let back = back.strip_prefix(&house.origin).unwrap();
    let own = handed_off.0.to_string();
    let (bearer, reader) = (format!("Bearer {API_KEY}"), format!("Bearer {READ_KEY}"));
    let (bearer, reader) = (("authorization", bearer.as_str()), ("authorization", reader.as_str()));
    let key = fresh();
    let key = ("idempotency-key", key.as_str());
    let long = format!("/donate?{}", "a".repeat(3000));
    let show = format!("/v1/handoffs/{own}");
    let (token, joining) = (house.token("/donate").await, house.token("/join").await);
    let form = encoded(&gift(&token));
    let json = request().to_string();
    let huge = "a".repeat(70_000);
    let cross = ("sec-fetch-site", "cross-site");
    let asked: [Asked<'_>; 33] = [
        ("GET", "/donate", vec![], ""),
        ("GET", "/join", vec![], ""),
        ("GET", back, vec![], ""),
        ("POST", back, vec![], ""),
        ("GET", "/return/x", vec![], ""),
        ("GET", "/assets/style.css", vec![], ""),
        ("GET", "/assets/logo", vec![], ""),
        ("GET", "/nowhere", vec![], ""),
        ("GET", &long, vec![], ""),
        ("PUT", "/donate", vec![], ""),
        ("GET", "/webhooks/signed", vec![], ""),
        ("GET", "/v1/handoffs", vec![], ""),
        ("POST", "/donate", vec![FORM, OWN_PAGE], &form),
        ("POST", "/donate", vec![FORM, OWN_PAGE], "amount=1"),
        ("POST", "/donate", vec![FORM, OWN_PAGE], "amount=1&amount=2"),
        ("POST", "/donate", vec![FORM, OWN_PAGE], &huge),
        ("POST", "/donate", vec![FORM, cross], &form),
        ("POST", "/donate", vec![JSON, OWN_PAGE], &json),
        ("POST", "/donate", vec![FORM, OWN_PAGE, ("expect", "x")], ""),
        ("POST", "/join", vec![FORM, OWN_PAGE], &joining),
        ("POST", "/webhooks/signed", vec![JSON], "{}"),
        ("POST", "/webhooks/signed", vec![FORM], "x"),
        ("POST", "/webhooks/signed", vec![JSON], &huge),
        ("POST", "/v1/handoffs", vec![JSON], &json),
        ("POST", "/v1/handoffs", vec![JSON, reader], &json),
        ("POST", "/v1/handoffs", vec![JSON, bearer], &json),
        ("POST", "/v1/handoffs", vec![JSON, bearer, key], &json),
        ("POST", "/v1/handoffs", vec![JSON, bearer, key], "{}"),
        ("GET", &show, vec![bearer], ""),
        ("GET", &show, vec![], ""),
        ("GET", "/v1/handoffs/x", vec![bearer], ""),
        ("GET", "/donate", vec![("host", "evil.example")], ""),
        ("OPTIONS", "/donate", vec![("access-control-request-method", "POST")], ""),
    ];
    let mut answers = Vec::new();
    for (method, path, headers, body) in asked {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = client.request(method.clone(), house.url(path)).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = Answer::of(request.send().await.unwrap()).await;
        answers.push((format!("{path} {method}"), answer.status, answer.headers));
    }
    answers
}

#[tokio::test]
async fn b_h1_every_answer_carries_the_same_headers_over_both_protocols() {
    let house = House::new().await;
    let first = client(&house.authority).http1_only().build().unwrap();
    let second = client(&house.authority).http2_prior_knowledge().build().unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for client in [first, second] {
        for (what, status, headers) in moods(&house, &client).await {
            check(&what, status, &headers);
            seen.insert(status);
        }
    }
    let expected = [200, 201, 303, 400, 401, 403, 404, 405, 413, 414, 415, 417, 421, 422];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn b_h1_too_often_too_slow_and_unavailable() {
    let house = House::with(|settings| settings.limits.forms_per_day = 1).await;
    assert_eq!(house.donate(&[]).await.status, 200);
    let too_often = house.donate(&[]).await;
    assert_eq!((too_often.status, too_often.header("retry-after")), (429, "60"));
    check("/donate", 429, &too_often.headers);
    let head = "POST /donate HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: 9\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n";
    let too_slow = Raw::open(&house).await.ask(head).await;
    assert_eq!(too_slow.status, 408);
    check_raw("/donate", 408, &too_slow.head);
}

/// Also where the listener itself refuses, before the router is asked; what is larger still the server library
/// refuses by itself.
#[tokio::test]
async fn b_h1_d_7_heads_that_are_too_large() {
    let house = House::with(|settings| settings.limits.header_bytes = 8192).await;
    let first = client(&house.authority).http1_only().build().unwrap();
    let second = client(&house.authority).http2_prior_knowledge().build().unwrap();
    let long = "a".repeat(9000);
    for client in [first, second] {
        for (many, length) in [(80, 1), (1, 9000)] {
            let mut request = client.get(house.url("/donate"));
            for number in 0..many {
                request = request.header(format!("x-{number}"), &long[..length]);
            }
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 431, "{many} of {length}");
            check("/donate", 431, answer.headers());
        }
    }
}

/// A payment that is put off, and a form that is asked about first.
#[tokio::test]
async fn b_h1_put_off_and_asked_again() {
    let house = House::by_api_with(|settings| settings.limits.breaker_failures = 1).await;
    house.mock.faults().script(Fault::Call(CallFault::Status(502)), 1);
    let doubtful = house.pay_with(GOOD_CARD).await;
    let put_off = house.pay_with(GOOD_CARD).await;
    check("/donate", put_off.status, &put_off.headers);
    let refused = house.charge(GOOD_CARD, &fresh()).await;
    check("/v1/handoffs", refused.status, &refused.headers);
    assert_eq!((put_off.status, refused.status), (503, 503));
    let remembered = doubtful.header("set-cookie").split(';').next().unwrap().to_owned();
    let body = encoded(&gift(&house.token("/donate").await));
    let headers = [FORM, OWN_PAGE, ("cookie", remembered.as_str())];
    let asked = house.post("/donate", &headers, body).await;
    assert_eq!(asked.status, 409);
    check("/donate", 409, &asked.headers);
}

/// The same of a head read raw, where all is in lower case.
fn check_raw(what: &str, status: u16, head: &str) {
    for (name, expected) in HEADERS.iter().filter(|(_, expected)| !expected.is_empty()) {
        let line = format!("\r\n{name}: {}\r\n", expected.to_lowercase());
        assert!(head.contains(&line), "{name}: {what} ({status}): {head}");
    }
}

#[tokio::test]
async fn b_h1_operators_answers_carry_them_too() {
    let house = House::new().await;
    for path in ["/healthz", "/readyz", "/metrics", "/nowhere"] {
        let answer = house.operations(path).await;
        check(path, answer.status, &answer.headers);
    }
}

/// The one page with a script lets that script run and no other, and leads to the processor alone.
#[tokio::test]
async fn b_h2_b_h3_the_page_that_hands_over() {
    let house = House::new().await;
    let page = house.donate(&[]).await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains(&format!("form-action {};", house.mock.origin())), "{policy}");
    let script = page.body.split("<script>").nth(1).unwrap().split("</script>").next().unwrap();
    let digest = <sha2::Sha256 as sha2::Digest>::digest(script);
    let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, digest);
    assert!(policy.contains(&format!("script-src 'sha256-{hash}'")), "{policy}");
    assert_eq!(page.body.matches("<script").count(), 1);
    let form = page.body.split("<form ").nth(1).unwrap();
    assert!(
        form.starts_with(&format!("method=\"post\" action=\"{}/handoff\"", house.mock.origin())),
        "{form}"
    );
    assert!(
        form.contains("<button") && form.contains("type=\"submit\""),
        "it works without scripts"
    );
    for path in ["/donate", "/join", "/nowhere"] {
        let other = house.get(path).await;
        assert!(!other.body.contains("<script"), "{path}");
        assert!(!other.header("content-security-policy").contains("script-src"), "{path}");
        assert!(other.header("content-security-policy").contains("form-action 'self';"), "{path}");
    }
}

/// Nothing on a page comes from elsewhere, and nothing is done by inline handlers or styles.
#[tokio::test]
async fn p_7_pages_are_whole_in_themselves() {
    let house = House::new().await;
    for page in [
        house.get("/donate").await,
        house.get("/join").await,
        house.donate(&[]).await,
        house.get("/x").await,
    ] {
        for foreign in [
            "src=\"http",
            "url(",
            " style=\"",
            " onclick",
            " onload",
            "javascript:",
            "<iframe",
            "<object",
        ] {
            assert!(!page.body.contains(foreign), "{foreign}");
        }
        assert!(page.body.contains("<link rel=\"stylesheet\" href=\"/assets/style.css\">"));
    }
}
