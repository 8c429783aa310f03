//! Outgoing events over real TLS: signed, in order, at least once, whatever becomes of the subscriber.

use super::evidence::keep;
use super::house::{House, NEXT_WEBHOOK_SECRET, WEBHOOK_SECRET};
use super::listener::{Heard, Listener};
use almoner::config::{Checked, HttpsUrl, SecretSetting, Settings, SubscriberSettings};
use almoner::payment::Reference;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// 32 bytes of the tests' own.
const SIGNING_KEY: &str = "whsk_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
const PUBLIC_KEY: &str = "ebVWLo/mVPlAeLES6KmLp5AfhTrmlb7X4OORC60ElmQ=";

fn secret(file: &Path) -> SecretSetting {
    SecretSetting { file: Some(file.to_owned()), ..SecretSetting::default() }
}

/// One with the house's own certificate.
fn of_the_house(settings: &Settings) -> Listener {
    let public = &settings.public;
    let files = [&public.certificate_file, &public.private_key_file];
    let [chain, key] = files.map(|file| file.as_deref().unwrap());
    Listener::start(chain, key)
}

/// Has this one told as well.
pub(crate) fn subscribed(settings: &mut Settings, name: &str) -> Listener {
    let folder = settings.ledger.file.as_ref().unwrap().parent().unwrap().to_owned();
    let listener = of_the_house(settings);
    settings.subscribers.push(SubscriberSettings {
        name: name.to_owned(),
        url: Checked(HttpsUrl(listener.url().parse().unwrap())),
        secret: secret(&folder.join("webhook.key")),
        signing_key: None,
        ca_file: settings.processor.ca_file.clone(),
        allow_private: true,
    });
    listener
}

/// A house that tells these; each listener has the house's own certificate.
pub(crate) async fn telling<const N: usize>(names: [&str; N]) -> (House, [Listener; N]) {
    let mut listeners = Vec::new();
    let house = House::with(|settings| {
        let folder = settings.ledger.file.as_ref().unwrap().parent().unwrap().to_owned();
        let signing = folder.join("events.key");
        let mut options = std::fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&signing);
        std::io::Write::write_all(&mut file.unwrap(), SIGNING_KEY.as_bytes()).unwrap();
        for name in names {
            let listener = of_the_house(settings);
            let mut shared = secret(&folder.join("webhook.key"));
            shared.next = Some(Box::new(secret(&folder.join("next.key"))));
            settings.subscribers.push(SubscriberSettings {
                name: name.to_owned(),
                url: Checked(HttpsUrl(listener.url().parse().unwrap())),
                secret: shared,
                signing_key: Some(secret(&signing)),
                ca_file: settings.processor.ca_file.clone(),
                allow_private: true,
            });
            listeners.push(listener);
        }
    })
    .await;
    (house, listeners.try_into().ok().unwrap())
}

