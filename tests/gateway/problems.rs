//! Row I-7: what is said when something is wrong, and that nothing is said back.

use super::answer::Answer;
use super::evidence::logged;
use super::house::House;
use super::samples::{encoded, fresh, gift, membership, request, request_with};
use super::visitor::{API_KEY, FORM, JSON, OWN_PAGE, READ_KEY};
use serde_json::{Value, json};

/// Looks like a person's and like a card's, and passes no field's check.
const CANARY: &str = "<Canary> 4929420573595709 \u{7}pat@@";

/// Puts the canary in the place of every text of a request, one at a time.
fn spoilt(request: &Value) -> Vec<Value> {
    fn places(value: &Value, at: &str, found: &mut Vec<String>) {
        match value.as_object() {
            Some(members) => {
                for (name, value) in members {
                    places(value, &format!("{at}/{name}"), found);
                }
            }
            None => found.push(at.to_owned()),
        }
    }
    let mut found = Vec::new();
    places(request, "", &mut found);
    found.into_iter().map(|place| request_with(&place, json!(CANARY))).collect()
}

fn well_formed(answer: &Answer) {
    let problem = answer.json();
    let members: Vec<_> = problem.as_object().unwrap().keys().map(String::as_str).collect();
    let listed = problem.get("errors").is_some();
    let expected: &[_] = if listed {
        &["detail", "errors", "instance", "status", "title", "type"]
    } else {
        &["detail", "instance", "status", "title", "type"]
    };
    assert_eq!(members, expected);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(problem["status"], answer.status);
    assert!(problem["type"].as_str().unwrap().starts_with("urn:almoner:problem:"));
    assert!(listed || answer.body.len() <= 512, "{}", answer.body);
    // The number is that of one line of the log.
    let id = problem["instance"].as_str().unwrap().strip_prefix("urn:uuid:").unwrap().to_owned();
    assert_eq!(logged(&id)["status"], answer.status);
}

#[tokio::test]
async fn i_7_a_canary_in_every_field_comes_back_from_none() {
    let house = House::new().await;
    for body in spoilt(&request()) {
        let answer = house.try_create(&body).await;
        assert!([400, 422].contains(&answer.status), "{body}: {}", answer.body);
        well_formed(&answer);
        // Fewer figures may stand in the id of the log's line.
        for part in ["Canary", "49294205", "pat@@"] {
            assert!(!answer.body.contains(part), "{part}: {}", answer.body);
        }
    }
    let token = house.token("/donate").await;
    for (name, _) in gift(&token).iter().chain(&membership(&token)) {
        let changed = [(name.as_str(), CANARY)];
        let answer = house.donate_with(&token, &changed).await;
        assert!([403, 422].contains(&answer.status), "{name}: {}", answer.status);
        assert!(!answer.body.contains("<Canary>"), "{name}: only as text, in its own field");
        // A title is an option of its list: its value and its text.
        let own = if name == "title" { 2 } else { 1 };
        let shown = answer.body.matches("4929420573595709").count();
        assert!(shown <= own, "{name}: in its own field and nowhere else");
    }
    assert_eq!(house.recorded().await, (0, 0));
}

#[tokio::test]
async fn i_7_every_status_of_the_api_is_a_problem_document() {
    let house = House::new().await;
    let (bearer, reader) = (format!("Bearer {API_KEY}"), format!("Bearer {READ_KEY}"));
    let (key, json) = (fresh(), request().to_string());
    let (bearer, key) = (("authorization", bearer.as_str()), ("idempotency-key", key.as_str()));
    let reader = ("authorization", reader.as_str());
    let huge = "[".repeat(40_000);
    for (status, headers, body) in [
        (401, vec![JSON], json.as_str()),
        (403, vec![JSON, reader, key], &json),
        (400, vec![JSON, bearer], &json),
        (400, vec![JSON, bearer, key], "{"),
        (413, vec![JSON, bearer, key], &huge),
        (415, vec![FORM, bearer, key], &json),
        (415, vec![JSON, bearer, key, ("content-encoding", "gzip")], &json),
        (417, vec![JSON, bearer, key, ("expect", "more")], &json),
        (422, vec![JSON, bearer, key], "{\"kind\":1}"),
    ] {
        let answer = house.post("/v1/handoffs", &headers, body).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        well_formed(&answer);
    }
    for (status, path) in [(404, "/v1/nowhere"), (405, "/v1/handoffs"), (401, "/v1/handoffs/x")] {
        let answer = house.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        well_formed(&answer);
    }
    let unknown = house.read("06F0Z8QZ8W7ZR8Q8QZ8W7ZR8QG", API_KEY).await;
    assert_eq!(unknown.status, 404);
    well_formed(&unknown);
}

/// All that is wrong is said at once, each with its pointer, a word and what to do.
#[tokio::test]
async fn i_7_every_mistake_of_a_request_is_named() {
    let house = House::new().await;
    let body = json!({ "kind": "x", "method": "cash", "frequency": "often", "contact": { "email": "x" }, "appeal": "a b" });
    let answer = house.try_create(&body).await;
    well_formed(&answer);
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    let pointers: Vec<_> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    for pointer in [
        "/kind",
        "/amount/value",
        "/method",
        "/frequency",
        "/appeal",
        "/contact/email",
        "/contact/title",
        "/contact/address/postcode",
    ] {
        assert!(pointers.contains(&pointer), "{pointer}: {pointers:?}");
    }
    assert!(errors.iter().all(|error| error["detail"].as_str().is_some_and(|text| text.len() > 8)));
}

/// A browser is told the same as a page with the same number as the log's line.
#[tokio::test]
async fn i_7_pages_have_a_number_too() {
    let house = House::new().await;
    for (status, answer) in [
        (404, house.get("/nowhere").await),
        (404, house.get("/return/x").await),
        (400, house.post("/donate", &[FORM, OWN_PAGE], "a=1").await),
        (415, house.post("/donate", &[JSON, OWN_PAGE], "{}").await),
        (
            403,
            house
                .post("/donate", &[FORM, ("sec-fetch-site", "cross-site")], encoded(&gift("x")))
                .await,
        ),
    ] {
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert!(!answer.reason().is_empty());
    }
}
