//! With the feature `otel`: what a collector gets of a real service, and that nothing else is in it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

mod collector;
#[expect(dead_code, reason = "the command's tests use the rest")]
#[path = "../cli/hearer.rs"]
mod hearer;
#[expect(dead_code, reason = "the command's tests use the rest")]
#[path = "../cli/place.rs"]
mod place;
mod wire;

use almoner::cli::prove::forms::{Hits, Needles};
use almoner::clock::Clock;
use almoner::mock_rsm::{MockRsm, MockSettings, Pace};
use almoner::payment::{Reference, State};
use almoner::spans::{Attribute, Part};
use collector::Collector;
use hearer::Hearer;
use place::{Place, almoner, run, said, signal};
use secrecy::SecretString;
use serde_json::json;
use std::collections::BTreeSet;
use wire::{Span, Value};

/// Of somebody who is made up.
const CANARIES: [&str; 9] = [
    "Zzfirstcanary",
    "Zzlastcanary",
    "zzmail@canary.example",
    "07700900123",
    "77 Canary Row",
    "Zztowncanary",
    "ZY9 9YZ",
    "4242424242424242",
    "Zzholder Canary",
];

/// A mock that takes cards by call, with the place's keys.
fn paying(place: &Place) -> MockRsm {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    place.change("https://localhost:8444", &format!("https://localhost:{port}"));
    place.change("key_id = \"dev\"", "key_id = \"dev\"\ncard_api = true");
    let read = |name: &str| std::fs::read_to_string(place.file(name)).unwrap();
    let settings = MockSettings {
        merchant: "example".to_owned(),
        signing_keys: vec![("dev".to_owned(), SecretString::from(read("dev/signing.key").trim()))],
        webhook_url: place.url("/webhooks/signed"),
        webhook_keys: vec![SecretString::from(read("dev/webhook.key").trim())],
        webhook_roots: read("dev/tls/authority.pem"),
        origin: format!("https://localhost:{port}"),
        control_token: None,
        return_origins: None,
        rsm2000: None,
        pace: Pace::default(),
    };
    MockRsm::start(settings, listener, hearer::tls(place), Clock::system()).unwrap()
}

async fn charge(place: &Place) -> Reference {
    let [first, last, email, phone, line, town, postcode, number, holder] = CANARIES;
    let year = Clock::system().now().strftime("%y").to_string().parse::<u8>().unwrap();
    let body = json!({
        "kind": "donate", "amount": { "value": 2500, "currency": "GBP" }, "frequency": "once", "method": "card",
        "contact": { "title": "Ms", "first_name": first, "last_name": last, "email": email, "phone": phone,
            "address": { "line1": line, "town": town, "postcode": postcode, "country": "GB" } },
        "card": { "number": number, "expiry": format!("12/{}", year.saturating_add(3)), "cvc": "123", "holder": holder },
    });
    let request = place
        .client()
        .post(place.url("/v1/handoffs"))
        .bearer_auth(&place.api_key)
        .header("idempotency-key", "traced-0000000000001")
        .header("content-type", "application/json");
    let answer = request.body(body.to_string()).send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert_eq!(status, 201, "{text}");
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    Reference::parse(answer["reference"].as_str().unwrap()).unwrap()
}

