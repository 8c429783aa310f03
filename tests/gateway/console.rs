//! The console's door (gateway.md, section 3): who is let in, for how long, and what every answer carries.

use super::answer::hidden;
use super::evidence::{log, logged};
use super::house::{House, client};
use super::operator::{PASSWORD, by_password};
use super::visitor::{FORM, OWN_PAGE};
use almoner::config::{Checked, ConsoleEntry, Span};
use std::collections::BTreeSet;

const HEADERS: [(&str, &str); 7] = [
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
    ("x-frame-options", "DENY"),
];
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[tokio::test]
async fn there_is_no_console_unless_somebody_sets_it_up() {
    let house = House::new().await;
    for path in ["/console", "/console/log-in", "/console/style.css"] {
        assert_eq!(house.look(path, &[]).await.status, 404, "{path}");
    }
    let house = House::with_console().await;
    for path in ["/console", "/console/log-in", "/console/style.css"] {
        assert_eq!(house.get(path).await.status, 404, "{path} on the public listener");
    }
}

#[tokio::test]
async fn who_knows_the_password_is_inside_until_they_leave() {
    let house = House::with_console().await;
    for cookie in ["", "__Host-console=x", "__Host-given=1.x"] {
        let answer = house.inside("/console", cookie).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/console/log-in"));
        assert_eq!(house.inside("/console/hand-offs?reference=x", cookie).await.status, 303);
    }
    let wrong = house.try_password("a lamp for every boot").await;
    assert_eq!((wrong.status, wrong.header("set-cookie")), (422, ""));
    assert!(wrong.body.contains("That is not the password") && !wrong.body.contains("every boot"));
    let refused = logged("console_refused");
    assert_eq!((&refused["audit"], &refused["origin"]), (&true.into(), &"127.0.0.0/24".into()));
    let answer = house.try_password(PASSWORD).await;
    let (id, rest) = answer.header("set-cookie").split_once("; ").unwrap();
    assert_eq!(rest, "HttpOnly; SameSite=Strict; Secure; Path=/");
    assert!(id.starts_with("__Host-console=") && id.len() == 15 + 43, "{id}");
    assert_eq!(logged("\"by\":\"password\"")["event"], "console_entered");
    let page = house.inside("/console", id).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(!page.body.contains("<script") && !page.body.contains("style="));
    let token = hidden(&page.body, "token");
    let leave = async |token: &str| {
        let headers = [FORM, OWN_PAGE, ("cookie", id)];
        house.send("/console/log-out", &headers, &[("token", token)]).await
    };
    for wrong in ["", "00", &token.replace(['1', '2', '3'], "4")] {
        assert_eq!(leave(wrong).await.status, 403, "{wrong}");
    }
    assert_eq!(house.inside("/console", id).await.status, 200);
    let left = leave(&token).await;
    assert_eq!((left.status, left.header("location")), (303, "/console/log-in"));
    assert!(left.header("set-cookie").starts_with("__Host-console=; "), "{:?}", left.headers);
    assert!(left.header("set-cookie").contains("Max-Age=0"), "{:?}", left.headers);
    assert_eq!(house.inside("/console", id).await.status, 303, "the id is worth nothing any more");
    assert_eq!(logged("console_left")["audit"], true);
    let value = id.split_once('=').unwrap().1;
    assert!(!log().contains(value) && !log().contains(PASSWORD), "no secret is in the log");
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let house = House::with(|settings| {
        by_password(settings);
        settings.console.idle = Span::seconds(600);
        settings.console.longest = Span::seconds(1500);
    })
    .await;
    let cookie = house.enter().await;
    house.later(601);
    assert_eq!(house.inside("/console", &cookie).await.status, 303, "idle");
    let cookie = house.enter().await;
    for _ in 0..2 {
        house.later(599);
        assert_eq!(house.inside("/console", &cookie).await.status, 200);
    }
    house.later(400);
    assert_eq!(house.inside("/console", &cookie).await.status, 303, "however busy");
    let restarted = house.restarted().await;
    assert_eq!(restarted.inside("/console", &cookie).await.status, 303);
}

