//! Table F: what a browser could be talked into.

use super::answer::hidden_fields;
use super::house::House;
use super::samples::{encoded, request_with};
use super::visitor::{API_KEY, READ_KEY, created, handed};

const LISTED: &str = "https://www.charity.test/thanks?from=almoner";

#[tokio::test]
async fn f_2_f_8_f_9_pages_are_not_framed_leak_no_address_and_keep_their_window() {
    let house = House::new().await;
    let page = house.donate(&[]).await;
    let (_, fields) = handed(&page);
    let back = &fields.iter().find(|(name, _)| name == "return_url").unwrap().1;
    let returned = house.back(back).await;
    for answer in [&house.get("/donate").await, &page, &returned, &house.get("/nowhere").await] {
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert!(!answer.body.contains("http-equiv"), "no page overrides its headers");
    }
    // A form's own address holds nothing; those that hold a reference are told to nobody.
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(returned.header("referrer-policy"), "no-referrer");
}

#[tokio::test]
async fn f_3_f_4_open_redirects() {
    let house = House::new().await;
    let token = house.token("/donate").await;
    for target in [
        "//evil.example",
        "https:evil.example",
        "https:/evil.example",
        "https://www.charity.test@evil.example/",
        "https://evil.example@www.charity.test/",
        "https://www.charity.test.evil.example/",
        "https://www.charity.test:8443/",
        "http://www.charity.test/",
        "javascript:alert(1)",
        "data:text/html,x",
        "/donate",
        "https://www.charity.test\\@evil.example/",
        "https:\\\\www.charity.test/",
        "https://www.charity.test/\tx",
        "\thttps://www.charity.test/",
        "https://www.char\u{430}ity.test/",
        "https://xn--chrity-bva.test/",
        "https://www.charity.test\u{3002}evil.example/",
        "https://evil.example/https://www.charity.test/",
        "https://evil.example?.www.charity.test/",
        "https://evil.example#@www.charity.test/",
        " https://www.charity.test/",
        "x",
    ] {
        let answer = house.donate_with(&token, &[("return_url", target)]).await;
        assert_eq!(answer.refusal(), (400, "bad_return".into()), "{target}");
        let answer = house.try_create(&request_with("/return_url", target.into())).await;
        assert_eq!(answer.refusal(), (400, "bad_return".into()), "{target}");
        assert!(!answer.body.contains("evil") && !answer.body.contains("charity.test"), "{target}");
    }
    assert_eq!(house.recorded().await, (0, 0));
    let (_, fields) = handed(&house.donate_with(&token, &[("return_url", LISTED)]).await);
    assert!(fields.contains(&("return_url".into(), LISTED.into())));
}

/// A host that is written in percent signs is one host to us: the address is written anew.
#[tokio::test]
async fn f_4_addresses_are_written_anew() {
    let house = House::new().await;
    let dressed = "HTTPS".to_lowercase() + "://WWW%2echarity.test:443/a/../b?c=%41";
    let (_, fields) =
        created(&house.try_create(&request_with("/return_url", dressed.into())).await);
    let target = fields.iter().find(|(name, _)| name == "return_url").unwrap();
    assert_eq!(target.1, "https://www.charity.test/b?c=%41");
}

#[tokio::test]
async fn f_5_line_ends_in_addresses() {
    let house = House::new().await;
    let token = house.token("/donate").await;
    for target in [
        "https://www.charity.test/\r\nSet-Cookie: a=b",
        "https://www.charity.test/\n",
        "\rhttps://www.charity.test/",
    ] {
        let answer = house.donate_with(&token, &[("return_url", target)]).await;
        assert_eq!(answer.refusal(), (400, "bad_return".into()), "{target:?}");
        assert!(answer.headers.get("set-cookie").is_none());
    }
    for path in ["/return/%0d%0aSet-Cookie:%20a=b", "/v1/handoffs/%0d%0aX:%20y", "/%0d%0aX:%20y"] {
        let answer = house.post(path, &[], "").await;
        assert!(matches!(answer.status, 404 | 405), "{path}: {}", answer.status);
        assert!(answer.headers.get("set-cookie").is_none() && answer.headers.get("x").is_none());
    }
}

#[tokio::test]
async fn f_6_markup_in_fields_stays_text() {
    let house = House::new().await;
    for text in [
        "\"><script>alert(1)</script>",
        "' onmouseover='alert(1)",
        "</title></textarea><img src=x onerror=alert(1)>",
        "&quot;&lt;&#39;",
        "<!-- ]]> -->",
        "{{constructor}}",
    ] {
        let fields = [("line2", text), ("last_name", text)];
        let (reference, posted) = handed(&house.donate(&fields).await);
        assert!(posted.contains(&("line2".into(), text.into())), "{text}");
        house.arrive(&posted).await;
        assert!(house.mock.books().contact_is(&reference, "line2", text), "{text}");
        let again = house.donate_with("x", &[("line2", text), ("appeal", text)]).await;
        assert_eq!(again.status, 403);
        assert_eq!(super::answer::typed(&again.body, "line2").as_deref(), Some(text));
        assert!(hidden_fields(&again.body).contains(&("appeal".into(), text.into())));
        for markup in ["<script>alert", "<img src=x", "\" onmouseover", "<!-- ]]>"] {
            assert!(!again.body.contains(markup), "{text}");
        }
        let path = encoded(&[(text, text)]);
        for page in [
            house.get(&format!("/donate?appeal={path}&{path}")).await,
            house.get(&format!("/{path}")).await,
        ] {
            assert!(
                !page.body.contains("alert(1)") && !page.body.contains("constructor"),
                "{text}"
            );
        }
    }
}

#[tokio::test]
async fn f_7_pages_that_pose_as_files() {
    let house = House::new().await;
    let (reference, fields) = handed(&house.donate(&[]).await);
    let back = fields.iter().find(|(name, _)| name == "return_url").unwrap().1.clone();
    let back = back.strip_prefix(&house.origin).unwrap();
    for path in [
        format!("{back}/x.css"),
        format!("{back}.css"),
        format!("{back}%2Fx.css"),
        format!("{back};x.css"),
        "/donate/x.css".into(),
        "/donate.css".into(),
        format!("/v1/handoffs/{reference}/x.css"),
        format!("/v1/handoffs/{reference}.css"),
        "/assets/x.css".into(),
    ] {
        let request = house.client.get(house.url(&path)).bearer_auth(API_KEY);
        let answer = super::answer::Answer::of(request.send().await.unwrap()).await;
        assert_eq!((answer.status, answer.header("cache-control")), (404, "no-store"), "{path}");
    }
}

#[tokio::test]
async fn f_11_outcomes_are_not_guessed() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    assert_eq!(house.read(&reference.to_string(), READ_KEY).await.status, 200);
    let unknown = almoner::payment::Reference::at(house.clock.now()).to_string();
    let mut seen = Vec::new();
    for guess in [unknown.as_str(), "x", &reference.to_string().to_lowercase(), "%FF", "..", "0"] {
        let answer = house.read(guess, READ_KEY).await;
        let mut problem = answer.json();
        problem["instance"].take();
        seen.push((answer.status, problem));
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:?}");
    assert_eq!(seen[0].0, 404);
    for guess in [reference.to_string(), unknown, "A".repeat(64), "%FF%FE".into(), "x".into()] {
        let answer = house.get(&format!("/return/{guess}")).await;
        assert_eq!(answer.refusal(), (404, "not_found".into()), "{guess}");
    }
}
