//! Rows G-1, G-3 and G-5: who may use the API, and how often a form may be posted.

use super::answer::Answer;
use super::evidence::{log, logged};
use super::house::House;
use super::samples::{fresh, request};
use super::visitor::{API_KEY, JSON, READ_KEY};

pub(crate) async fn create_as(house: &House, authorization: &[&str]) -> Answer {
    let key = fresh();
    let mut headers = vec![JSON, ("idempotency-key", key.as_str())];
    headers.extend(authorization.iter().map(|value| ("authorization", *value)));
    house.post("/v1/handoffs", &headers, request().to_string()).await
}

#[tokio::test]
async fn g_1_g_3_keys_that_are_missing_or_wrong() {
    let (good, reader) = (format!("Bearer {API_KEY}"), format!("Bearer {READ_KEY}"));
    let longer = format!("{good}x");
    let inside = format!("Basic {API_KEY}");
    let hash = "Bearer 88f4448cf9deed2fc4aa2f82347d2f5cd2110fcd50826c33f39d2402897086cf";
    for attempt in [
        &[][..],
        &[""],
        &["Bearer"],
        &["Bearer "],
        &["Bearer changeme"],
        &[API_KEY],
        &[&longer],
        &[&good[..good.len() - 1]],
        &[&inside],
        &[hash],
        &[&good, &good],
        &[&good, "Bearer x"],
    ] {
        let house = House::new().await;
        let answer = create_as(&house, attempt).await;
        assert_eq!(answer.refusal(), (401, "unauthenticated".into()), "{attempt:?}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert_eq!(house.recorded().await, (0, 0));
    }
    let house = House::new().await;
    assert_eq!(create_as(&house, &[&good]).await.status, 201);
    assert_eq!(create_as(&house, &[&reader]).await.refusal(), (403, "scope".into()));
}

#[tokio::test]
async fn g_1_a_key_may_do_what_its_scopes_say() {
    let house = House::with(|settings| settings.api.keys[0].scopes = vec!["create".into()]).await;
    let answer = house.try_create(&request()).await;
    assert_eq!(answer.status, 201);
    let reference = answer.json()["reference"].as_str().unwrap().to_owned();
    assert_eq!(house.read(&reference, API_KEY).await.refusal(), (403, "scope".into()));
    assert_eq!(house.read(&reference, READ_KEY).await.status, 200);
    assert_eq!(house.read(&reference, "alm_nobody").await.status, 401);
}

/// Ten guesses in a minute are told that they are wrong; more are told to wait. Who knows a key is
/// not kept out by those who do not.
#[tokio::test]
async fn g_1_guessing() {
    let house = House::new().await;
    let mut statuses = Vec::new();
    while !statuses.contains(&429) {
        assert!(statuses.len() < 1000, "never stopped");
        let guess = format!("Bearer {}", fresh());
        let answer = create_as(&house, &[&guess]).await;
        assert_eq!(answer.header("retry-after").is_empty(), answer.status == 401);
        statuses.push(answer.status);
    }
    assert!(statuses.len() > 10, "not at once");
    assert!(statuses[..statuses.len() - 1].iter().all(|status| *status == 401));
    assert_eq!(create_as(&house, &[&format!("Bearer {API_KEY}")]).await.status, 201);
    assert_eq!(house.read("x", READ_KEY).await.status, 404);
}

/// Whether a line with all of these came after so many bytes of the log, to which tests beside this one write as well.
fn told(since: usize, parts: &[&str]) -> bool {
    log()[since..].lines().any(|line| parts.iter().all(|part| line.contains(part)))
}

/// Whoever is refused for who asks leaves a line of the audit trail, with a network and no address.
#[tokio::test]
async fn p_11_who_was_refused_is_on_the_trail() {
    let house = House::new().await;
    let since = log().len();
    let (stranger, reader) = ("Bearer alm_nobody", format!("Bearer {READ_KEY}"));
    for (key, reason) in [(stranger, "unauthenticated"), (&*reader, "scope")] {
        let answer = create_as(&house, &[key]).await.json();
        let line = logged(answer["instance"].as_str().unwrap().trim_start_matches("urn:uuid:"));
        assert_eq!(
            (&line["event"], &line["audit"]),
            (&"authentication_refused".into(), &true.into())
        );
        assert_eq!((&line["door"], &line["reason"]), (&"api".into(), &reason.into()));
        assert_eq!(line["origin"], "127.0.0.0/24");
    }
    assert!(told(since, &["\"event\":\"key_out_of_scope\"", "\"scope\":\"create\""]));
    assert_eq!(house.post("/webhooks/signed", &[JSON], "{}").await.status, 401);
    let (event, door) = ("\"event\":\"authentication_refused\"", "\"door\":\"webhooks\"");
    assert!(told(since, &[event, door, "\"reason\":\"cb_forged\""]));
    assert!(told(since, &["\"event\":\"webhook_refused\"", "\"audit\":true"]));
}

/// Counted by the day here, so that a slow machine changes nothing.
#[tokio::test]
async fn g_5_many_forms_from_one_network() {
    let house = House::with(|settings| settings.limits.forms_per_day = 3).await;
    for _ in 0..3 {
        assert_eq!(house.donate(&[]).await.status, 200);
    }
    let refused = house.donate(&[]).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
    assert!(refused.body.contains("Too many attempts came from your network"));
    let joining = super::samples::membership(&house.token("/join").await);
    assert_eq!(house.post_form("/join", &joining).await.status, 429, "forms count together");
    assert_eq!(house.recorded().await.0, 3);
    assert_eq!(house.get("/donate").await.status, 200);
    assert_eq!(house.try_create(&request()).await.status, 201, "the charity's programs are known");
}

/// A mistake is no attempt to pay.
#[tokio::test]
async fn g_5_mistakes_are_not_counted() {
    let house = House::with(|settings| settings.limits.forms_per_day = 1).await;
    for _ in 0..5 {
        assert_eq!(house.donate(&[("email", "x")]).await.status, 422);
    }
    assert_eq!(house.donate(&[]).await.status, 200);
    assert_eq!(house.donate(&[]).await.status, 429);
}
