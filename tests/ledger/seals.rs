//! The seals of a database's chains: what they prove against whoever may write there, and who can prove it.

use crate::instances::{start, three_chains};
use crate::purging::{settled, until};
use crate::samples::{hand_off, opened};
use crate::server::database;
use almoner::keys::{Key, Keys};
use almoner::ledger::postgres::{PostgresLedger, PostgresSettings};
use almoner::ledger::{Ledger, chain};
use almoner::payment::Reference;
use std::sync::Arc;
use tokio::task::JoinSet;

/// The newest chain, which no other covers, made anew with another sum in it by somebody without the key.
#[tokio::test]
async fn a_chain_that_was_made_anew_shows_by_its_seals() {
    let database = database().await;
    let chains = three_chains(&database).await;
    let keeper = database.keeper().await;
    let reader = PostgresLedger::open_to_read(database.settings()).await.unwrap();
    let row = "UPDATE hand_off SET amount = amount + 1 WHERE reference IN
        (SELECT reference FROM event WHERE instance = $1 AND sequence = 1)";
    keeper.execute(row, &[&chains[2]]).await.unwrap();
    remade(&keeper, &reader, &chains[2]).await;
    // What follows a chain's last seal is not covered yet: docs/ledgers.md says so.
    reader.verify().await.unwrap();
    for forged in [
        "UPDATE head SET mark = '\\x0102030405060708' WHERE instance = $1",
        "DELETE FROM head WHERE instance = $1",
    ] {
        keeper.execute(forged, &[&chains[2]]).await.unwrap();
        let told = reader.verify().await.unwrap_err().to_string();
        let name = hex::encode(&chains[2]);
        assert!(told.contains(&name) && told.contains("docs/ledgers.md"), "{told}");
    }
}