fn states(heard: &[Heard], reference: Reference) -> Vec<String> {
    let of = heard.iter().filter(|it| it.data()["reference"] == reference.to_string());
    of.map(|it| it.data()["state"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_is_thin_and_signed_by_every_key() {
    let (house, [crm]) = telling(["crm"]).await;
    let (reference, _) = house.handed_off().await;
    house.tell(&house.statement(reference, "accepted")).await;
    let heard = crm.hears(2).await;
    let feed = house.items("").await;
    for (heard, item) in heard.iter().zip(&feed) {
        assert_eq!(heard.header("content-type"), "application/json");
        assert_eq!(heard.header("webhook-id"), item["id"].as_str().unwrap());
        let body = heard.json();
        assert_eq!((&body["type"], &body["timestamp"]), (&item["type"], &item["recorded_at"]));
        let data = heard.data();
        let names: BTreeSet<_> = data.as_object().unwrap().keys().map(String::as_str).collect();
        let thin = [
            "id",
            "reference",
            "before",
            "state",
            "amount",
            "currency",
            "development",
            "attention",
            "opened_at",
            "occurred_at",
            "recorded_at",
        ];
        assert_eq!(names, BTreeSet::from(thin));
        for name in ["id", "reference", "before", "state", "attention", "opened_at", "occurred_at"]
        {
            assert_eq!(data[name], item[name], "{name}");
        }
        assert_eq!((&data["amount"], &data["currency"]), (&2500.into(), &"GBP".into()));
        let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"]
            .map(|name| (name.to_owned(), heard.header(name).to_owned()));
        let kept = json!({
            "headers": BTreeMap::from(headers), "body": heard.body, "public_key": PUBLIC_KEY,
            "secrets": [WEBHOOK_SECRET, NEXT_WEBHOOK_SECRET],
        });
        // For scripts/subscriber, by which other implementations have their say.
        keep("events.txt", format!("{kept}\n").as_bytes());
        // The reference implementation believes either secret, and no other.
        for (key, believed) in [
            (WEBHOOK_SECRET, true),
            (NEXT_WEBHOOK_SECRET, true),
            ("whsec_b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3RoZXI=", false),
        ] {
            let library = standardwebhooks::Webhook::new(key).unwrap();
            let verified = library.verify(heard.body.as_bytes(), &heard.headers);
            assert_eq!(verified.is_ok(), believed, "{key}");
        }
        let signature = heard.header("webhook-signature").rsplit_once("v1a,").unwrap().1;
        let signed = format!(
            "{}.{}.{}",
            heard.header("webhook-id"),
            heard.header("webhook-timestamp"),
            heard.body
        );
        let public = UnparsedPublicKey::new(&ED25519, STANDARD.decode(PUBLIC_KEY).unwrap());
        public.verify(signed.as_bytes(), &STANDARD.decode(signature).unwrap()).unwrap();
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_taken_comes_again_in_order_and_holds_nobody_else() {
    let (house, [crm, books]) = telling(["crm", "books"]).await;
    crm.answer([500, 302, 429, 503, 404]);
    let (first, _) = house.handed_off().await;
    house.tell(&house.statement(first, "accepted")).await;
    let (second, _) = house.handed_off().await;
    // The other one has it all meanwhile.
    let told = books.hears(3).await;
    assert_eq!(states(&told, first), ["handed_off", "accepted"]);
    // The clock is put on so far that the second is overdue in the end, which is told as well.
    let told =
        |heard: &[Heard]| heard.iter().filter(|it| it.json()["type"] != "handoff.noted").count();
    let heard = house.later_until(&crm, |heard| told(heard) >= 3 + 5).await;
    // The same message at each attempt, and the second only after the first was taken.
    let opened: Vec<_> =
        heard.iter().filter(|it| it.data()["reference"] == first.to_string()).collect();
    let last = opened.last().unwrap();
    let before: Vec<_> = opened.iter().filter(|it| it.data()["state"] == "handed_off").collect();
    assert!(
        before.iter().all(|it| it.body == before[0].body
            && it.header("webhook-id") == before[0].header("webhook-id"))
    );
    assert_eq!(last.data()["state"], "accepted");
    assert_eq!(told(&heard), 3 + 5, "each refusal is told once more, and nothing else");
    assert_eq!(states(&heard, second).first().map(String::as_str), Some("handed_off"));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_gone_is_left_alone_until_it_is_told_again() {
    let (house, [crm]) = telling(["crm"]).await;
    crm.answer([410]);
    let (reference, _) = house.handed_off().await;
    crm.hears(1).await;
    house.tell(&house.statement(reference, "accepted")).await;
    house.later(24 * 3600);
    let config = house.write_settings();
    let list = ["events", "list", "--config", &config, "--json"];
    house.until_said(&list, |said| said.contains("\"answer\":\"gone\"")).await;
    assert_eq!(crm.heard().len(), 1);
    let reference = reference.to_string();
    let resend = ["events", "resend", "--config", &config, "--subscriber", "crm"];
    let (said, code) =
        super::care_command::almoner(&[&resend[..], &["--reference", &reference]].concat(), "")
            .await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("to be told again"), "{said}");
    let heard = crm.hears(3).await;
    let told: Vec<_> = heard[1..].iter().map(|it| it.data()["state"].clone()).collect();
    assert_eq!(told, ["handed_off", "accepted"]);
    let (said, code) = super::care_command::almoner(
        &["events", "resend", "--config", &config, "--subscriber", "x", "--given-up"],
        "",
    )
    .await;
    assert_eq!(code, Some(1), "{said}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fm_85_nothing_is_lost_while_subscriber_or_service_is_down() {
    let (house, [crm]) = telling(["crm"]).await;
    let crm = crm.stopped().await;
    let (first, _) = house.handed_off().await;
    house.tell(&house.statement(first, "accepted")).await;
    let house = Box::pin(house.restarted()).await;
    let (second, _) = house.handed_off().await;
    let crm = crm.started();
    let heard = house
        .later_until(&crm, |heard| {
            states(heard, first).len() >= 2 && !states(heard, second).is_empty()
        })
        .await;
    assert_eq!(states(&heard, first), ["handed_off", "accepted"]);
    // What was taken before a restart does not come again.
    let house = Box::pin(house.restarted()).await;
    house.tell(&house.statement(second, "declined")).await;
    let heard = crm.hears(4).await;
    assert_eq!(states(&heard, second), ["handed_off", "declined"]);
    house.stop().await;
}

/// A redirect is followed nowhere, and an address beside the service is not called at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e_1_private_addresses_are_not_called_unless_that_is_meant() {
    let mut listener = None;
    let house = House::with(|settings| {
        let folder = settings.ledger.file.as_ref().unwrap().parent().unwrap().to_owned();
        let crm = of_the_house(settings);
        for (name, host) in [("by-name", "localhost"), ("by-number", "127.0.0.1")] {
            settings.subscribers.push(SubscriberSettings {
                name: name.to_owned(),
                url: Checked(HttpsUrl(crm.url().replace("localhost", host).parse().unwrap())),
                secret: secret(&folder.join("webhook.key")),
                signing_key: None,
                ca_file: settings.processor.ca_file.clone(),
                allow_private: false,
            });
        }
        listener = Some(crm);
    })
    .await;
    house.handed_off().await;
    let config = house.write_settings();
    let list = ["events", "list", "--config", &config, "--json"];
    house.until_said(&list, |said| said.matches("\"answer\":\"forbidden\"").count() == 2).await;
    assert_eq!(listener.unwrap().heard().len(), 0);
    house.stop().await;
}
