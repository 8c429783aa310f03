//! What needs a hand inside: a full disk, a panic, an error of the disk, a writer that is held up.

use super::*;
use crate::ledger::row::tests::any_hand_off;
use crate::payment::State;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use std::sync::mpsc;
use std::time::Duration;
use tempfile::TempDir;

const WAIT: Duration = Duration::from_secs(1);

fn ledger(queue: usize) -> (TempDir, Arc<SqliteLedger>) {
    let folder = tempfile::tempdir().unwrap();
    let settings = SqliteSettings { write_wait: WAIT, queue, ..SqliteSettings::default() };
    let ledger = SqliteLedger::open(&folder.path().join("ledger.db"), settings).unwrap();
    (folder, ledger)
}

fn hand_off() -> HandOff {
    let hand_off = any_hand_off().new_tree(&mut TestRunner::default()).unwrap().current();
    let now = crate::clock::Clock::system().now();
    HandOff { reference: Reference::at(now), opened_at: now, ..hand_off }
}

async fn open(ledger: &SqliteLedger, hand_off: &HandOff) -> Result<Opening, LedgerError> {
    ledger.open(hand_off.clone(), None, hand_off.opened_at).await
}

/// Holds the writer up until the sender is dropped; returns once it is.
async fn hold_up(ledger: &Arc<SqliteLedger>) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let (begun, mut is_begun) = tokio::sync::mpsc::channel::<()>(1);
    let ledger = Arc::clone(ledger);
    let held = async move {
        ledger
            .write(move |_| {
                begun.blocking_send(()).unwrap();
                released.lock().unwrap().recv().unwrap_err();
                Ok(())
            })
            .await
    };
    #[expect(clippy::disallowed_methods, reason = "a test ends with its runtime")]
    tokio::spawn(held);
    is_begun.recv().await.unwrap();
    release
}

#[tokio::test]
async fn fm_15_a_full_disk_refuses_writes_until_there_is_space() {
    let (_folder, ledger) = ledger(1024);
    let pages = |count: i64| {
        move |books: &mut Books| {
            books.connection.pragma_update(None, "max_page_count", count)?;
            Ok(())
        }
    };
    // SQLite takes no limit below the pages in use: these are all of them.
    ledger.write(pages(1)).await.unwrap();
    let mut written = Vec::new();
    let refused = loop {
        let hand_off = hand_off();
        match open(&ledger, &hand_off).await {
            Ok(_) => written.push(hand_off.reference),
            Err(error) => break (hand_off, error),
        }
        assert!(written.len() < 1000, "the disk never fills");
    };
    assert!(matches!(&refused.1, LedgerError::Unavailable(text) if text.contains("full")));
    assert_eq!(ledger.find(refused.0.reference).await.unwrap(), None);
    assert!(!*ledger.failed().borrow(), "a full disk passes by itself");

    ledger.write(pages(1_000_000)).await.unwrap();
    assert!(matches!(open(&ledger, &refused.0).await.unwrap(), Opening::Opened(_)));
    for reference in written {
        assert!(ledger.find(reference).await.unwrap().is_some());
    }
    ledger.verify().await.unwrap();
}

#[tokio::test]
async fn fm_18_an_error_of_the_disk_closes_the_ledger_for_good() {
    let (folder, ledger) = ledger(1024);
    let mut failed = ledger.failed();
    assert!(!*failed.borrow_and_update());
    let before = hand_off();
    // After the first transaction the log of an earlier life is cut to nothing; the second one fills it.
    open(&ledger, &hand_off()).await.unwrap();
    open(&ledger, &before).await.unwrap();
    let broken = || {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
        rusqlite::Error::SqliteFailure(code, None)
    };
    ledger.write(move |_| Err::<(), _>(broken().into())).await.unwrap_err();
    assert!(*failed.borrow_and_update());
    assert!(matches!(ledger.ready().await, Err(LedgerError::Unavailable(_))));
    assert!(matches!(open(&ledger, &hand_off()).await, Err(LedgerError::Unavailable(_))));
    assert!(matches!(ledger.find(before.reference).await, Err(LedgerError::Unavailable(_))));
    drop(ledger);
    let log = folder.path().join("ledger.db-wal");
    assert!(log.metadata().unwrap().len() > 0, "nothing is moved into the file after the error");

    let again = SqliteLedger::open(&folder.path().join("ledger.db"), SqliteSettings::default());
    assert!(again.unwrap().find(before.reference).await.unwrap().is_some());
}

