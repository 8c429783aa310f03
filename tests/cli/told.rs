//! Events over real processes that die: none is lost, none is told a subscriber that has taken it before but where
//! its death explains that, each again by the same id, and of each hand-off in order.

use super::clocks::ahead;
use super::crash::{self, deliver, deliver_to};
use super::hearer::{Heard, Hearer, Manner, feed, judge};
use super::place::{GIFT, Place, almoner, free_port, run, said, signal};
use super::server;
use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

/// Longer than a lease.
const LATER: i32 = 65;

async fn give(client: &reqwest::Client, origin: &str, api_key: &str, key: &str) -> String {
    let request = client
        .post(format!("{origin}/v1/handoffs"))
        .bearer_auth(api_key)
        .header("idempotency-key", key)
        .header("content-type", "application/json");
    let answer = request.body(GIFT).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let answer: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    answer["reference"].as_str().unwrap().to_owned()
}

fn ids(heard: &[Heard]) -> BTreeSet<String> {
    heard.iter().map(|it| it.id.clone()).collect()
}

/// The subscriber has read it and says nothing; then the service dies.
#[tokio::test(flavor = "multi_thread")]
async fn cp_17_killed_before_it_has_the_answer_it_tells_the_same_again_and_nobody_else_waited() {
    let place = Place::new();
    let (crm, books) =
        (Hearer::subscribed(&place, "crm").await, Hearer::subscribed(&place, "books").await);
    crm.behaves(Manner::Holds);
    let mut service = place.serve();
    place.answers().await;
    let client = place.client();
    let reference = give(&client, &place.url(""), &place.api_key, "held-000000000001").await;
    crm.hears(|heard| heard.len() == 1).await;
    assert_eq!(deliver(&place, &client, &reference).await, Some(200));
    let told = books.hears(|heard| heard.len() == 2).await;
    assert_eq!([&*told[0].state, &told[1].state], ["handed_off", "accepted"]);
    assert_eq!(crm.heard().len(), 1, "the second only after the first was taken");
    signal(&service, "KILL");
    service.wait().unwrap();
    crm.behaves(Manner::Takes);
    let mut service = ahead(&place, LATER);
    place.answers().await;
    let heard = crm.hears(|heard| heard.len() >= 3).await;
    assert_eq!(heard[0], heard[1], "the same message by the same id");
    assert_eq!((&*heard[2].state, heard.len()), ("accepted", 3));
    let feed = feed(&place).await;
    for subscriber in [&crm, &books] {
        judge(&subscriber.heard(), &feed);
    }
    // What was taken and written down does not come again, whoever starts anew.
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    let mut service = ahead(&place, 2 * LATER);
    place.answers().await;
    let other = give(&place.client(), &place.url(""), &place.api_key, "held-000000000002").await;
    let heard = crm.hears(|heard| heard.iter().any(|it| it.reference == other)).await;
    assert_eq!(heard.len(), 4);
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
}

