//! The alarms, the two clocks that latency is told by, and what config/monitoring names of the metrics.

use super::events::subscribed;
use super::house::{House, WEBHOOK_SECRET};
use super::message::{Message, stating};
use super::paying::GOOD_CARD;
use almoner::mock_rsm::{Fault, WebhookFault};
use regex::Regex;
use std::collections::BTreeSet;
use std::path::Path;

const OTHER_SECRET: &str = "whsec_YW5vdGhlciBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcyE=";

const ALARMS: [&str; 5] = [
    "webhooks_silent",
    "webhooks_not_verified",
    "webhooks_mistimed",
    "wrong_environment",
    "events_not_taken",
];

/// The alarms that are raised.
async fn raised(house: &House) -> Vec<&'static str> {
    let metrics = house.operations("/metrics").await.body;
    let stands = |alarm: &str, value: u8| {
        metrics.contains(&format!("\nalmoner_alarm{{alarm=\"{alarm}\"}} {value}\n"))
    };
    assert!(ALARMS.iter().all(|alarm| stands(alarm, 0) != stands(alarm, 1)), "{metrics}");
    ALARMS.into_iter().filter(|alarm| stands(alarm, 1)).collect()
}

#[tokio::test]
async fn hand_offs_of_which_no_webhook_tells_are_told_of_until_one_comes() {
    let house = House::with(|settings| settings.alarms.silent_hand_offs = 3).await;
    let (first, _) = house.handed_off().await;
    house.handed_off().await;
    house.later(31 * 60);
    house.handed_off().await;
    assert!(raised(&house).await.is_empty(), "two are due");
    house.later(31 * 60);
    assert_eq!(raised(&house).await, ["webhooks_silent"]);
    let (newest, _) = house.handed_off().await;
    assert_eq!(raised(&house).await, ["webhooks_silent"], "one that is not due says nothing");
    house.tell(&house.statement(newest, "accepted")).await;
    assert!(raised(&house).await.is_empty(), "one that is not due was told of");
    house.later(25 * 60 * 60);
    assert!(raised(&house).await.is_empty(), "a quiet day is none of the processor's");
    assert_eq!(house.operations("/readyz").await.status, 200);
    assert_eq!(house.outcome(first).await["reference"], first.to_string());
}

#[tokio::test]
async fn webhooks_of_another_secret_or_time_are_told_of_until_one_is_believed() {
    let house = House::with(|settings| settings.alarms.webhooks_refused = 3).await;
    let (reference, _) = house.handed_off().await;
    let statement = house.statement(reference, "accepted");
    let forged = Message::new(&house, &statement).signed_with(&[OTHER_SECRET]);
    let late = Message::new(&house, &statement).signed_with(&[WEBHOOK_SECRET]);
    let unsigned = Message { signature: "v1,".into(), ..Message::new(&house, &statement) };
    for _ in 0..2 {
        assert_eq!(house.post_message(&forged).await.status, 401);
    }
    assert!(raised(&house).await.is_empty(), "two");
    house.post_message(&forged).await;
    assert_eq!(raised(&house).await, ["webhooks_not_verified"]);
    house.later(301);
    for _ in 0..3 {
        assert_eq!(house.post_message(&late).await.status, 401);
    }
    assert_eq!(raised(&house).await, ["webhooks_not_verified", "webhooks_mistimed"]);
    house.tell(&house.statement(reference, "accepted")).await;
    assert!(raised(&house).await.is_empty());
    for _ in 0..2 {
        house.post_message(&forged).await;
        house.post_message(&unsigned).await;
    }
    house.tell(&house.statement(reference, "accepted")).await;
    house.post_message(&forged).await;
    assert!(raised(&house).await.is_empty(), "not in a row");
}

#[tokio::test]
async fn a_payment_of_the_other_mode_is_told_of_until_one_is_of_ours() {
    let house = House::new().await;
    let (reference, _) = house.handed_off().await;
    let live = stating(house.statement(reference, "accepted"), "mode", "live");
    house.tell(&live).await;
    assert_eq!(raised(&house).await, ["wrong_environment"]);
    house.tell(&house.statement(reference, "accepted")).await;
    assert!(raised(&house).await.is_empty());
}

/// The value of a line.
fn value(metrics: &str, name: &str) -> serde_json::Number {
    let found = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("no {name}")).parse().unwrap()
}