#[tokio::test]
async fn fm_75_a_panic_harms_neither_the_thread_nor_its_group() {
    let (_folder, ledger) = ledger(1024);
    let release = hold_up(&ledger).await;
    let (first, last) = (hand_off(), hand_off());
    let all = async {
        tokio::join!(
            open(&ledger, &first),
            ledger.write(|books| {
                books.connection.execute_batch("DROP TABLE idempotency")?;
                panic!("as a test");
                #[expect(unreachable_code, reason = "gives the closure its type")]
                Ok(())
            }),
            open(&ledger, &last),
            async { drop(release) },
        )
    };
    let (first, panicked, last, ()) = all.await;
    assert!(matches!(first.unwrap(), Opening::Opened(_)));
    assert!(matches!(panicked, Err(LedgerError::Unavailable(_))));
    assert!(matches!(last.unwrap(), Opening::Opened(_)));
    let read = ledger.read(|_| -> Result<(), Trouble> { panic!("as a test") });
    assert!(matches!(read.await, Err(LedgerError::Unavailable(_))));
    assert_eq!(ledger.verify().await.unwrap().events, 2);
    let (keyed, key) =
        (hand_off(), IdempotencyKey { key: [1; 32], fingerprint: [2; 32], other: None });
    let opened = ledger.open(keyed.clone(), Some(key), keyed.opened_at).await.unwrap();
    assert!(matches!(opened, Opening::Opened(_)), "what the panic had done was undone");
}

#[tokio::test]
async fn a_row_that_cannot_be_is_the_trouble_of_its_asker_alone() {
    let (_folder, ledger) = ledger(1024);
    let release = hold_up(&ledger).await;
    let (good, mut wrong, best) = (hand_off(), hand_off(), hand_off());
    wrong.opened_as = State::Accepted;
    let all = async {
        tokio::join!(open(&ledger, &good), open(&ledger, &wrong), open(&ledger, &best), async {
            drop(release);
        })
    };
    let (good, refused, best, ()) = all.await;
    assert!(matches!(refused, Err(LedgerError::Unavailable(text)) if text.contains("CHECK")));
    assert!(matches!(good.unwrap(), Opening::Opened(_)));
    assert!(matches!(best.unwrap(), Opening::Opened(_)));
    assert_eq!(ledger.verify().await.unwrap().hand_offs, 2);
}

#[tokio::test]
async fn a_commit_that_fails_refuses_its_whole_group() {
    let (_folder, ledger) = ledger(1024);
    let release = hold_up(&ledger).await;
    let innocent = hand_off();
    let all = async {
        tokio::join!(
            open(&ledger, &innocent),
            ledger.write(|books| {
                books.connection.execute_batch(
                    "PRAGMA defer_foreign_keys = ON;
                     INSERT INTO chase VALUES (zeroblob(16), 0, 0, NULL);",
                )?;
                Ok(())
            }),
            async { drop(release) },
        )
    };
    let (refused, culprit, ()) = all.await;
    assert!(matches!(culprit, Err(LedgerError::Unavailable(text)) if text.contains("FOREIGN KEY")));
    assert!(matches!(refused, Err(LedgerError::Unavailable(_))));
    assert_eq!(ledger.find(innocent.reference).await.unwrap(), None);
    assert!(matches!(open(&ledger, &innocent).await.unwrap(), Opening::Opened(_)));
    ledger.verify().await.unwrap();
}

#[tokio::test]
async fn every_connection_is_set_to_lose_nothing() {
    const SET: [(&str, i64); 8] = [
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("secure_delete", 1),
        ("cell_size_check", 1),
        ("temp_store", 2),
        ("fullfsync", 1),
        ("checkpoint_fullfsync", 1),
    ];
    let read = |connection: &Connection| {
        let one = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        let set = SET.map(|(name, _)| (name, one(name).unwrap()));
        Ok((set, mode, one("query_only")?))
    };
    let (_folder, ledger) = ledger(1024);
    let writer = ledger.write(move |books| read(&books.connection)).await.unwrap();
    assert_eq!(writer, (SET, "wal".to_owned(), 0));
    assert_eq!(ledger.read(read).await.unwrap(), (SET, "wal".to_owned(), 1));
}

