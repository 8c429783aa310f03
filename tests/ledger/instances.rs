//! Several instances on one database: each writes its own chain, all make one record.

use crate::samples::{at, conclude, hand_off, notice, opened};
use crate::server::{Database, database};
use almoner::ledger::postgres::PostgresLedger;
use almoner::ledger::{Conclusion, Ledger, LedgerError, Opening};
use almoner::payment::{EventId, Evidence, Outcome, Reference};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinSet;

pub(crate) async fn start(database: &Database) -> Arc<dyn Ledger> {
    PostgresLedger::open(database.settings()).await.unwrap()
}

async fn instances(database: &Database, count: usize) -> Vec<Arc<dyn Ledger>> {
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(start(database).await);
    }
    all
}

/// A message that only this one sends.
fn message(number: u8) -> Evidence {
    Evidence { id: EventId([number; 16]), ..notice(number, Outcome::Declined) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_several_hear_of_one_hand_off_at_once_is_all_kept_in_one_order() {
    let database = database().await;
    let all = instances(&database, 3).await;
    let reference = opened(&all[0], &hand_off(0)).await.hand_off.reference;
    let mut calls = JoinSet::new();
    for number in 1..=30 {
        let ledger = Arc::clone(&all[usize::from(number) % 3]);
        calls.spawn(async move { conclude(&ledger, reference, &message(number)).await });
    }
    // The same message to all of them is recorded once.
    for ledger in &all {
        let ledger = Arc::clone(ledger);
        calls.spawn(async move { conclude(&ledger, reference, &message(99)).await });
    }
    let told = calls.join_all().await;
    let recorded = |told: &&Conclusion| matches!(told, Conclusion::Recorded { .. });
    assert_eq!(told.iter().filter(recorded).count(), 31);
    let histories = [&all[0], &all[2]].map(|ledger| ledger.history(reference));
    for history in histories {
        let history = history.await.unwrap();
        let ids: BTreeSet<_> =
            history.iter().filter_map(|event| event.evidence.as_ref()).map(|it| it.id).collect();
        assert_eq!((history.len(), ids.len()), (32, 31));
    }
    assert_eq!(all[1].verify().await.unwrap().events, 32);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fm_67_one_key_at_several_instances_is_one_hand_off() {
    let database = database().await;
    let all = instances(&database, 3).await;
    let mut calls = JoinSet::new();
    for second in 0..24 {
        let ledger = Arc::clone(&all[usize::try_from(second).unwrap() % 3]);
        let key = crate::samples::key(u8::try_from(second % 4).unwrap(), 1);
        calls.spawn(async move { ledger.open(hand_off(second), Some(key), at(99)).await.unwrap() });
    }
    let told = calls.join_all().await;
    let first = |told: &&Opening| matches!(told, Opening::Opened(_));
    assert_eq!(told.iter().filter(first).count(), 4);
    assert_eq!(all[0].verify().await.unwrap().hand_offs, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fm_84_the_chasers_of_two_instances_never_hold_the_same() {
    let database = database().await;
    let all = instances(&database, 2).await;
    let mut due = BTreeSet::new();
    for second in 0..60 {
        let hand_off = hand_off(second);
        due.insert(hand_off.reference);
        all[0].open(hand_off, None, at(50)).await.unwrap();
    }
    let mut chasers = JoinSet::new();
    for number in 0..8 {
        let ledger = Arc::clone(&all[number % 2]);
        chasers.spawn(async move {
            let mut held: Vec<Reference> = Vec::new();
            loop {
                let claims = ledger.claim(at(60), at(120), 3).await.unwrap();
                if claims.is_empty() {
                    return held;
                }
                held.extend(claims.into_iter().map(|claim| claim.hand_off.reference));
            }
        });
    }
    let held = chasers.join_all().await.concat();
    assert_eq!((held.len(), held.into_iter().collect::<BTreeSet<_>>()), (60, due));
}

/// One instance is gone from one moment to the next; what it acknowledged is there, the rest goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_instance_that_dies_under_load_leaves_what_it_acknowledged() {
    let database = database().await;
    let survivor = start(&database).await;
    let settings = database.settings();
    let doomed = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (sender, told) = std::sync::mpsc::channel();
        let ledger: Arc<dyn Ledger> = runtime.block_on(PostgresLedger::open(settings)).unwrap();
        for second in 0..500 {
            let (ledger, sender) = (Arc::clone(&ledger), sender.clone());
            runtime.spawn(async move {
                let reference = opened(&ledger, &hand_off(second)).await.hand_off.reference;
                sender.send(reference).ok();
            });
        }
        let first = told.recv().unwrap();
        // Everything it had under way ends here, without a word to the database.
        runtime.shutdown_background();
        drop(sender);
        std::iter::once(first).chain(told.iter()).collect::<Vec<_>>()
    });
    let mut mine = Vec::new();
    for second in 1000..1200 {
        mine.push(opened(&survivor, &hand_off(second)).await.hand_off.reference);
    }
    let acknowledged = doomed.join().unwrap();
    assert!(!acknowledged.is_empty());
    for reference in mine.iter().chain(&acknowledged) {
        assert!(survivor.find(*reference).await.unwrap().is_some());
    }
    let verified = survivor.verify().await.unwrap();
    assert!(usize::try_from(verified.hand_offs).unwrap() >= mine.len() + acknowledged.len());
    assert_eq!(verified.events, verified.hand_offs);
}

const TABLES: [&str; 6] = ["instance", "joined", "head", "hand_off", "event", "purged"];

/// Three lives of an instance, one after the other, each chain covering the one before.
pub(crate) async fn three_chains(database: &Database) -> Vec<Vec<u8>> {
    for life in 0..3 {
        let ledger = start(database).await;
        for second in 0..4 {
            opened(&ledger, &hand_off(life * 10 + second)).await;
        }
        ledger.verify().await.unwrap();
    }
    let keeper = database.keeper().await;
    let rows = keeper.query("SELECT instance FROM instance ORDER BY begun_at", &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_chain_cannot_lose_its_end_once_another_was_begun() {
    let database = database().await;
    let chains = three_chains(&database).await;
    let keeper = database.keeper().await;
    let reader = PostgresLedger::open_to_read(database.settings()).await.unwrap();
    // The first chain is cut back by one event, consistently in itself.
    let cut =
        "WITH gone AS (DELETE FROM event WHERE instance = $1 AND sequence = 4 RETURNING reference)
        DELETE FROM chase WHERE reference IN (SELECT reference FROM gone)";
    keeper.execute(cut, &[&chains[0]]).await.unwrap();
    let orphan = "DELETE FROM hand_off WHERE reference NOT IN (SELECT reference FROM event)";
    keeper.execute(orphan, &[]).await.unwrap();
    let back = "UPDATE instance SET sequence = 3,
        hash = (SELECT hash FROM event WHERE instance = $1 AND sequence = 3) WHERE instance = $1";
    keeper.execute(back, &[&chains[0]]).await.unwrap();
    let broken = reader.verify().await.err().unwrap();
    let told = broken.to_string();
    assert!(told.contains("covered or sealed is gone"), "{told}");
}

#[tokio::test]
async fn whatever_is_changed_in_a_row_shows() {
    let database = database().await;
    let chains = three_chains(&database).await;
    let keeper = database.keeper().await;
    let reader = PostgresLedger::open_to_read(database.settings()).await.unwrap();
    for table in TABLES {
        let keep = format!("CREATE TABLE kept_{table} AS TABLE {table}");
        keeper.batch_execute(&keep).await.unwrap();
    }
    for change in [
        "UPDATE event SET recorded_at = recorded_at + 1 WHERE instance = $1 AND sequence = 2",
        "UPDATE hand_off SET amount = amount + 1 WHERE reference =
            (SELECT reference FROM event WHERE instance = $1 AND sequence = 2)",
        "UPDATE event SET instance = (SELECT instance FROM instance WHERE instance <> $1 LIMIT 1),
            sequence = 5 WHERE instance = $1 AND sequence = 4",
        "UPDATE instance SET begun_at = begun_at + 1 WHERE instance = $1",
        "UPDATE instance SET sequence = sequence - 1 WHERE instance = $1",
        "DELETE FROM joined WHERE instance = $1",
        "UPDATE head SET seal = hash WHERE instance = $1",
        "UPDATE head SET hash = seal WHERE instance = $1",
        "UPDATE head SET mark = '\\x0102030405060708' WHERE instance = $1",
        "DELETE FROM head WHERE instance = $1",
        // The first event, taken away as if its time had been over.
        "INSERT INTO purged (instance, first, last, hash)
            SELECT instance, sequence, sequence, hash FROM event WHERE instance = $1 AND sequence = 1",
    ] {
        // The middle one covers the first, and is covered by the last.
        assert!(keeper.execute(change, &[&chains[1]]).await.unwrap() > 0, "{change}");
        let broken = reader.verify().await.err();
        assert!(matches!(broken, Some(LedgerError::Broken { .. })), "{change}: {broken:?}");
        for table in TABLES {
            let back = format!(
                "BEGIN; SET LOCAL session_replication_role = replica;
                 DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}; COMMIT"
            );
            keeper.batch_execute(&back).await.unwrap();
        }
        reader.verify().await.unwrap();
    }
}