/// At moments that nobody chose, while hand-offs are made; the subscriber takes, holds, or is cut off in its answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cp_16_cp_17_killed_at_any_moment_and_cut_in_any_answer_it_loses_no_event() {
    let place = Arc::new(Place::new());
    place.change("[[join.plans]]", "[limits]\nconnections_per_address = 200\n\n[[join.plans]]");
    let crm = Hearer::subscribed(&place, "crm").await;
    let manners = [Manner::Takes, Manner::IsCut, Manner::Takes, Manner::Holds];
    for (round, manner) in (0_u32..).zip(manners) {
        crm.behaves(manner);
        // By its clock the leases of the one before are over.
        let mut service = ahead(&place, LATER * i32::try_from(round).unwrap());
        place.answers().await;
        let mut callers = tokio::task::JoinSet::new();
        for caller in 0..2 {
            let caller = u64::from(round) * 100 + caller;
            callers.spawn(crash::call(Arc::clone(&place), Arc::default(), caller));
        }
        let before = crm.heard().len();
        crm.hears(|heard| heard.len() > before).await;
        // Three events and more in each life, however busy the machine is.
        let enough = 3 * (usize::try_from(round).unwrap() + 1);
        for _ in 0..2400 {
            if feed(&place).await.len() >= enough {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        tokio::time::sleep(Duration::from_millis(97 * u64::from(round))).await;
        signal(&service, "KILL");
        service.wait().unwrap();
        callers.join_all().await;
    }
    crm.behaves(Manner::Takes);
    let mut service = ahead(&place, 10 * LATER);
    place.answers().await;
    let feed = feed(&place).await;
    assert!(feed.len() > 8, "{}", feed.len());
    let heard = crm.hears(|heard| ids(heard).len() >= feed.len()).await;
    judge(&heard, &feed);
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
}

/// A second instance on the same database: its configuration, and where it answers.
fn beside(place: &Place) -> (String, String) {
    let text = std::fs::read_to_string(place.config()).unwrap();
    let [public, operations] = [(); 2].map(|()| free_port());
    let text = text.replace(&place.port.to_string(), &public.to_string());
    let text = text.replace(&place.operations.to_string(), &operations.to_string());
    let config = place.file("almoner-2.toml").display().to_string();
    std::fs::write(&config, text).unwrap();
    (config, format!("https://localhost:{public}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_share_a_subscriber_and_one_that_dies_explains_every_double() {
    let database = server::database().await;
    let place = Place::new();
    let ledger = format!(
        "url = \"{}\"\nca_file = \"{}\"\n",
        database.url(),
        database.file("ca_file").display()
    );
    place.change("file = \"dev/ledger.db\"\n", &ledger);
    let password = database.file("password_file").display().to_string();
    place.change(
        "[secrets]\n",
        &format!("[secrets]\nledger_password = {{ file = \"{password}\" }}\n"),
    );
    let crm = Hearer::subscribed(&place, "crm").await;
    let (config, second) = beside(&place);
    let mut one = place.serve();
    place.answers().await;
    let mut other = almoner()
        .args(["serve", "--config", &config])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (client, first) = (place.client(), place.url(""));
    while client.get(format!("{second}/donate")).send().await.is_err() {
        assert!(other.try_wait().unwrap().is_none(), "the second instance ended");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let origins = [&first, &second];
    for number in 0..20 {
        let (at, other) = (origins[number % 2], origins[(number + 1) % 2]);
        let key = format!("shared-{number:012}");
        let reference = give(&client, at, &place.api_key, &key).await;
        let webhooks = format!("{other}/webhooks/signed");
        assert_eq!(deliver_to(&webhooks, &client, &reference).await, Some(200));
    }
    let heard = crm.hears(|heard| heard.len() >= 40).await;
    judge(&heard, &feed(&place).await);
    assert_eq!(heard.len(), 40, "nobody died, and nothing came twice");
    // Now it holds what either tells it, and one of them dies.
    crm.behaves(Manner::Holds);
    let mut held = Vec::new();
    for number in 0..6 {
        let key = format!("dying--{number:012}");
        held.push(give(&client, origins[number % 2], &place.api_key, &key).await);
    }
    let heard = crm.hears(|heard| heard.len() >= 46).await;
    let under_way = ids(&heard[40..]);
    signal(&other, "KILL");
    other.wait().unwrap();
    crm.behaves(Manner::Takes);
    for reference in &held {
        assert_eq!(deliver(&place, &client, reference).await, Some(200));
    }
    let heard = crm.hears(|heard| ids(heard).len() >= 52).await;
    judge(&heard, &feed(&place).await);
    for id in ids(&heard) {
        let times = heard.iter().filter(|it| it.id == id).count();
        assert!(times == 1 || under_way.contains(&id), "{id} came {times} times");
    }
    let verified = run(&["ledger", "verify", "--config", &place.config()]);
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
    signal(&one, "TERM");
    assert_eq!(one.wait().unwrap().code(), Some(0));
}