/// Every hash of a chain as its rows are now.
async fn remade(keeper: &tokio_postgres::Client, reader: &PostgresLedger, chain: &[u8]) {
    let rows = "SELECT reference, (SELECT genesis FROM instance WHERE instance = $1)
        FROM event WHERE instance = $1 ORDER BY sequence";
    let mut head: [u8; 32] = [0; 32];
    for (place, row) in keeper.query(rows, &[&chain]).await.unwrap().iter().enumerate() {
        let (reference, genesis): (Vec<u8>, Vec<u8>) = (row.get(0), row.get(1));
        let reference = Reference::from_bytes(&reference).unwrap();
        if place == 0 {
            head = genesis.try_into().unwrap();
        }
        let hand_off = reader.find(reference).await.unwrap().unwrap().hand_off;
        let event = reader.history(reference).await.unwrap().remove(0);
        head = chain::hash(&head, &event, Some(&hand_off));
        let store = "UPDATE event SET hash = $3 WHERE instance = $1 AND sequence = $2";
        keeper.execute(store, &[&chain, &event.sequence, &head.as_slice()]).await.unwrap();
    }
    let newest = "UPDATE instance SET hash = $2 WHERE instance = $1";
    keeper.execute(newest, &[&chain, &head.as_slice()]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_further_stretch_of_a_chain_must_be_sealed() {
    let database = database().await;
    let ledger = start(&database).await;
    let mut calls = JoinSet::new();
    for second in 0..2100 {
        let ledger = Arc::clone(&ledger);
        calls.spawn(async move {
            opened(&ledger, &hand_off(second)).await;
        });
        if calls.len() > 200 {
            calls.join_next().await;
        }
    }
    calls.join_all().await;
    ledger.verify().await.unwrap();
    let keeper = database.keeper().await;
    let sealed = keeper.query("SELECT sequence FROM head ORDER BY sequence", &[]).await.unwrap();
    let sealed: Vec<i64> = sealed.iter().map(|row| row.get(0)).collect();
    assert_eq!(sealed, [0, 1024, 2048]);
    for gone in [1024, 2048, 0] {
        keeper.batch_execute("CREATE TABLE kept AS TABLE head").await.unwrap();
        let sql = format!("DELETE FROM head WHERE sequence = {gone}");
        keeper.batch_execute(&sql).await.unwrap();
        let told = ledger.verify().await.unwrap_err().to_string();
        assert!(told.contains(&format!("event {gone}: its seal is missing")), "{told}");
        let back = "DELETE FROM head; INSERT INTO head SELECT * FROM kept; DROP TABLE kept";
        keeper.batch_execute(back).await.unwrap();
    }
    ledger.verify().await.unwrap();
}

/// What is written down as purged by somebody without the key.
#[tokio::test]
async fn events_that_are_taken_away_do_not_pass_for_purged() {
    let database = database().await;
    let chains = three_chains(&database).await;
    let keeper = database.keeper().await;
    let reader = PostgresLedger::open_to_read(database.settings()).await.unwrap();
    for sql in [
        "INSERT INTO purged (instance, first, last, hash)
            SELECT instance, sequence, sequence, hash FROM event WHERE instance = $1 AND sequence = 2",
        "DELETE FROM chase WHERE reference IN
            (SELECT reference FROM event WHERE instance = $1 AND sequence = 2)",
        "WITH gone AS (DELETE FROM event WHERE instance = $1 AND sequence = 2 RETURNING reference)
            DELETE FROM hand_off WHERE reference IN (SELECT reference FROM gone)",
    ] {
        keeper.execute(sql, &[&chains[2]]).await.unwrap();
    }
    let told = reader.verify().await.unwrap_err().to_string();
    assert!(told.contains("written down as purged, and it is not sealed"), "{told}");
}

fn key(text: &[u8]) -> Key {
    Key::new(text).unwrap()
}

#[tokio::test]
async fn a_seal_of_a_key_that_is_not_configured_is_not_believed() {
    let database = database().await;
    three_chains(&database).await;
    let keys = Some(Keys { current: key(b"another install key, long enough too"), next: None });
    let stranger = PostgresSettings { keys, ..database.settings() };
    let stranger = PostgresLedger::open_to_read(stranger).await.unwrap();
    let told = stranger.verify().await.unwrap_err().to_string();
    assert!(
        told.contains("a key that is not configured; name that key as secrets.install"),
        "{told}"
    );
    // Without any key the chains alone are proved.
    let none = PostgresSettings { keys: None, ..database.settings() };
    PostgresLedger::open_to_read(none).await.unwrap().verify().await.unwrap();
}

#[tokio::test]
async fn after_a_rotation_the_new_key_proves_what_the_old_one_sealed() {
    let database = database().await;
    three_chains(&database).await;
    let (old, new) =
        (b"an install key for tests, long enough", b"the install key that follows, long too");
    let during = Keys { current: key(old), next: Some(key(new)) };
    let settings = PostgresSettings { keys: Some(during), ..database.settings() };
    let ledger: Arc<dyn Ledger> = PostgresLedger::open(settings).await.unwrap();
    opened(&ledger, &hand_off(100)).await;
    ledger.verify().await.unwrap();
    let after = Keys { current: key(new), next: None };
    let settings = PostgresSettings { keys: Some(after), ..database.settings() };
    let ledger: Arc<dyn Ledger> = PostgresLedger::open(settings).await.unwrap();
    opened(&ledger, &hand_off(101)).await;
    assert_eq!(ledger.verify().await.unwrap().events, 14);
}

#[tokio::test]
async fn what_an_older_almoner_left_unsealed_is_sealed_with_the_schema() {
    let database = database().await;
    let ledger = start(&database).await;
    for second in [0, 1] {
        settled(&ledger, second * 100).await;
    }
    ledger.purge(until(60)).await.unwrap();
    let keeper = database.keeper().await;
    let back = "ALTER TABLE purged DROP COLUMN mark, DROP COLUMN seal; DELETE FROM schema_version WHERE version >= 2";
    keeper.batch_execute(back).await.unwrap();
    let ledger = start(&database).await;
    assert!(ledger.verify().await.unwrap().purged > 0);
    keeper.batch_execute("UPDATE purged SET seal = NULL").await.unwrap();
    ledger.verify().await.unwrap_err();
}