/// Nothing but what stands in the closed list, and of each value its kind.
fn is_listed(span: &Span) {
    let parts = Part::ALL.map(Part::word);
    assert!(parts.contains(&span.name.as_str()), "{span:?}");
    let states: BTreeSet<_> = State::ALL.iter().map(|state| state.word()).collect();
    for (name, value) in &span.attributes {
        let attribute = Attribute::ALL.into_iter().find(|it| it.word() == name);
        let plain = |text: &str, more: &str| {
            text.chars().all(|it| it.is_ascii_lowercase() || it == '_' || more.contains(it))
        };
        let fits = match (attribute, value) {
            (Some(Attribute::Reference), Value::Text(text)) => Reference::parse(text).is_some(),
            (Some(Attribute::State), Value::Text(text)) => states.contains(text.as_str()),
            (Some(Attribute::Result), Value::Text(text)) => plain(text, ""),
            (Some(Attribute::Route), Value::Text(text)) => plain(text, "/{}.0123456789"),
            (Some(Attribute::Status), Value::Number(number)) => (200..600).contains(number),
            _ => false,
        };
        assert!(fits, "{name} of {span:?}");
    }
    assert!(span.start > 0 && span.start <= span.end, "{span:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_sees_the_way_of_a_request_and_nothing_of_who_made_it() {
    let place = Place::new();
    let collector = Collector::start(&place);
    place.change(
        "[[join.plans]]",
        &format!(
            "[traces]\nenabled = true\nurl = \"{}\"\nca_file = \"dev/tls/authority.pem\"\n\n[[join.plans]]",
            collector.url()
        ),
    );
    let mock = paying(&place);
    let crm = Hearer::subscribed(&place, "crm").await;
    let mut service = place.serve();
    place.answers().await;
    let reference = charge(&place).await;
    let wrong = place.client().get(place.url("/Zzfirstcanary?email=zzmail@canary.example"));
    assert_eq!(wrong.send().await.unwrap().status(), 404);
    let told = |heard: &[hearer::Heard]| heard.iter().any(|it| it.state == "accepted");
    crm.hears(told).await;
    // The mock's own webhook comes beside its answer.
    collector.until(|spans| spans.iter().any(|span| span.name == "webhook")).await;
    // What waits is sent when it ends.
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    mock.shutdown().await;

    let spans = collector.spans();
    spans.iter().for_each(is_listed);
    assert_eq!(collector.resource(), [("service.name".to_owned(), Value::Text("almoner".into()))]);
    let seen: BTreeSet<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(seen, BTreeSet::from(Part::ALL.map(Part::word)), "every part");
    let of = |span: &Span, attribute: Attribute| span.attributes.get(attribute.word()).cloned();
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let named = |name: &'static str| spans.iter().filter(move |span| span.name == name);
    // One way, from the request to the processor.
    let hand_off = named("hand_off").next().unwrap();
    assert_eq!(of(hand_off, Attribute::Reference), text(&reference.to_string()));
    assert_eq!(of(hand_off, Attribute::State), text("accepted"));
    let request = spans.iter().find(|span| span.id == hand_off.parent).unwrap();
    assert_eq!(of(request, Attribute::Route), text("/v1/handoffs"));
    assert_eq!(of(request, Attribute::Status), Some(Value::Number(201)));
    let call = named("processor_call").find(|span| span.parent == hand_off.id).unwrap();
    assert_eq!(of(call, Attribute::Status), Some(Value::Number(201)));
    assert!(call.trace == hand_off.trace && request.trace == hand_off.trace);
    let webhook = named("webhook").next().unwrap();
    assert_eq!(of(webhook, Attribute::Result), text("recorded"));
    let delivery = named("delivery").next().unwrap();
    assert_eq!(of(delivery, Attribute::Reference), text(&reference.to_string()));
    assert_eq!(of(delivery, Attribute::Result), text("taken"));
    let missing = named("request").find(|span| of(span, Attribute::Route) == text("none"));
    assert_eq!(of(missing.unwrap(), Attribute::Status), Some(Value::Number(404)));
    // In no form, in none of what was sent.
    let needles = Needles::new(CANARIES.map(|canary| (canary, canary))).unwrap();
    let mut hits = Hits::new();
    let sent = collector.bodies().concat();
    needles.search(&sent, 0, &mut hits);
    assert!(hits.is_empty(), "{hits:?}");
    needles.search(CANARIES[0].as_bytes(), 0, &mut hits);
    assert!(!hits.is_empty(), "the control: it would be found");
}

/// A collector that is not there costs spans and nothing else; one that cannot be trusted gets nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_not_trusted_gets_nothing_and_holds_nobody_up() {
    let place = Place::new();
    let collector = Collector::start(&place);
    let other = place.file("other").display().to_string();
    assert!(run(&["dev-certs", "--out", &other]).status.success());
    place.change(
        "[[join.plans]]",
        &format!(
            "[traces]\nenabled = true\nurl = \"{}\"\nca_file = \"other/authority.pem\"\n\n[[join.plans]]",
            collector.url()
        ),
    );
    let mut service = place.serve();
    place.answers().await;
    let answer = place.client().get(place.url("/donate")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    assert_eq!(collector.bodies(), Vec::<Vec<u8>>::new());
}

#[test]
fn where_they_go_must_be_told() {
    let place = Place::new();
    place.change("[[join.plans]]", "[traces]\nenabled = true\n\n[[join.plans]]");
    let output = almoner().args(["serve", "--config", &place.config()]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("traces.url"), "{}", said(&output));
}
