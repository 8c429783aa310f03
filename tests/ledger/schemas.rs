//! A ledger of an older schema: every row comes through, and a crash on the way leaves the old or the new.

use crate::doubts::call;
use crate::file::start;
use crate::samples::{at, conclude, hand_off, key, notice, opened};
use almoner::ledger::sqlite::SqliteLedger;
use almoner::ledger::{Doubts, Ledger, Page, Purpose, Report, Trace};
use almoner::payment::{Dialect, EventId, Evidence, Fact, Outcome, ProcessorText, Source};
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

const STEPS: [&str; 4] = [
    include_str!("../../src/ledger/migrations/sqlite/0001.sql"),
    include_str!("../../src/ledger/migrations/sqlite/0002.sql"),
    include_str!("../../src/ledger/migrations/sqlite/0003.sql"),
    include_str!("../../src/ledger/migrations/sqlite/0004.sql"),
];

/// Every kind of row that schema 2 knows.
async fn fill(path: &Path) {
    let ledger: Arc<dyn Ledger> = start(path).unwrap();
    let settled = opened(&ledger, &hand_off(0)).await.hand_off.reference;
    conclude(&ledger, settled, &notice(1, Outcome::Accepted)).await;
    conclude(&ledger, hand_off(9).reference, &notice(3, Outcome::Accepted)).await;
    ledger.open(hand_off(1), Some(key(1, 1)), at(60)).await.unwrap();
    let (asked, given_up) = (call(&ledger, 2, 20).await, call(&ledger, 3, 20).await);
    let trace = Trace { mark: [7; 32], purpose: Purpose::Lodge, at: at(2) };
    ledger.send(asked, trace).await.unwrap();
    let overdue = Evidence {
        id: EventId([9; 16]),
        source: Source::Clock,
        fact: Fact::Overdue,
        ..notice(9, Outcome::Lapsed)
    };
    conclude(&ledger, given_up, &overdue).await;
    conclude(&ledger, call(&ledger, 4, 20).await, &notice(4, Outcome::Declined)).await;
    ledger.advance(Report::Mandates, at(5)).await.unwrap();
    for second in 10..60 {
        opened(&ledger, &hand_off(second)).await;
    }
}

/// The same rows in a file of schema 2, which keeps no row of a chase that was given up.
fn as_schema_2(new: &Path, old: &Path) {
    let raw = as_schema(2, new, old);
    raw.execute_batch(
        "INSERT INTO main.chase SELECT reference, due_at, tries FROM new.chase
            WHERE reference NOT IN (SELECT reference FROM event WHERE fact = 'overdue')",
    )
    .unwrap();
}

/// The same hand-offs, events, keys and marks in a file of an older schema.
fn as_schema(version: usize, new: &Path, old: &Path) -> Connection {
    let raw = Connection::open(old).unwrap();
    raw.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    for step in &STEPS[..version] {
        raw.execute_batch(step).unwrap();
    }
    raw.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
    raw.execute("ATTACH ?1 AS new", [new.to_str().unwrap()]).unwrap();
    for (table, columns) in [
        ("hand_off", "*"),
        (
            "event",
            "sequence, reference, event_id, source, fact, amount, currency, mode, processor_reference, code,
                occurred_at, state_before, state_after, recorded_at, hash",
        ),
        ("idempotency", "*"),
        ("trace", "*"),
        ("progress", "*"),
    ] {
        let sql = format!("INSERT INTO main.{table} SELECT {columns} FROM new.{table}");
        raw.execute_batch(&sql).unwrap();
    }
    fs::set_permissions(old, fs::Permissions::from_mode(0o600)).unwrap();
    raw
}

/// All that a ledger says.
async fn told(ledger: &dyn Ledger) -> String {
    let all = Page { limit: 1000, ..Page::default() };
    let entries = ledger.list(all).await.unwrap();
    let mut rest = Vec::new();
    for entry in &entries {
        let reference = entry.hand_off.reference;
        let traces = ledger.traces(reference).await.unwrap();
        rest.push((ledger.history(reference).await.unwrap(), traces));
    }
    let kept = ledger.kept(key(1, 1)).await.unwrap();
    let read = ledger.progress(Report::Mandates).await.unwrap();
    let parked = ledger.parked(10).await.unwrap();
    let verified = ledger.verify().await.unwrap();
    format!("{:#?}", (entries, rest, kept, read, parked, verified))
}

async fn grown(folder: &Path) -> std::path::PathBuf {
    let (new, old) = (folder.join("new.db"), folder.join("ledger.db"));
    fill(&new).await;
    as_schema_2(&new, &old);
    old
}

/// A closed ledger of schema 2 that takes a while to bring further; its hand-offs and events.
pub(crate) async fn many(folder: &Path, count: i64) -> (std::path::PathBuf, (i64, i64)) {
    let (new, old) = (folder.join("new.db"), folder.join("ledger.db"));
    let ledger: Arc<dyn Ledger> = start(&new).unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for second in 0..count {
        let ledger = Arc::clone(&ledger);
        writers.spawn(async move { opened(&ledger, &hand_off(second)).await });
        if writers.len() > 200 {
            writers.join_next().await;
        }
    }
    writers.join_all().await;
    let verified = ledger.verify().await.unwrap();
    as_schema_2(&new, &old);
    (old, (verified.hand_offs, verified.events))
}

