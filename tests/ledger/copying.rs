//! A record moved from a file into a database, cut off and gone on with, and what does not pass for one.

use crate::doubts::call;
use crate::purging::{settled, until};
use crate::samples::{at, conclude, find, hand_off, key, notice, opened};
use crate::server::{Database, database};
use almoner::ledger::copy::{CopyError, Step, copy};
use almoner::ledger::postgres::PostgresLedger;
use almoner::ledger::sqlite::{Copy, SqliteLedger, SqliteSettings};
use almoner::ledger::{Ledger, LedgerError, Opening, Page, Purpose, Report, Trace};
use almoner::payment::Outcome;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Every kind of row, and more events than go in one transaction.
pub(crate) async fn fill(path: &Path, count: i64) -> Arc<SqliteLedger> {
    let file = SqliteLedger::open(path, SqliteSettings::default()).unwrap();
    let ledger: Arc<dyn Ledger> = Arc::<SqliteLedger>::clone(&file);
    settled(&ledger, 0).await;
    let changed = settled(&ledger, 100).await;
    let trace = Trace { mark: [7; 32], purpose: Purpose::Cancel, at: at(130) };
    ledger.send(changed, trace).await.unwrap();
    ledger.open(hand_off(101), Some(key(1, 1)), at(160)).await.unwrap();
    let doubt = call(&ledger, 102, 110).await;
    ledger.claim(at(110), at(200), 1).await.unwrap();
    ledger.reschedule(doubt, None).await.unwrap();
    call(&ledger, 103, 999).await;
    // Parked, and then opened after all; parked for good.
    let early = hand_off(104);
    conclude(&ledger, early.reference, &notice(1, Outcome::Declined)).await;
    opened(&ledger, &early).await;
    conclude(&ledger, hand_off(105).reference, &notice(2, Outcome::Accepted)).await;
    ledger.advance(Report::Collections, at(55)).await.unwrap();
    for second in 0..count {
        opened(&ledger, &hand_off(200 + second)).await;
    }
    file
}

async fn all_of(ledger: &dyn Ledger) -> String {
    let entries = ledger.list(Page { limit: 10_000, ..Page::default() }).await.unwrap();
    let mut rest = Vec::new();
    for entry in &entries {
        let reference = entry.hand_off.reference;
        rest.push((ledger.history(reference).await, ledger.traces(reference).await));
    }
    let doubts = ledger.doubts(100).await;
    let read = ledger.progress(Report::Collections).await;
    let parked = ledger.parked(10).await;
    format!("{:#?}", (entries, rest, doubts, read, parked, ledger.kept(key(1, 1)).await))
}

