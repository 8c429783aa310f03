//! Rows I-1 to I-6 and G-10: one request, however often it is sent.

use super::answer::Answer;
use super::house::House;
use super::samples::{fresh, gift, request, request_with};
use super::visitor::{API_KEY, JSON, created, handed};
use almoner::config::ApiKey;
use futures_util::future::join_all;
use serde_json::json;
use sha2::Digest as _;
use std::collections::BTreeSet;

const DAY: i64 = 24 * 60 * 60;

/// A request with these headers for its key.
async fn keyed(house: &House, keys: &[&str]) -> Answer {
    let authorization = format!("Bearer {API_KEY}");
    let mut headers = vec![("authorization", authorization.as_str()), JSON];
    headers.extend(keys.iter().map(|key| ("idempotency-key", *key)));
    house.post("/v1/handoffs", &headers, request().to_string()).await
}

#[tokio::test]
async fn i_1_a_key_is_needed_and_has_its_shape() {
    let house = House::new().await;
    for keys in [
        &[][..],
        &[""],
        &["\"\""],
        &["short"],
        &["fifteen-letters"],
        &["with spaces in between"],
        &["sixteen.letters!"],
        &["\"half-quoted-key-1"],
        &["'single-quoted-key'"],
        &["fourteen-letters-and-some-ü"],
        &["one-key-of-length-20", "one-key-of-length-20"],
        &["one-key-of-length-20, two-key-of-length-20"],
        &["\"a-key-with-parameters\";x=1"],
    ] {
        assert_eq!(
            keyed(&house, keys).await.refusal(),
            (400, "idempotency_key".into()),
            "{keys:?}"
        );
    }
    assert_eq!(keyed(&house, &[&"a".repeat(65)]).await.status, 400);
    assert_eq!(house.recorded().await, (0, 0));
    for key in ["sixteen-letters_", "\"quoted-key-of-RFC-8941\"", &"a".repeat(64)] {
        assert_eq!(keyed(&house, &[key]).await.status, 201, "{key}");
    }
}

/// gateway.md, section 3: a form's token can be the key.
#[tokio::test]
async fn i_1_the_token_of_a_form_is_a_key_where_no_other_is_given() {
    let house = House::new().await;
    let authorization = format!("Bearer {API_KEY}");
    let headers = [("authorization", authorization.as_str()), JSON];
    let body = request_with("/client_token", json!(fresh())).to_string();
    let first = house.post("/v1/handoffs", &headers, body.clone()).await;
    let again = house.post("/v1/handoffs", &headers, body).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body, again.body);
    let odd = request_with("/client_token", json!("x")).to_string();
    let refused = house.post("/v1/handoffs", &headers, odd).await;
    assert_eq!(refused.refusal(), (400, "idempotency_key".into()));
}

#[tokio::test]
async fn i_2_i_6_the_same_request_gets_the_same_answer() {
    let house = House::new().await;
    let key = fresh();
    let first = house.create(&request(), &key).await;
    assert_eq!((first.status, first.header("idempotent-replay")), (201, ""));
    house.later(90);
    for spelling in [key.clone(), format!("\"{key}\"")] {
        let again = house.create(&request(), &spelling).await;
        assert_eq!((again.status, again.header("idempotent-replay")), (201, "true"));
        assert_eq!(again.body, first.body);
    }
    // The order of members is no part of what is asked.
    let turned: Vec<_> = request().as_object().unwrap().clone().into_iter().rev().collect();
    let turned: Vec<_> = turned.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    let again = house.create_raw(&key, format!("{{{}}}", turned.join(","))).await;
    assert_eq!(again.body, first.body);
    assert_eq!(house.recorded().await.0, 1);
}

#[tokio::test]
async fn i_2_many_at_once() {
    let house = House::new().await;
    let (key, body) = (fresh(), request());
    let answers = join_all((0..64).map(|_| house.create(&body, &key))).await;
    assert!(answers.iter().all(|answer| [201, 409].contains(&answer.status)));
    let created: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    let bodies: BTreeSet<_> = created.iter().map(|answer| answer.body.as_str()).collect();
    assert_eq!(bodies.len(), 1);
    let firsts = created.iter().filter(|answer| answer.header("idempotent-replay").is_empty());
    assert_eq!(firsts.count(), 1);
    assert_eq!(house.recorded().await, (1, 1));
}