#[tokio::test]
async fn g_1_passwords_are_tried_five_times_a_minute() {
    let house = House::with_console().await;
    let token = house.ticket().await;
    let attempt = async |password: &str| {
        let fields = [("token", token.as_str()), ("password", password)];
        house.send("/console/log-in", &[FORM, OWN_PAGE], &fields).await
    };
    for _ in 0..5 {
        assert_eq!(attempt("a lamp for every bead").await.status, 422);
    }
    let refused = attempt(PASSWORD).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
    assert_eq!(refused.header("set-cookie"), "", "the right one not either");
    house.later(61);
    assert_eq!(attempt(PASSWORD).await.status, 303);
}

#[tokio::test]
async fn f_1_no_other_sites_page_logs_anybody_in_or_out() {
    let house = House::with_console().await;
    let token = house.ticket().await;
    let fields = [("token", token.as_str()), ("password", PASSWORD)];
    for headers in [
        &[FORM, ("sec-fetch-site", "cross-site")][..],
        &[FORM, ("sec-fetch-site", "same-site")],
        // A listed origin may post gifts, and nothing here.
        &[FORM, ("sec-fetch-site", "cross-site"), ("origin", "https://www.charity.test")],
        &[FORM, ("origin", "https://www.charity.test")],
    ] {
        let answer = house.send("/console/log-in", headers, &fields).await;
        assert_eq!((answer.status, answer.header("set-cookie")), (403, ""), "{headers:?}");
    }
    let forged = [("token", "0.00"), ("password", PASSWORD)];
    assert_eq!(house.send("/console/log-in", &[FORM, OWN_PAGE], &forged).await.status, 422);
    for (fields, status) in [
        (&[("token", token.as_str())][..], 422),
        (&[("token", token.as_str()), ("password", "x"), ("next", "/")], 400),
        (&[("token", token.as_str()), ("token", token.as_str())], 400),
    ] {
        let answer = house.send("/console/log-in", &[FORM, OWN_PAGE], fields).await;
        assert_eq!((answer.status, answer.header("set-cookie")), (status, ""), "{fields:?}");
    }
    house.later(3601);
    let late = house.send("/console/log-in", &[FORM, OWN_PAGE], &fields).await;
    assert_eq!(late.status, 422);
    assert!(late.body.contains("open for too long"), "{}", late.body);
}

