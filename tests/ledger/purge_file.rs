//! The purge of a file: no byte is left, no gap is taken on trust, and no crash leaves half of it.

use crate::file::start;
use crate::purging::{settled, until};
use crate::samples::{at, conclude, hand_off, notice};
use almoner::ledger::sqlite::SqliteLedger;
use almoner::ledger::{IdempotencyKey, Ledger, LedgerError, Past, Purpose, Trace};
use almoner::payment::{EventId, Evidence, Outcome, ProcessorText};
use rusqlite::Connection;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

type Mark = [u8; 16];

fn lot() -> Mark {
    *Uuid::new_v4().as_bytes()
}

fn twice(mark: Mark) -> [u8; 32] {
    let mut both = [0; 32];
    both[..16].copy_from_slice(&mark);
    both[16..].copy_from_slice(&mark);
    both
}

/// A hand-off with everything that a row can hold; every sixteen bytes that are its own alone.
async fn marked(ledger: &Arc<dyn Ledger>, second: i64) -> Vec<Mark> {
    let hand_off = hand_off(second);
    let reference = hand_off.reference;
    let [key, fingerprint, trace, first, second_id] = [lot(), lot(), lot(), lot(), lot()];
    let text = Uuid::new_v4().simple().to_string();
    let key_given =
        IdempotencyKey { key: twice(key), fingerprint: twice(fingerprint), other: None };
    ledger.open(hand_off, Some(key_given), at(second + 60)).await.unwrap();
    let sent = Trace { mark: twice(trace), purpose: Purpose::Lodge, at: at(second) };
    ledger.send(reference, sent).await.unwrap();
    for (id, outcome) in [(first, Outcome::Declined), (second_id, Outcome::Accepted)] {
        let evidence = Evidence {
            id: EventId(id),
            processor_reference: ProcessorText::parse(&text),
            ..notice(1, outcome)
        };
        ledger.conclude(reference, evidence, at(second + 1)).await.unwrap();
    }
    let text = text.as_bytes()[..16].try_into().unwrap();
    vec![*reference.as_bytes(), key, fingerprint, trace, first, second_id, text]
}

