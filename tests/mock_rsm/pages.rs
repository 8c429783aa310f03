//! What the supporter sees.

use crate::stage::{RETURN_URL, Stage, location};
use almoner::clock::Clock;
use almoner::mock_rsm::Fault;
use jiff::SignedDuration;

#[tokio::test]
async fn the_form_says_what_is_paid_and_that_it_is_a_mock() {
    let stage = Stage::new();
    let (reference, page) = stage.visit(&[("frequency", "monthly"), ("appeal", "XMAS_26")]).await;
    let answer = stage.get(&page).await;
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    assert!(policy.contains("form-action 'self' https://give.example.org;"), "{policy}");
    assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let shown = answer.text().await.unwrap();
    for text in [
        "Mock, for tests only.",
        "hope",
        "£25",
        "every month",
        "XMAS_26",
        "Pay £25",
        &reference.to_string(),
    ] {
        assert!(shown.contains(text), "{text}");
    }
    for unwanted in ["<script", "Brien", "pat@example.org", "Bedford"] {
        assert!(!shown.contains(unwanted), "{unwanted}");
    }
}

#[tokio::test]
async fn mistakes_are_named_by_their_fields_and_nothing_typed_is_shown_again() {
    let stage = Stage::new();
    let (reference, page) = stage.visit(&[]).await;
    let typed = [
        ("number", "4111 1111 1111 1111"),
        ("expiry", "01/20"),
        ("cvc", "9x9"),
        ("holder", "Pat O'Brien"),
    ];
    let answer = stage.post(&page, &typed).await;
    assert_eq!(answer.status(), 422);
    let shown = answer.text().await.unwrap();
    for text in [
        "<title>Error: ",
        "There is a problem",
        "href=\"#number\"",
        "id=\"number-error\"",
        "aria-invalid=\"true\"",
        "href=\"#expiry\"",
        "href=\"#cvc\"",
    ] {
        assert!(shown.contains(text), "{text} in\n{shown}");
    }
    for canary in ["4111", "01/20", "9x9", "Brien"] {
        assert!(!shown.contains(canary), "{canary}");
    }
    assert!(stage.mock.books().attempts(&reference).is_empty());
    assert_eq!(stage.post_raw(&page, "number=%".to_owned()).await.status(), 400);
    let (_, page) = stage.visit(&[("method", "direct_debit")]).await;
    let shown = stage.debit(&page, "99999999").await.text().await.unwrap();
    assert!(shown.contains("href=\"#account_number\"") && !shown.contains("99999999"));
}

#[tokio::test]
async fn a_page_left_alone_lapses() {
    let stage = Stage::with(Clock::set_to("2026-11-23T10:00:00Z".parse().unwrap()), |_| {});
    let (reference, page) = stage.visit(&[]).await;
    stage.clock.advance(SignedDuration::from_mins(59));
    assert_eq!(stage.get(&page).await.status(), 200);
    stage.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(stage.pay(&page, "4242424242424242").await.status(), 410);
    let shown = stage.get(&page).await.text().await.unwrap();
    assert!(shown.contains("left too long") && shown.contains(RETURN_URL));
    assert!(stage.mock.books().attempts(&reference).is_empty());
    stage.clock.advance(SignedDuration::from_mins(61));
    stage.visit(&[]).await;
    assert_eq!(stage.get(&page).await.status(), 404, "forgotten");
}

#[tokio::test]
async fn what_is_not_there_and_what_is_down() {
    let stage = Stage::new();
    for path in ["/pay/0123456789abcdef0123456789abcdef", "/nothing", "/pay/x/return"] {
        let answer = stage.get(path).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert!(
            answer.headers()["content-security-policy"]
                .to_str()
                .unwrap()
                .starts_with("default-src 'none'")
        );
    }
    assert_eq!(stage.get("/handoff").await.status(), 405);
    assert!(stage.get("/").await.text().await.unwrap().contains("4242 4242 4242 4242"));
    assert_eq!(
        stage.get("/mock-rsm.css").await.headers()["content-type"],
        "text/css; charset=utf-8"
    );

    stage.mock.faults().script(Fault::HostedPageDown, 2);
    let (reference, fields) = stage.donation();
    assert_eq!(stage.hand_off(fields.clone()).await.status(), 503);
    assert!(stage.mock.books().payment(&reference).is_none(), "nothing was recorded");
    let (_, other) = stage.donation();
    assert_eq!(stage.hand_off(other).await.status(), 503);
    let page = location(&stage.hand_off(fields).await);
    assert_eq!(stage.get(&page).await.status(), 200, "and now it goes on");
}
