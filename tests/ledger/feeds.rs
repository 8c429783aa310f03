//! One feed of several instances, of older versions, and of a file that became a database.

use crate::copying::fill;
use crate::feed::{all_behind, assert_in_order, write};
use crate::file::start as start_file;
use crate::instances::start;
use crate::samples::{at, conclude, hand_off, notice, opened};
use crate::server::database;
use almoner::ledger::copy::copy;
use almoner::ledger::postgres::PostgresLedger;
use almoner::ledger::sqlite::{SqliteLedger, SqliteSettings};
use almoner::ledger::{Answer, Attempt, Cursor, Item, Ledger, Outbox};
use almoner::payment::{EventId, Evidence, Outcome, Reference};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinSet;

/// What the feed tells of a hand-off is its history, whoever wrote it.
async fn assert_whole(ledger: &Arc<dyn Ledger>, items: &[Item]) {
    assert_in_order(items);
    for reference in items.iter().map(|item| item.event.reference).collect::<BTreeSet<_>>() {
        let told = items.iter().filter(|item| item.event.reference == reference);
        let told: Vec<_> = told.map(|item| item.event.clone()).collect();
        assert_eq!(told, ledger.history(reference).await.unwrap());
    }
}

/// Both hear of the same hand-offs, in turns and at once.
async fn quarrel(one: &Arc<dyn Ledger>, other: &Arc<dyn Ledger>, count: u8) -> Vec<Reference> {
    let mut calls = JoinSet::new();
    let mut references = Vec::new();
    for number in 1..=count {
        let (first, second) = if number % 2 == 0 { (one, other) } else { (other, one) };
        let reference = opened(first, &hand_off(i64::from(number))).await.hand_off.reference;
        for (ledger, id) in [(first, 1), (second, 2), (first, 3), (second, 4)] {
            let ledger = Arc::clone(ledger);
            let message = Evidence { id: EventId([id; 16]), ..notice(number, Outcome::Declined) };
            calls.spawn(async move { conclude(&ledger, reference, &message).await });
        }
        references.push(reference);
    }
    calls.join_all().await;
    references
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_of_two_instances_see_one_feed() {
    let database = database().await;
    let (one, other) = (start(&database).await, start(&database).await);
    let mut writers = JoinSet::new();
    for (ledger, seconds) in [(&one, 1000..1040), (&other, 2000..2040), (&one, 3000..3040)] {
        writers.spawn(write(Arc::clone(ledger), seconds));
    }
    let mut readers = JoinSet::new();
    for ledger in [&one, &other, &other] {
        let ledger = Arc::clone(ledger);
        readers.spawn(async move {
            let (mut seen, mut after): (Vec<Item>, Option<Cursor>) = (Vec::new(), None);
            while seen.len() < 360 + 60 {
                let items = ledger.feed(after, 11).await.unwrap().unwrap();
                after = items.last().map(|item| item.cursor).or(after);
                seen.extend(items);
            }
            seen
        });
    }
    quarrel(&one, &other, 12).await;
    writers.join_all().await;
    let seen = readers.join_all().await;
    assert_whole(&one, &seen[0]).await;
    assert!(seen.iter().all(|other| *other == seen[0]));
    // Another life, with a chain of its own, goes on behind it.
    let third = start(&database).await;
    let last = seen[0].last().unwrap().cursor;
    assert_eq!(third.feed(Some(last), 10).await.unwrap(), Some(vec![]));
    write(Arc::clone(&third), 9000..9001).await;
    assert_eq!(all_behind(&one, Some(last), 10).await.len(), 3);
    assert_eq!(all_behind(&third, None, 250).await.len(), 423);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_only_reads_sees_what_a_service_gave_a_place() {
    let database = database().await;
    let service = start(&database).await;
    write(Arc::clone(&service), 0..2).await;
    let reader: Arc<dyn Ledger> = PostgresLedger::open_to_read(database.settings()).await.unwrap();
    assert_eq!(reader.feed_end().await.unwrap(), None);
    assert_eq!(all_behind(&reader, None, 10).await, []);
    let end = service.feed_end().await.unwrap();
    assert_eq!(reader.feed_end().await.unwrap(), end);
    assert_eq!(all_behind(&reader, None, 10).await, all_behind(&service, None, 10).await);
}

/// Chains that were written before there was a feed, their events interwoven and their clocks apart.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_an_older_version_wrote_has_its_place_too() {
    let database = database().await;
    let (one, other) = (start(&database).await, start(&database).await);
    quarrel(&one, &other, 40).await;
    let keeper = database.keeper().await;
    let forget = "DELETE FROM feed; DELETE FROM fed; UPDATE feed_end SET position = 0; \
        UPDATE event SET recorded_at = 0 WHERE instance = (SELECT instance FROM instance ORDER BY instance LIMIT 1)";
    keeper.batch_execute(forget).await.unwrap();
    let items = all_behind(&one, None, 250).await;
    assert_eq!(items.len(), 200);
    assert_whole(&one, &items).await;
    assert_eq!(all_behind(&other, None, 250).await, items);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_of_the_file_goes_on_in_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let file = fill(&folder.path().join("ledger.db"), 20).await;
    let in_file: Arc<dyn Ledger> = Arc::<SqliteLedger>::clone(&file);
    let told = all_behind(&in_file, None, 250).await;
    let database = database().await;
    let to = PostgresLedger::open(database.settings()).await.unwrap();
    copy(&file, &to, |_| ()).await.unwrap();
    let in_database: Arc<dyn Ledger> = to;
    assert_eq!(all_behind(&in_database, None, 250).await, told);
    let cursor = told[7].cursor;
    assert_eq!(all_behind(&in_database, Some(cursor), 250).await, told[8..]);
    let end = in_database.feed_end().await.unwrap();
    assert_eq!(end, in_file.feed_end().await.unwrap());
    write(Arc::clone(&in_database), 7000..7001).await;
    let further = all_behind(&in_database, end, 250).await;
    assert_eq!(further.len(), 3);
    assert!(further[0].cursor.position > end.unwrap().position);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_changes_nothing_of_the_feed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let before: Arc<dyn Ledger> = start_file(&path).unwrap();
    write(Arc::clone(&before), 0..3).await;
    let told = all_behind(&before, None, 2).await;
    drop(before);
    let after: Arc<dyn Ledger> = start_file(&path).unwrap();
    assert_eq!(all_behind(&after, None, 250).await, told);
    write(Arc::clone(&after), 10..11).await;
    assert_eq!(all_behind(&after, Some(told[8].cursor), 2).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_still_to_be_told_is_told_from_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let file = SqliteLedger::open(&path, SqliteSettings::default()).unwrap();
    file.subscribe(vec!["crm".to_owned(), "books".to_owned()]).await.unwrap();
    let in_file: Arc<dyn Ledger> = Arc::<SqliteLedger>::clone(&file);
    let written = write(Arc::clone(&in_file), 0..3).await;
    let claim = |outbox: Arc<dyn Outbox>, name: &'static str, second| async move {
        outbox.claim_deliveries(name, at(second), at(second + 9), 10).await.unwrap()
    };
    let due = claim(Arc::<SqliteLedger>::clone(&file), "crm", 500).await;
    assert_eq!(due.len(), 3);
    let taken = Attempt {
        subscriber: "crm".to_owned(),
        position: due[0].item.cursor.position,
        at: at(501),
        answer: Answer::Taken,
        again: None,
    };
    file.settle(taken).await.unwrap();
    let database = database().await;
    let to = PostgresLedger::open(database.settings()).await.unwrap();
    copy(&file, &to, |_| ()).await.unwrap();
    to.subscribe(vec!["crm".to_owned(), "books".to_owned()]).await.unwrap();
    for (name, first) in [("crm", 1), ("books", 0)] {
        let due = claim(Arc::<PostgresLedger>::clone(&to), name, 600).await;
        let references: Vec<_> = due.iter().map(|it| it.item.event.reference).collect();
        assert_eq!(references, written, "{name}");
        let told = due[0].item.event.evidence.is_some();
        assert_eq!(told, first == 1, "what was taken is not told again: {name}");
    }
}

/// Somebody who may write to the database has the feed tell something else than the chains.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_feed_that_was_altered_is_found() {
    let database = database().await;
    let (one, other) = (start(&database).await, start(&database).await);
    quarrel(&one, &other, 6).await;
    one.feed_end().await.unwrap();
    one.verify().await.unwrap();
    let keeper = database.keeper().await;
    keeper
        .batch_execute("ALTER TABLE delivery DROP CONSTRAINT delivery_position_fkey")
        .await
        .unwrap();
    let swap = |first: &str, second: &str| {
        format!(
            "UPDATE feed SET position = 1000000 WHERE position = ({first});
             UPDATE feed SET position = ({first}) WHERE position = ({second});
             UPDATE feed SET position = ({second}) WHERE position = 1000000"
        )
    };
    // The first two of one chain; and of a hand-off what one instance wrote and then the other.
    let chain = "SELECT instance FROM instance WHERE sequence > 2 ORDER BY instance LIMIT 1";
    let of_chain = |place: i32| {
        format!("SELECT place FROM was WHERE instance = ({chain}) AND sequence = {place}")
    };
    let across = "SELECT a.place AS one, b.place AS two FROM was AS a JOIN was AS b
        ON b.reference = a.reference AND b.number = a.number + 1 AND b.instance <> a.instance LIMIT 1";
    let of_hand_off = |which: &str| format!("SELECT {which} FROM ({across}) AS pair");
    let was = "CREATE TABLE was AS SELECT feed.position AS place, event.place AS number, instance, sequence, reference
        FROM feed JOIN event USING (instance, sequence)";
    keeper.batch_execute(was).await.unwrap();
    for (alter, told) in [
        ("DELETE FROM feed WHERE position = 3".to_owned(), "lost its place in the feed"),
        ("UPDATE feed SET position = 1000000 WHERE position = 3".to_owned(), "never given"),
        ("UPDATE fed SET sequence = sequence - 1".to_owned(), "never given"),
        (swap(&of_chain(1), &of_chain(2)), "not in the chain's order"),
        (swap(&of_hand_off("one"), &of_hand_off("two")), "order"),
        ("UPDATE feed SET position = position + 500; UPDATE feed_end SET position = position + 500".to_owned(), "feed_end.position"),
    ] {
        for table in ["feed", "fed", "feed_end"] {
            let keep = format!("CREATE TABLE kept_{table} AS TABLE {table}");
            keeper.batch_execute(&keep).await.unwrap();
        }
        keeper.batch_execute(&alter).await.unwrap();
        let found = one.verify().await.unwrap_err().to_string();
        assert!(found.contains(told), "{alter}: {found}");
        for table in ["feed", "fed", "feed_end"] {
            let back = format!(
                "DELETE FROM {table}; INSERT INTO {table} TABLE kept_{table}; DROP TABLE kept_{table}"
            );
            keeper.batch_execute(&back).await.unwrap();
        }
        one.verify().await.unwrap();
    }
    // What is purged leaves gaps, and they are none.
    crate::purging::settled(&one, 5000).await;
    one.feed_end().await.unwrap();
    assert!(one.purge(crate::purging::until(5060)).await.unwrap().events > 0);
    one.verify().await.unwrap();
}