/// Which of these stand anywhere in any file of the folder.
fn found(folder: &Path, marks: &HashSet<Mark>) -> HashSet<Mark> {
    let mut found = HashSet::new();
    for file in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        for window in bytes.windows(16) {
            found.extend(marks.get(window));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn g_d2_no_byte_of_what_was_purged_is_in_any_file() {
    let folder = tempfile::tempdir().unwrap();
    let ledger: Arc<dyn Ledger> = start(&folder.path().join("ledger.db")).unwrap();
    let (mut old, mut new) = (HashSet::new(), HashSet::new());
    for round in 0..20 {
        let mut each = tokio::task::JoinSet::new();
        for place in 0..64 {
            let ledger = Arc::clone(&ledger);
            // Old and new turn by turn, so that pages are shared.
            let second = round * 64 + place + if place % 4 == 0 { 100_000 } else { 0 };
            each.spawn(async move { (second, marked(&ledger, second).await) });
        }
        for (second, marks) in each.join_all().await {
            if second < 100_000 { &mut old } else { &mut new }.extend(marks);
        }
    }
    assert_eq!(found(folder.path(), &old).len(), old.len(), "they can be found at all");
    let mut past = Past { limit: 64, ..until(50_000) };
    loop {
        let step = ledger.purge(past).await.unwrap();
        if step.next.is_none() {
            break;
        }
        past.after = step.next;
    }
    // Whatever is written next finds the log cut to nothing already.
    ledger.ready().await.unwrap();
    assert_eq!(found(folder.path(), &old).len(), 0, "of {}", old.len());
    assert_eq!(found(folder.path(), &new).len(), new.len());
    assert_eq!(ledger.verify().await.unwrap().purged, 20 * 48 * 3);
    drop(ledger);
    assert_eq!(found(folder.path(), &old).len(), 0);
}

/// The files as they stand on the disk.
fn standing(path: &Path) -> (Vec<u8>, Vec<u8>) {
    let log = fs::read(beside(path, "-wal")).unwrap_or_default();
    (fs::read(path).unwrap(), log)
}

fn beside(path: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", path.display()))
}

/// Opens a ledger that was left like this.
fn left(file: &[u8], log: &[u8]) -> (tempfile::TempDir, Arc<SqliteLedger>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    fs::write(&path, file).unwrap();
    fs::write(beside(&path, "-wal"), log).unwrap();
    let ledger = start(&path).unwrap();
    (folder, ledger)
}

/// Forty hand-offs in a closed file; then half of them purged, with all of that in the log alone.
async fn purged_in_the_log(path: &Path) -> (Vec<u8>, Vec<u8>) {
    let ledger: Arc<dyn Ledger> = start(path).unwrap();
    for second in 0..40 {
        settled(&ledger, second).await;
    }
    drop(ledger);
    // Who writes beside a service leaves the log as it is.
    let beside: Arc<dyn Ledger> = SqliteLedger::open_beside(path).unwrap();
    let mut past = Past { limit: 8, ..until(50) };
    while let Some(next) = beside.purge(past).await.unwrap().next {
        past.after = Some(next);
    }
    let left = standing(path);
    drop(beside);
    left
}

#[tokio::test]
async fn cp_20_a_crash_in_the_purge_leaves_each_step_done_or_not_begun() {
    const HEADER: usize = 32;
    const FRAME: usize = 24 + 4096;
    let folder = tempfile::tempdir().unwrap();
    let (file, log) = purged_in_the_log(&folder.path().join("ledger.db")).await;
    let mut found = Vec::new();
    for cut in (HEADER..=log.len()).step_by(FRAME) {
        let (_folder, ledger) = left(&file, &log[..cut]);
        let verified = ledger.verify().await.unwrap();
        assert_eq!(
            (verified.events + verified.purged, verified.hand_offs * 2),
            (80, verified.events)
        );
        found.push(verified.purged);
        // The next purge removes the rest.
        ledger.purge(until(50)).await.unwrap();
        assert_eq!(ledger.verify().await.unwrap().purged, 40, "cut at {cut}");
    }
    assert!(found.is_sorted() && found.len() > 20, "{found:?}");
    found.dedup();
    assert_eq!(found, [0, 16, 32, 40]);
}

#[tokio::test]
async fn cp_21_a_crash_in_the_checkpoint_loses_nothing_and_brings_nothing_back() {
    const PAGE: usize = 4096;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let (old, log) = purged_in_the_log(&path).await;
    // The service moves the log into the file.
    drop(start(&path).unwrap());
    let new = fs::read(&path).unwrap();
    assert_ne!(old, new);
    let pages = new.len().max(old.len()) / PAGE;
    for moved in 0..=pages {
        let mut half = new[..new.len().min(moved * PAGE)].to_vec();
        half.extend(&old[old.len().min(moved * PAGE)..]);
        let (_folder, ledger) = left(&half, &log);
        let verified = ledger.verify().await.unwrap();
        assert_eq!((verified.events, verified.purged), (40, 40), "{moved} pages");
    }
    // The file is on the disk before the log is cut.
    let (_folder, ledger) = left(&new, &[]);
    assert_eq!(ledger.verify().await.unwrap().purged, 40);
}

/// What `verify` says of a copy of the file that was changed so.
async fn verdict(path: &Path, sql: &str) -> Result<(), LedgerError> {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("ledger.db");
    fs::copy(path, &copy).unwrap();
    let raw = Connection::open(&copy).unwrap();
    raw.execute_batch(
        "DROP TRIGGER event_stays; DROP TRIGGER purged_never_changes;
         DROP TRIGGER purged_begins; DROP TRIGGER purged_stays;",
    )
    .unwrap();
    raw.execute_batch(sql).unwrap();
    drop(raw);
    SqliteLedger::open_to_read(&copy)?.verify().await.map(|_| ())
}

#[tokio::test]
async fn no_gap_is_taken_for_purged_that_was_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    {
        let ledger: Arc<dyn Ledger> = start(&path).unwrap();
        for second in 0..4 {
            settled(&ledger, second).await;
        }
        settled(&ledger, 1000).await;
        settled(&ledger, 4).await;
        settled(&ledger, 1001).await;
        ledger.purge(until(900)).await.unwrap();
        conclude(&ledger, hand_off(2000).reference, &notice(3, Outcome::Accepted)).await;
    }
    // Gone: 1 to 8, and 11 and 12. There: 9, 10, 13, 14, 15.
    verdict(&path, "").await.unwrap();
    for sql in [
        "DELETE FROM purged",
        "DELETE FROM purged WHERE first = 1",
        "DELETE FROM purged WHERE first = 11",
        "UPDATE purged SET last = 7 WHERE first = 1",
        "UPDATE purged SET last = 9 WHERE first = 1",
        "UPDATE purged SET first = 2 WHERE first = 1",
        "UPDATE purged SET hash = zeroblob(32) WHERE first = 11",
        "UPDATE purged SET first = 12 WHERE first = 11",
        "INSERT INTO purged VALUES (100, 9, 9, zeroblob(32))",
        "INSERT INTO purged VALUES (100, 16, 16, zeroblob(32)), (101, 17, 17, zeroblob(32))",
        "INSERT INTO purged VALUES (100, 20, 20, zeroblob(32))",
        "DELETE FROM event WHERE sequence IN (9, 10)",
        "DELETE FROM event WHERE sequence = 15; INSERT INTO purged VALUES (100, 14, 15, zeroblob(32))",
        "DELETE FROM event WHERE source = 'opened'",
    ] {
        let found = verdict(&path, sql).await;
        assert!(matches!(found, Err(LedgerError::Broken { .. })), "{sql}: {found:?}");
    }
    let raw = Connection::open(&path).unwrap();
    for sql in [
        "INSERT INTO purged VALUES (100, 20, 20, zeroblob(32))",
        "UPDATE purged SET last = 9 WHERE first = 1",
        "DELETE FROM purged",
    ] {
        let refused = raw.execute_batch(sql).unwrap_err().to_string();
        assert!(refused.contains("what was purged"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_a_purge_overtakes_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger: Arc<dyn Ledger> = start(&path).unwrap();
    for second in 0..600 {
        settled(&ledger, second).await;
    }
    let reader: Arc<dyn Ledger> = SqliteLedger::open_to_read(&path).unwrap();
    let proving = async {
        for _ in 0..5 {
            reader.verify().await.unwrap();
        }
    };
    let purging = async {
        for second in (0..600).step_by(7) {
            ledger.purge(until(second)).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(proving, purging);
    assert!(ledger.verify().await.unwrap().purged > 1000);
}