#[tokio::test]
async fn i_3_another_request_under_the_same_key() {
    let house = House::new().await;
    let key = fresh();
    let (reference, _) = created(&house.create(&request(), &key).await);
    for (place, value) in [
        ("/amount/value", json!(2501)),
        ("/frequency", json!("monthly")),
        ("/appeal", json!("OTHER")),
        ("/gift_aid", json!(false)),
        ("/merchant_reference", json!("crm:4712")),
        ("/return_url", json!("https://www.charity.test/thanks")),
    ] {
        let answer = house.create(&request_with(place, value), &key).await;
        assert_eq!(answer.refusal(), (422, "conflict".into()), "{place}");
    }
    assert_eq!(created(&house.create(&request(), &key).await).0, reference);
    assert_eq!(house.recorded().await, (1, 1));
}

#[tokio::test]
async fn i_4_what_was_refused_leaves_the_key_free() {
    let house = House::new().await;
    let key = fresh();
    for (place, value) in [
        ("/amount/value", json!(1)),
        ("/contact/email", json!("x")),
        ("/return_url", json!("https://evil.example/")),
        ("/surprise", json!(1)),
    ] {
        let answer = house.create(&request_with(place, value), &key).await;
        assert!([400, 422].contains(&answer.status), "{place}");
    }
    assert_eq!(house.create(&request(), &key).await.status, 201);
}

#[tokio::test]
async fn i_5_keys_are_kept_for_a_month_and_more() {
    let house = House::new().await;
    let key = fresh();
    let first = house.create(&request(), &key).await;
    for _ in 0..31 {
        house.later(DAY);
        assert_eq!(house.create(&request(), &key).await.body, first.body);
    }
    assert_eq!(house.recorded().await.0, 1);
}

/// What has become of a payment since does not change the answer of its key.
#[tokio::test]
async fn i_2_a_repeat_after_the_outcome() {
    let house = House::new().await;
    let key = fresh();
    let first = house.create(&request(), &key).await;
    let (reference, fields) = created(&first);
    house.arrive(&fields).await.pay("4242424242424242").await;
    let again = house.create(&request(), &key).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(house.outcome(reference).await["state"], "accepted");
    let refused = house.post_to_mock("/handoff", super::samples::encoded(&fields)).await;
    assert_eq!(refused.status, 409);
    assert_eq!(house.mock.books().charges(&reference), 1);
}

/// Each caller's keys are its own: the same key in another's hand finds nothing of the first.
#[tokio::test]
async fn g_8_g_9_another_callers_key_is_another_key() {
    let house = House::with(|settings| {
        let other = ApiKey {
            name: "other".into(),
            sha256: hex::encode(sha2::Sha256::digest("alm_another-programs-key")),
            scopes: vec!["create".into()],
        };
        settings.api.keys.push(other);
    })
    .await;
    let key = fresh();
    let ours = house.create(&request(), &key).await;
    let headers =
        [("authorization", "Bearer alm_another-programs-key"), ("idempotency-key", &key), JSON];
    for body in [request(), request_with("/amount/value", json!(1000))] {
        let theirs = house.post("/v1/handoffs", &headers, body.to_string()).await;
        let expected = if body == request() { 201 } else { 422 };
        assert_eq!(theirs.status, expected, "{}", theirs.body);
        assert_eq!(theirs.header("idempotent-replay"), "");
        if expected == 201 {
            assert_ne!(created(&theirs).0, created(&ours).0);
        }
    }
    assert_eq!(house.recorded().await.0, 2);
    assert_eq!(house.create(&request(), &key).await.body, ours.body);
}

#[tokio::test]
async fn g_10_sixty_four_posts_of_one_form() {
    let house = House::new().await;
    let fields = gift(&house.token("/donate").await);
    let answers = join_all((0..64).map(|_| house.post_form("/donate", &fields))).await;
    let references: BTreeSet<_> = answers.iter().map(|answer| handed(answer).0).collect();
    assert_eq!(references.len(), 1);
    assert_eq!(house.recorded().await, (1, 1));
    let (reference, fields) = handed(&answers[0]);
    house.arrive(&fields).await.pay("4242424242424242").await;
    assert_eq!(house.mock.books().charges(&reference), 1);
}

/// With different wishes in them: one is taken and the others are told so.
#[tokio::test]
async fn g_10_one_token_and_many_wishes() {
    let house = House::new().await;
    let token = house.token("/donate").await;
    let sums: Vec<_> = (10..42).map(|pounds| format!("{pounds}.00")).collect();
    let wishes: Vec<_> = sums.iter().map(|sum| [("amount", sum.as_str())]).collect();
    let answers = join_all(wishes.iter().map(|wish| house.donate_with(&token, wish))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 403).count(), 31);
    assert_eq!(house.recorded().await, (1, 1));
}