#[tokio::test]
async fn cp_19_a_ledger_of_schema_2_comes_through_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = grown(folder.path()).await;
    let before = told(&*start(&folder.path().join("new.db")).unwrap()).await;
    let ledger = start(&path).unwrap();
    assert_eq!(told(&*ledger).await, before);
    let doubts = Doubts { count: 2, overdue: 1, given_up: 1, oldest: Some(at(2)) };
    assert_eq!(ledger.count_doubts().await.unwrap(), doubts);
    let claims = ledger.claim(at(10_000), at(20_000), 1000).await.unwrap();
    assert_eq!(claims.len(), 52, "what was awaited is still awaited");
    // The record is as guarded as it was, and takes the new words.
    let raw = Connection::open(&path).unwrap();
    for (sql, why) in [
        ("UPDATE event SET code = '1'", "never changes"),
        ("DELETE FROM event", "purge alone"),
        ("UPDATE hand_off SET plan = 'A'", "it is a view"),
        ("DELETE FROM hand_off", "it is a view"),
    ] {
        assert!(raw.execute_batch(sql).unwrap_err().to_string().contains(why));
    }
    let fresh = folder.path().join("fresh.db");
    drop(start(&fresh).unwrap());
    assert_eq!(schema(&raw), schema(&Connection::open(fresh).unwrap()));
}

/// Every table, index and trigger.
fn schema(raw: &Connection) -> Vec<String> {
    let mut all = raw.prepare("SELECT sql FROM sqlite_schema ORDER BY name").unwrap();
    let rows = all.query_map((), |row| row.get::<_, Option<String>>(0)).unwrap();
    rows.filter_map(Result::unwrap).collect()
}

/// The log as it is on the disk after each page that the migration wrote.
#[tokio::test]
async fn cp_19_fm_14_a_crash_in_the_migration_leaves_the_old_or_the_new() {
    const HEADER: usize = 32;
    const FRAME: usize = 24 + 4096;
    let folder = tempfile::tempdir().unwrap();
    let path = grown(folder.path()).await;
    let before = told(&*start(&folder.path().join("new.db")).unwrap()).await;
    let old = fs::read(&path).unwrap();
    let ledger = start(&path).unwrap();
    let log = fs::read(folder.path().join("ledger.db-wal")).unwrap();
    assert_eq!(fs::read(&path).unwrap(), old, "the log was not moved into the file yet");
    drop(ledger);
    let mut found = Vec::new();
    for cut in (HEADER..=log.len()).step_by(FRAME) {
        let there = tempfile::tempdir().unwrap();
        let copy = there.path().join("ledger.db");
        fs::write(&copy, &old).unwrap();
        fs::write(there.path().join("ledger.db-wal"), &log[..cut]).unwrap();
        let raw = Connection::open(&copy).unwrap();
        let version: i64 = raw.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%_wider'";
        let half: i64 = raw.query_row(tables, (), |row| row.get(0)).unwrap();
        assert_eq!(half, 0, "cut at {cut}");
        drop(raw);
        found.push(version);
        let again = SqliteLedger::open(&copy, almoner::ledger::sqlite::SqliteSettings::default());
        assert_eq!(told(&*again.unwrap()).await, before, "cut at {cut}");
    }
    assert!(found.is_sorted() && found.len() > 10, "{found:?}");
    found.dedup();
    assert_eq!(found, [2, 3, 4, 5, 6, 7, 8]);
}

/// What schema 4 finds by an index of all events, schema 5 finds in a table of its own.
#[tokio::test]
async fn whose_a_processor_s_reference_is_comes_through() {
    let folder = tempfile::tempdir().unwrap();
    let (new, path) = (folder.path().join("new.db"), folder.path().join("ledger.db"));
    let told = |id: u8| Evidence {
        processor_reference: ProcessorText::parse(&format!("P-{id}")),
        ..notice(id, Outcome::Accepted)
    };
    {
        let ledger: Arc<dyn Ledger> = start(&new).unwrap();
        let mut asks = hand_off(1);
        asks.asked.dialect = Dialect::Rsm2000;
        for (id, hand_off) in [(1, &asks), (2, &hand_off(2))] {
            opened(&ledger, hand_off).await;
            conclude(&ledger, hand_off.reference, &told(id)).await;
        }
        conclude(&ledger, hand_off(3).reference, &told(3)).await;
    }
    drop(as_schema(4, &new, &path));
    let ledger = start(&path).unwrap();
    let mut found = Vec::new();
    for id in 1..=3 {
        let theirs = ProcessorText::parse(&format!("P-{id}")).unwrap();
        found.push(ledger.is_anothers(theirs, hand_off(9).reference).await.unwrap());
    }
    assert_eq!(found, [true, false, true], "the second's dialect never asks");
    ledger.verify().await.unwrap();
}

/// A file from which somebody took a hand-off's opening is refused as it is, and not tidied by the migration.
#[tokio::test]
async fn a_hand_off_without_its_opening_does_not_vanish() {
    let folder = tempfile::tempdir().unwrap();
    let (new, path) = (folder.path().join("new.db"), folder.path().join("ledger.db"));
    {
        let ledger: Arc<dyn Ledger> = start(&new).unwrap();
        for second in 0..3 {
            opened(&ledger, &hand_off(second)).await;
        }
    }
    let raw = as_schema(4, &new, &path);
    raw.execute_batch(
        "DROP TRIGGER event_stays;
        DELETE FROM event WHERE sequence = 3;
        CREATE TRIGGER event_stays BEFORE DELETE ON event WHEN NOT EXISTS (SELECT 1 FROM purge)
        BEGIN SELECT RAISE(ABORT, 'an event is deleted by the purge alone'); END;",
    )
    .unwrap();
    drop(raw);
    let refusal = start(&path).map(drop).unwrap_err().to_string();
    assert!(refusal.contains("every_hand_off_has_its_opening"), "{refusal}");
    let raw = Connection::open(&path).unwrap();
    let left: i64 = raw.query_row("SELECT count(*) FROM hand_off", (), |row| row.get(0)).unwrap();
    assert_eq!(left, 3);
}