#[tokio::test]
async fn fm_20_who_was_told_busy_is_never_written() {
    let (_folder, ledger) = ledger(1024);
    let release = hold_up(&ledger).await;
    let (late, next) = (hand_off(), hand_off());
    assert!(matches!(open(&ledger, &late).await, Err(LedgerError::Busy)));
    drop(release);
    open(&ledger, &next).await.unwrap();
    assert_eq!(ledger.find(late.reference).await.unwrap(), None);
}

#[tokio::test]
async fn what_was_taken_up_is_waited_for_however_long_it_takes() {
    let (_folder, ledger) = ledger(1024);
    let slow = ledger.write(|_| {
        std::thread::sleep(WAIT * 2);
        Ok("done")
    });
    assert_eq!(slow.await.unwrap(), "done");
}

#[tokio::test]
async fn fm_63_a_full_queue_answers_busy_at_once() {
    let (_folder, ledger) = ledger(1);
    let release = hold_up(&ledger).await;
    let (queued, refused) = (hand_off(), hand_off());
    let (queued, refused, ()) =
        tokio::join!(open(&ledger, &queued), open(&ledger, &refused), async {
            drop(release);
        });
    assert!(matches!(queued.unwrap(), Opening::Opened(_)));
    assert!(matches!(refused, Err(LedgerError::Busy)));
}

#[tokio::test]
async fn a_caller_that_goes_away_undoes_nothing() {
    let (_folder, ledger) = ledger(1024);
    let release = hold_up(&ledger).await;
    let abandoned = hand_off();
    {
        let mut call = Box::pin(open(&ledger, &abandoned));
        let looked = std::future::poll_fn(|context| {
            std::task::Poll::Ready(call.as_mut().poll(context).is_pending())
        });
        assert!(looked.await, "it waits in the queue now");
    }
    drop(release);
    open(&ledger, &hand_off()).await.unwrap();
    assert!(ledger.find(abandoned.reference).await.unwrap().is_some());
}

/// However many rows there are, none of these reads a table through; and a webhook of a dialect that does
/// not ask changes no page that is drawn by lot.
#[tokio::test]
async fn what_is_looked_up_is_found_by_an_index() {
    let (_folder, ledger) = ledger(1024);
    let plans = |connection: &Connection, sql: &str| {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let mut rows = statement.raw_query();
        let mut plan = Vec::new();
        while let Some(row) = rows.next()? {
            let step: String = row.get("detail")?;
            plan.extend(
                [step]
                    .into_iter()
                    .filter(|step| step != "SCAN CONSTANT ROW" && step != "SCALAR SUBQUERY 1"),
            );
        }
        Ok::<_, Trouble>(plan)
    };
    for (sql, found) in [
        (trace::ANOTHERS, "given USING PRIMARY KEY (processor_reference=?)"),
        ("DELETE FROM given WHERE reference = ?1", "given USING COVERING INDEX given_reference"),
        ("SELECT * FROM event WHERE reference = ?1", "event USING PRIMARY KEY (reference=?)"),
        ("SELECT * FROM event WHERE sequence > ?1", "event USING INDEX sqlite_autoindex_event_"),
        ("SELECT * FROM hand_off WHERE reference = ?1", "(reference=? AND event_id=?)"),
        ("SELECT * FROM idempotency WHERE key = ?1", "idempotency USING PRIMARY KEY"),
        ("DELETE FROM idempotency WHERE reference = ?1", "idempotency_reference (reference=?)"),
        ("SELECT * FROM trace WHERE reference = ?1", "trace USING PRIMARY KEY (reference=?)"),
        ("SELECT * FROM chase WHERE due_at <= ?1 ORDER BY due_at LIMIT 9", "chase_due (due_at<?)"),
    ] {
        let plan = ledger.read(move |connection| plans(connection, sql)).await.unwrap();
        let [search] = plan.as_slice() else { panic!("{sql}: {plan:?}") };
        assert!(search.starts_with("SEARCH") && search.contains(found), "{sql}: {search}");
    }
    let of_events = |connection: &Connection| {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'event'";
        Ok(connection.query_row(sql, (), |row| row.get::<_, i64>(0))?)
    };
    // By the place in the chain, which grows, and of what is parked.
    assert_eq!(ledger.read(of_events).await.unwrap(), 2);
}