/// Times are not compared with limits: but what is the processor's is taken off.
#[tokio::test]
async fn the_processors_time_is_counted_apart_from_ours() {
    let house = House::by_api().await;
    let before = house.operations("/metrics").await.body;
    assert_eq!(value(&before, "almoner_processor_call_seconds_count").as_u64(), Some(0));
    // A webhook would come when it likes, and be answered in our own time.
    house.mock.faults().script(Fault::Webhook(WebhookFault::Drop), 1);
    house.paid_with(GOOD_CARD).await;
    let after = house.operations("/metrics").await.body;
    assert!(value(&after, "almoner_processor_call_seconds_count").as_u64() >= Some(1));
    let of = |name: &str| value(&after, name);
    let again = house.operations("/metrics").await.body;
    let [own, all] = ["almoner_own_seconds_count", "almoner_http_request_seconds_count"]
        .map(|name| (of(name).as_u64().unwrap(), value(&again, name).as_u64().unwrap()));
    assert!(own.0 > 0 && own.0 == own.1 && all.0 < all.1, "no probe is ours: {own:?}, {all:?}");
    let (own, all) = (of("almoner_own_seconds_sum"), of("almoner_http_request_seconds_sum"));
    assert!(own.as_f64() < all.as_f64(), "{own} of {all}");
}

fn monitoring(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/monitoring");
    std::fs::read_to_string(folder.join(file)).unwrap()
}

/// The expressions of the dashboard.
fn panels() -> Vec<String> {
    let board: serde_json::Value = serde_json::from_str(&monitoring("dashboard.json")).unwrap();
    let targets = board["panels"].as_array().unwrap().iter().flat_map(|panel| {
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{panel}");
        targets.iter().map(|target| target["expr"].as_str().unwrap().to_owned())
    });
    targets.collect()
}

/// The expressions of the rules; each has its words.
fn rules() -> Vec<String> {
    let text = monitoring("alerts.yml");
    let each = text.split("- alert: ").skip(1).map(|rule| {
        let of = |key: &str| {
            let found = rule.lines().find_map(|line| line.trim().strip_prefix(key));
            found.map(|text| text.trim_matches(['\'', ' ']).to_owned()).unwrap_or_default()
        };
        for words in ["summary:", "cause:", "remedy:"] {
            assert!(of(words).len() > 10, "{words} {rule}");
        }
        of("expr:")
    });
    each.collect()
}

/// What is named exists in what a service really tells, with the labels it is picked or summed by.
#[tokio::test]
async fn the_dashboard_and_the_alert_rules_name_only_what_is_told() {
    let house = House::by_api_with(|settings| {
        subscribed(settings, "crm");
    })
    .await;
    let (reference, _) = house.paid_with(GOOD_CARD).await;
    house.tell(&house.statement(reference, "accepted")).await;
    house.operations("/metrics").await;
    let metrics = house.operations("/metrics").await.body;
    let name = Regex::new(r"almoner_[a-z_]+").unwrap();
    let label = Regex::new(r"([a-z]+)(?:=~?|!=)").unwrap();
    let by = Regex::new(r"by \(([a-z]+)\)").unwrap();
    let alarm = Regex::new(r#"alarm="([a-z_]+)""#).unwrap();
    let (panels, rules) = (panels(), rules());
    assert!(panels.len() > 10 && rules.len() > 10);
    let mut named = BTreeSet::new();
    for expression in panels.iter().chain(&rules) {
        let wanted: Vec<_> = name.find_iter(expression).map(|found| found.as_str()).collect();
        assert!(!wanted.is_empty(), "{expression}");
        for wanted in wanted {
            let told = metrics.lines().find(|line| {
                line.strip_prefix(wanted).is_some_and(|rest| rest.starts_with(['{', ' ']))
            });
            let told = told.unwrap_or_else(|| panic!("{wanted} is not told"));
            let picked = expression.split(['{', '}']).skip(1).step_by(2).flat_map(|selector| {
                label.captures_iter(selector).map(|found| found[1].to_owned())
            });
            let summed = by.captures_iter(expression).map(|found| found[1].to_owned());
            for label in picked.chain(summed) {
                assert!(told.contains(&format!("{label}=\"")), "{label} of {told}");
            }
            named.insert(wanted);
        }
        for found in alarm.captures_iter(expression) {
            assert!(ALARMS.contains(&&found[1]), "{expression}");
        }
    }
    for alarm in ALARMS {
        assert!(rules.iter().any(|rule| rule.contains(alarm)), "{alarm}");
    }
    assert!(named.contains("almoner_own_seconds_bucket"));
}