async fn open(database: &Database) -> Arc<PostgresLedger> {
    PostgresLedger::open(database.settings()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_the_same_record_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (file, database) = (fill(&folder.path().join("ledger.db"), 20).await, database().await);
    let to = open(&database).await;
    let proved = copy(&file, &to, |_| ()).await.unwrap();
    assert_eq!(all_of(&*to).await, all_of(&*file).await);
    assert_eq!(to.verify().await.unwrap(), proved);
    assert_eq!(copy(&file, &to, |_| ()).await.unwrap(), proved, "twice is once");
    // Another chain goes on from it.
    let ledger: Arc<dyn Ledger> = to;
    let again = ledger.open(hand_off(900), Some(key(1, 1)), at(901)).await.unwrap();
    assert!(matches!(again, Opening::Repeated(_)));
    let reference = opened(&ledger, &hand_off(901)).await.hand_off.reference;
    conclude(&ledger, hand_off(0).reference, &notice(1, Outcome::Accepted)).await;
    find(&ledger, reference).await;
    assert_eq!(ledger.verify().await.unwrap().events, proved.events + 2);
    let late = copy(&file, &*open(&database).await, |_| ()).await;
    assert!(matches!(late, Err(CopyError::Occupied)), "it was used since");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_was_cut_off_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (file, database) = (fill(&folder.path().join("ledger.db"), 2500).await, database().await);
    for cut_after in [1000, 2000] {
        let to = open(&database).await;
        let done = Arc::new(AtomicI64::new(0));
        let (heard, file) = (Arc::clone(&done), Arc::clone(&file));
        let (sender, reached) = tokio::sync::oneshot::channel();
        let sender = std::sync::Mutex::new(Some(sender));
        #[expect(clippy::disallowed_methods, reason = "it is cut off")]
        let copying = tokio::spawn(async move {
            let told = |step| {
                if let Step::Copied(events, _) = step {
                    heard.store(events, Ordering::SeqCst);
                    if events >= cut_after {
                        sender.lock().unwrap().take().map(|sender| sender.send(()));
                    }
                }
            };
            copy(&file, &to, told).await
        });
        reached.await.unwrap();
        copying.abort();
        copying.await.ok();
        assert!(done.load(Ordering::SeqCst) >= cut_after);
    }
    let first = Arc::new(AtomicI64::new(-1));
    let heard = Arc::clone(&first);
    let to = open(&database).await;
    let told = |step| {
        if let Step::Copied(events, _) = step {
            heard.compare_exchange(-1, events, Ordering::SeqCst, Ordering::SeqCst).ok();
        }
    };
    let proved = copy(&file, &to, told).await.unwrap();
    assert!(first.load(Ordering::SeqCst) >= 2000, "what was copied is not copied again");
    assert_eq!(to.verify().await.unwrap(), proved);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_purged_is_written_down_in_the_copy_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = fill(&folder.path().join("ledger.db"), 20).await;
    file.purge(until(60)).await.unwrap();
    let ledger: Arc<dyn Ledger> = Arc::<SqliteLedger>::clone(&file);
    settled(&ledger, 2000).await;
    let database = database().await;
    let to = open(&database).await;
    let proved = copy(&file, &to, |_| ()).await.unwrap();
    assert!(proved.purged > 0);
    assert_eq!(to.verify().await.unwrap(), proved);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_differs_or_stands_on_another_record_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = fill(&folder.path().join("ledger.db"), 5).await;
    let database = database().await;
    let to = open(&database).await;
    copy(&file, &to, |_| ()).await.unwrap();
    let keeper = database.keeper().await;
    keeper.batch_execute("UPDATE idempotency SET at = at + 1").await.unwrap();
    let differs = copy(&file, &to, |_| ()).await;
    assert!(matches!(differs, Err(CopyError::Differs { .. })), "{differs:?}");
    let other = fill(&folder.path().join("other.db"), 9).await;
    let occupied = copy(&other, &to, |_| ()).await;
    assert!(matches!(occupied, Err(CopyError::Occupied)), "{occupied:?}");
    let reader = PostgresLedger::open_to_read(database.settings()).await.unwrap();
    let refused = copy(&file, &reader, |_| ()).await;
    assert!(matches!(refused, Err(CopyError::Ledger(LedgerError::Unavailable(_)))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_whose_record_was_moved_is_read_and_served_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let file = fill(&path, 5).await;
    let database = database().await;
    SqliteLedger::stays(&path).unwrap();
    let proved = copy(&file, &*open(&database).await, |_| ()).await.unwrap();
    drop(file);
    for refused in [
        SqliteLedger::open(&path, SqliteSettings::default()).err().unwrap(),
        SqliteLedger::open_beside(&path).err().unwrap(),
        SqliteLedger::stays(&path).err().unwrap(),
    ] {
        let told = refused.to_string();
        let place = format!("the database {} at 127.0.0.1:{}", database.name, database.port());
        assert!(told.contains(&format!("its record was moved to {place}")), "{told}");
        assert!(told.contains("name that database with ledger.url"), "{told}");
        assert!(!told.contains("almoner@"), "{told}");
    }
    let read = SqliteLedger::open_to_read(&path).unwrap();
    assert_eq!(read.verify().await.unwrap(), proved);
    assert!(!read.list(Page { limit: 10, ..Page::default() }).await.unwrap().is_empty());
    let backup = Copy::of(&path, &folder.path().join("backup.db"), |_| {}).unwrap();
    assert_eq!(backup.verify().await.unwrap(), proved);
    backup.finish().unwrap();
    // The same command once more is no harm, and none moves it elsewhere.
    let file = SqliteLedger::open_to_move(&path, SqliteSettings::default()).unwrap();
    assert_eq!(copy(&file, &*open(&database).await, |_| ()).await.unwrap(), proved);
    let elsewhere = crate::server::database().await;
    let moved = copy(&file, &*open(&elsewhere).await, |_| ()).await;
    assert!(
        matches!(&moved, Err(CopyError::Moved(place)) if place.contains(&database.name)),
        "{moved:?}"
    );
}