#[tokio::test]
async fn f_1_other_sites_lead_here_and_take_nothing_of_it() {
    let house = House::with_console().await;
    let cookie = house.enter().await;
    for (site, mode, dest, status) in [
        ("cross-site", "navigate", "document", 200),
        ("same-site", "navigate", "document", 200),
        ("none", "navigate", "document", 200),
        ("same-origin", "no-cors", "style", 200),
        ("cross-site", "no-cors", "image", 403),
        ("cross-site", "cors", "empty", 403),
        ("cross-site", "no-cors", "document", 403),
        ("cross-site", "navigate", "iframe", 403),
        ("cross-site", "navigate", "", 403),
        ("same-site", "no-cors", "script", 403),
    ] {
        let said = [("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)];
        let headers = [&said[..], &[("cookie", cookie.as_str())]].concat();
        for path in ["/console", "/console/log-in", "/console/style.css"] {
            let answer = house.look(path, &headers).await;
            assert_eq!(answer.status, status, "{path} {said:?}");
        }
    }
    assert_eq!(house.inside("/console", &cookie).await.status, 200, "a browser that says nothing");
    let headers = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors")];
    assert_eq!(house.look("/healthz", &headers).await.status, 200, "no page of the console");
}

#[tokio::test]
async fn b_h1_every_answer_of_the_console_carries_the_headers() {
    let house = House::with_console().await;
    let cookie = house.enter().await;
    let first = client(&house.authority).http1_only().build().unwrap();
    let second = client(&house.authority).http2_prior_knowledge().build().unwrap();
    let mut seen = BTreeSet::new();
    for client in [first, second] {
        for (method, path, cookie, body) in [
            ("GET", "/console", "", ""),
            ("GET", "/console", &*cookie, ""),
            ("POST", "/console", &cookie, ""),
            ("PUT", "/console", &cookie, ""),
            ("GET", "/console/nowhere", &cookie, ""),
            ("GET", "/console/style.css", "", ""),
            ("GET", "/console/log-in", "", ""),
            ("POST", "/console/log-in", "", "token=x&password=x"),
            ("POST", "/console/log-in", "", "x=y"),
            ("GET", "/console/hand-offs?reference=x", &cookie, ""),
            ("GET", "/console/hand-offs/%FF", &cookie, ""),
            ("GET", "/console/hand-offs?reference=01KBZ3M8V47000000000000000", &cookie, ""),
        ] {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let url = format!("{}{path}", house.operations);
            let request = client.request(method, url).header("cookie", cookie);
            let request = request.header(FORM.0, FORM.1).header(OWN_PAGE.0, OWN_PAGE.1);
            let answer = request.body(body.to_owned()).send().await.unwrap();
            let (status, headers) = (answer.status().as_u16(), answer.headers());
            let value = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
            for (name, expected) in HEADERS {
                assert_eq!(value(name), expected, "{name}: {path} ({status})");
            }
            assert_eq!(value("content-security-policy"), POLICY, "{path} ({status})");
            assert!(["no-referrer", "same-origin"].contains(&value("referrer-policy")), "{path}");
            assert!(headers.get("set-cookie").is_none(), "{path} ({status})");
            seen.insert(status);
        }
    }
    assert_eq!(seen, BTreeSet::from([200, 303, 400, 404, 405, 422]));
}

#[tokio::test]
async fn a_certificate_is_enough_where_it_is_what_is_asked_for() {
    let house = House::with(|settings| {
        let authority = settings.processor.ca_file.clone();
        settings.operations.client_ca_file = authority;
        settings.console.entry = Checked(ConsoleEntry::Certificate);
    })
    .await;
    let url = format!("{}/console", house.operations);
    assert!(house.client.get(&url).send().await.is_err(), "the listener demands one");
    let file = house.settings.public.certificate_file.as_ref().unwrap();
    let folder = file.parent().unwrap();
    let [certificate, key] =
        ["client.pem", "client-key.pem"].map(|name| std::fs::read(folder.join(name)).unwrap());
    let identity = reqwest::Identity::from_pem(&[certificate, key].concat()).unwrap();
    let operator = client(&house.authority).identity(identity).build().unwrap();
    for _ in 0..2 {
        let answer = operator.get(&url).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(answer.headers().get("set-cookie").is_none(), "nothing is remembered by a browser");
        let page = answer.text().await.unwrap();
        assert!(!page.contains("Log out") && page.contains("How things stand"));
    }
    for (mode, dest, status) in [("navigate", "document", 200), ("no-cors", "image", 403)] {
        let request = operator.get(&url).header("sec-fetch-site", "cross-site");
        let request = request.header("sec-fetch-mode", mode).header("sec-fetch-dest", dest);
        assert_eq!(request.send().await.unwrap().status(), status, "{mode} {dest}");
    }
    let entered = logged("\"by\":\"certificate\"");
    let hash = entered["sha256"].as_str().unwrap().to_owned();
    assert_eq!((entered["audit"].as_bool(), hash.len()), (Some(true), 64));
    assert_eq!(log().matches(&hash).count(), 1, "said once in a while");
    let log_in = operator.get(format!("{url}/log-in")).send().await.unwrap();
    assert_eq!(log_in.status(), 404, "there is no password to type");
}
