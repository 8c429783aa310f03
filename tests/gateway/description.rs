//! `GET /openapi.json` (gateway.md, section 3): what is said of the API is what it does.

use super::answer::Answer;
use super::house::House;
use super::samples::{fresh, request, request_with};
use super::schema::differences;
use super::visitor::{API_KEY, READ_KEY};
use serde_json::{Value, json};

const CREATE: &str = "/paths/~1v1~1handoffs/post";
const SHOW: &str = "/paths/~1v1~1handoffs~1{reference}/get";
const LIST: &str = "/paths/~1v1~1outcomes/get";

fn whole() -> Value {
    serde_json::from_str(&almoner::http::described().unwrap()).unwrap()
}

/// An answer has a described status, its type, its headers and its shape.
fn as_said(operation: &str, answer: &Answer) {
    let whole = whole();
    let said = whole.pointer(operation).unwrap();
    let mut said = &said["responses"][answer.status.to_string()];
    if let Some(place) = said["$ref"].as_str() {
        said = whole.pointer(place.strip_prefix('#').unwrap()).unwrap();
    }
    assert!(said.is_object(), "{operation}: {} is not described", answer.status);
    let schema = &said["content"][answer.header("content-type")]["schema"];
    assert!(schema.is_object(), "{operation}: {}", answer.header("content-type"));
    assert_eq!(
        differences(&whole, schema, &answer.json()),
        Vec::<String>::new(),
        "{}",
        answer.body
    );
    for name in said["headers"].as_object().into_iter().flat_map(serde_json::Map::keys) {
        let optional = name == "Idempotent-Replay";
        assert!(optional || !answer.header(name).is_empty(), "{operation}: no {name}");
    }
}

/// The example request of this name: it fits its own schema.
fn example(name: &str) -> Value {
    let whole = whole();
    let content = format!("{CREATE}/requestBody/content/application~1json");
    let content = whole.pointer(&content).unwrap();
    let value = content["examples"][name]["value"].clone();
    assert_eq!(differences(&whole, &content["schema"], &value), Vec::<String>::new(), "{name}");
    value
}

#[tokio::test]
async fn it_is_served_to_anyone_and_is_what_the_command_prints() {
    let house = House::new().await;
    let answer = house.get("/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.body, almoner::http::described().unwrap());
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let known = house.client.get(house.url("/openapi.json"));
    let known = known.header("if-none-match", answer.header("etag")).send().await.unwrap();
    let known = Answer::of(known).await;
    assert_eq!((known.status, known.body.as_str()), (304, ""));
    assert_eq!(known.header("etag"), answer.header("etag"));
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_almoner")).arg("openapi").output();
    assert_eq!(String::from_utf8(printed.unwrap().stdout).unwrap(), format!("{}\n", answer.body));
}

/// Whoever has no key is asked for one at every place that is described, and finds nothing at others.
#[tokio::test]
async fn what_is_mounted_is_what_is_described() {
    let house = House::new().await;
    for (path, operations) in whole()["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            let method = reqwest::Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let sent = house.client.request(method.clone(), house.url(path)).send().await;
            assert_eq!(sent.unwrap().status(), 401, "{method} {path}");
        }
    }
    assert_eq!(house.get("/v1/nowhere").await.status, 404);
    // No other list mounts anything there.
    let routes = include_str!("../../src/http.rs");
    assert!(routes.contains(".merge(description::routes())") && !routes.contains("\"/v1"));
}

#[tokio::test]
async fn every_example_is_answered_as_described() {
    let (house, by_api, rsm) = (House::new().await, House::by_api().await, House::rsm().await);
    let places = [
        ("gift", &house, "handed_off"),
        ("membership", &house, "handed_off"),
        ("card", &by_api, "accepted"),
        ("mandate", &rsm, "accepted"),
    ];
    let content = format!("{CREATE}/requestBody/content/application~1json/examples");
    assert_eq!(whole().pointer(&content).unwrap().as_object().unwrap().len(), places.len());
    for (name, house, state) in places {
        let answer = house.try_create(&example(name)).await;
        as_said(CREATE, &answer);
        let created = answer.json();
        assert_eq!((answer.status, &created["state"]), (201, &json!(state)), "{name}: {created}");
        as_said(SHOW, &house.read(created["reference"].as_str().unwrap(), READ_KEY).await);
        let feed = house.client.get(house.url("/v1/outcomes")).bearer_auth(READ_KEY).send().await;
        let feed = Answer::of(feed.unwrap()).await;
        assert!(feed.json()["outcomes"].as_array().is_some_and(|outcomes| !outcomes.is_empty()));
        as_said(LIST, &feed);
    }
}

/// Examples of answers fit too, and what is refused is described.
#[tokio::test]
async fn refusals_are_answered_as_described() {
    let house = House::new().await;
    let key = fresh();
    as_said(CREATE, &house.create(&request(), &key).await);
    let replayed = house.create(&request(), &key).await;
    assert_eq!(replayed.header("idempotent-replay"), "true");
    as_said(CREATE, &replayed);
    for (status, answer) in [
        (400, house.create_raw(&fresh(), "{").await),
        (400, house.create(&request(), "short").await),
        (400, house.try_create(&request_with("/contact/nick", json!("x"))).await),
        (413, house.create_raw(&fresh(), vec![b' '; 100_000]).await),
        (422, house.create(&request_with("/appeal", json!("OTHER")), &key).await),
        (422, house.try_create(&request_with("/contact/email", json!("pat"))).await),
        (422, house.try_create(&request_with("/start_date", json!("2030-01-02"))).await),
        (422, house.create_raw(&fresh(), "[null]").await),
    ] {
        assert_eq!(answer.status, status, "{}", answer.body);
        as_said(CREATE, &answer);
    }
    for (status, answer) in [
        (401, house.read("01M84J9X89EXR96ABP88GNY1SG", "alm_of-nobody").await),
        (404, house.read("01M84J9X89EXR96ABP88GNY1SG", API_KEY).await),
    ] {
        assert_eq!(answer.status, status);
        as_said(SHOW, &answer);
    }
    for (status, query) in [(400, "limit=0"), (400, "after=x"), (410, "after=412-8d3cf0a1b2c3d4e5")]
    {
        let url = house.url(&format!("/v1/outcomes?{query}"));
        let answer = house.client.get(url).bearer_auth(READ_KEY).send().await.unwrap();
        let answer = Answer::of(answer).await;
        assert_eq!(answer.status, status, "{query}");
        as_said(LIST, &answer);
    }
}

/// A membership's plan has its own term: what was sent besides must be a word all the same.
#[tokio::test]
async fn a_membership_s_frequency_is_a_word_or_left_out() {
    let house = House::new().await;
    let mut joining = example("membership");
    for (word, status) in [("fortnightly", 422), ("yearly", 201), ("", 201)] {
        joining["frequency"] = json!(word);
        let answer = house.try_create(&joining).await;
        assert_eq!(answer.status, status, "{word}: {}", answer.body);
        assert!(status == 201 || answer.wrong_fields() == ["/frequency"], "{}", answer.body);
    }
}
