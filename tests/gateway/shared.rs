//! Two whole gateways on one database: either may answer, and either may die.

use super::care_command::almoner;
use super::house::House;
use super::message::Message;
use super::samples::{fresh, request};
use super::server::database;
use super::visitor::created;
use almoner::ledger::Ledger as _;
use almoner::ledger::postgres::PostgresLedger;
use almoner::payment::Reference;
use std::collections::BTreeSet;
use std::sync::mpsc;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_gateway_did_the_other_knows() {
    let database = database().await;
    let (first, second) = (House::on(&database).await, House::on(&database).await);
    let key = fresh();
    let answer = first.create(&request(), &key).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let (reference, _) = created(&answer);
    let again = second.create(&request(), &key).await;
    assert_eq!(created(&again).0, reference, "the first answer again");
    // The processor's message arrives at both, at the same time.
    let message = Message::new(&first, &first.statement(reference, "accepted"));
    let (here, there) = tokio::join!(first.post_message(&message), second.post_message(&message));
    assert_eq!((here.status, there.status), (200, 200));
    for house in [&first, &second] {
        assert_eq!(house.outcome(reference).await["state"], "accepted");
    }
    let ledger = PostgresLedger::open_to_read(database.settings()).await.unwrap();
    assert_eq!(ledger.verify().await.unwrap().events, 2, "an opening and one acceptance");
    assert_eq!(first.operations("/readyz").await.status, 200);
    first.stop().await;
    second.stop().await;
}

/// What the books are made of, where one hand-off stands in the chains of two instances.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exports_receipts_and_heads_are_of_all_chains() {
    let database = database().await;
    let (first, second) = (House::on(&database).await, House::on(&database).await);
    let (reference, _) = created(&first.create(&request(), &fresh()).await);
    let message = Message::new(&second, &second.statement(reference, "accepted"));
    assert_eq!(second.post_message(&message).await.status, 200);
    let (config, folder) = (first.write_settings(), tempfile::tempdir().unwrap());
    let at = |name: &str| folder.path().join(name).display().to_string();
    let [key, public, books] = [at("books.key"), at("books.key.pub"), at("books.csv")];
    let [head, receipt] = [at("head.json"), at("receipt.json")];
    let text = reference.to_string();
    let read = ["--config", &config, "--key", &key, "--out"];
    for arguments in [
        &["keygen", "report", "--out", &key][..],
        &[&["outcomes", "export"], &read[..], &[&books]].concat(),
        &["outcomes", "export", "--verify", &books, "--pub", &public],
        &[&["ledger", "head"], &read[..], &[&head]].concat(),
        &[&["outcomes", "receipt", &text], &read[..], &[&receipt]].concat(),
        &["verify", &receipt, "--key", &public],
        &["ledger", "verify", "--config", &config, "--against", &head, "--key", &public],
        &["ledger", "verify", "--config", &config, "--against", &receipt, "--key", &public],
    ] {
        let (said, code) = almoner(arguments, "").await;
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
    }
    let written = |file: &str| std::fs::read_to_string(file).unwrap();
    assert!(written(&books).contains(&format!("\n{text},accepted,donate,")));
    let chains = |text: &str| text.matches("\"chain\"").count();
    assert_eq!((chains(&written(&head)), chains(&written(&receipt))), (2, 1));
    first.stop().await;
    second.stop().await;
}

/// INV-1 to INV-3 with two writers: what was acknowledged is there, what was not is there once or not at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_dies_under_load_loses_and_doubles_nothing() {
    const EACH: usize = 60;
    let database = database().await;
    let survivor = House::on(&database).await;
    let doomed_keys: Vec<String> = (0..EACH).map(|_| fresh()).collect();
    let (keys, place) = (doomed_keys.clone(), database.clone());
    let doomed = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let house = std::sync::Arc::new(runtime.block_on(House::on(&place)));
        let (sender, told) = mpsc::channel();
        for key in keys {
            let (house, sender) = (std::sync::Arc::clone(&house), sender.clone());
            runtime.spawn(async move {
                let answer = house.create(&request(), &key).await;
                if answer.status == 201 {
                    sender.send((key, created(&answer).0)).ok();
                }
            });
        }
        let first: Vec<(String, Reference)> = told.iter().take(5).collect();
        // Listeners, calls and the ledger's writer: all of it ends here, in the middle.
        runtime.shutdown_background();
        drop((sender, house));
        first.into_iter().chain(told.iter()).collect::<Vec<_>>()
    });
    let mut references = BTreeSet::new();
    for _ in 0..EACH {
        let answer = survivor.create(&request(), &fresh()).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        references.insert(created(&answer).0);
    }
    let acknowledged = doomed.join().unwrap();
    assert!(acknowledged.len() >= 5);
    for (key, reference) in &acknowledged {
        assert_eq!(survivor.outcome(*reference).await["state"], "handed_off");
        let again = survivor.create(&request(), key).await;
        assert_eq!(created(&again).0, *reference, "the same key, the same hand-off");
    }
    // Whoever was not answered asks again, of the gateway that is left.
    for key in &doomed_keys {
        let answer = survivor.create(&request(), key).await;
        assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
        references.insert(created(&answer).0);
    }
    let ledger = PostgresLedger::open_to_read(database.settings()).await.unwrap();
    let verified = ledger.verify().await.unwrap();
    assert_eq!(references.len(), 2 * EACH);
    assert_eq!(usize::try_from(verified.hand_offs).unwrap(), 2 * EACH, "each key once");
    survivor.stop().await;
}
