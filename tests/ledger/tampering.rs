//! What someone with the file can do to it, and what `verify` says.

use crate::file::start;
use crate::samples::{asked, conclude, hand_off, notice, opened};
use almoner::ledger::sqlite::SqliteLedger;
use almoner::ledger::{HandOff, Ledger, LedgerError};
use almoner::payment::{Asked, Evidence, Outcome};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::path::Path;
use std::sync::Arc;

/// A parked and an applied message, a hand-off with and one without anything optional.
async fn fill(path: &Path) {
    let ledger: Arc<dyn Ledger> = start(path).unwrap();
    let (full, early) = (hand_off(0), hand_off(1));
    let bare = Asked { plan: None, appeal: None, merchant_reference: None, ..asked() };
    let bare = HandOff { asked: bare, ..hand_off(2) };
    let little = Evidence {
        amount: None,
        mode: None,
        processor_reference: None,
        code: None,
        ..notice(2, Outcome::Lapsed)
    };
    opened(&ledger, &full).await;
    conclude(&ledger, early.reference, &notice(1, Outcome::Cancelled)).await;
    conclude(&ledger, full.reference, &notice(1, Outcome::Declined)).await;
    opened(&ledger, &early).await;
    opened(&ledger, &bare).await;
    conclude(&ledger, bare.reference, &little).await;
    conclude(&ledger, full.reference, &notice(2, Outcome::Accepted)).await;
    conclude(&ledger, hand_off(9).reference, &notice(3, Outcome::Accepted)).await;
}

/// The file without what holds an honest program back.
fn unguarded(path: &Path) -> Connection {
    let raw = Connection::open(path).unwrap();
    raw.execute_batch(
        "PRAGMA synchronous = OFF;
         PRAGMA foreign_keys = OFF;
         PRAGMA ignore_check_constraints = ON;
         DROP TRIGGER event_never_changes; DROP TRIGGER event_stays;",
    )
    .unwrap();
    raw
}

/// What `verify` says of a copy of the file that was changed so.
async fn verdict(path: &Path, change: impl FnOnce(&Connection)) -> Result<(), LedgerError> {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("ledger.db");
    std::fs::copy(path, &copy).unwrap();
    change(&unguarded(&copy));
    SqliteLedger::open_to_read(&copy)?.verify().await.map(|_| ())
}

/// The smallest other value.
fn altered(value: Value) -> Vec<Value> {
    match value {
        Value::Null => vec![Value::Integer(1), Value::Text("GBP".into()), Value::Blob(vec![1; 16])],
        Value::Integer(number) => vec![Value::Integer(number ^ 1), Value::Integer(number + 256)],
        Value::Text(text) => {
            let mut upper = text.clone();
            upper.replace_range(..1, if text.starts_with('A') { "B" } else { "A" });
            let shorter = text.chars().skip(1).collect();
            vec![Value::Text(upper), Value::Text(shorter), Value::Null]
        }
        Value::Blob(bytes) => (0..bytes.len())
            .step_by(5)
            .map(|place| {
                let mut bytes = bytes.clone();
                bytes[place] ^= 0x10;
                Value::Blob(bytes)
            })
            .collect(),
        Value::Real(_) => panic!("no column holds one"),
    }
}

/// Every value of a table with its column, and the key of its row with that column.
fn values(raw: &Connection, table: &str) -> Vec<[(String, Value); 2]> {
    let mut statement = raw.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query(()).unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let cell = |place: usize| (names[place].clone(), row.get(place).unwrap());
        found.extend((0..names.len()).map(|place| [cell(place), cell(0)]));
    }
    found
}

#[tokio::test]
async fn any_changed_value_of_any_column_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    fill(&path).await;
    let raw = unguarded(&path);
    let ledger = SqliteLedger::open_to_read(&path).unwrap();
    let mut changes = 0;
    for [(column, value), (key, row)] in values(&raw, "event") {
        let sql = format!("UPDATE event SET {column} = ?1 WHERE {key} = ?2");
        for other in altered(value.clone()) {
            // Some values the strict types or a uniqueness refuse: no change, no case.
            if raw.execute(&sql, (&other, &row)) != Ok(1) {
                continue;
            }
            let found = ledger.verify().await;
            assert!(found.is_err(), "{column} of {row:?} may be {other:?}");
            changes += 1;
            let row = if column == key { &other } else { &row };
            assert_eq!(raw.execute(&sql, (&value, row)), Ok(1));
        }
    }
    ledger.verify().await.unwrap();
    assert!(changes > 300, "{changes}");
}

#[tokio::test]
async fn rows_that_go_come_or_change_places_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    fill(&path).await;
    for sql in [
        "DELETE FROM event WHERE sequence = 1",
        "DELETE FROM event WHERE sequence = 4",
        "DELETE FROM event WHERE source = 'opened'",
        "DELETE FROM event WHERE event_id = (SELECT max(reference) FROM hand_off)",
        "UPDATE event SET sequence = -sequence; UPDATE event SET sequence = 9 + sequence",
        "UPDATE event SET sequence = 1 + (SELECT max(sequence) FROM event) WHERE sequence = 3",
        "UPDATE event SET sequence = 100 WHERE sequence = 8",
        "CREATE TEMP TABLE new AS SELECT * FROM event WHERE source = 'opened';
            UPDATE new SET asked_amount = asked_amount + 1; INSERT OR REPLACE INTO event SELECT * FROM new",
        "CREATE TEMP TABLE new AS SELECT * FROM event WHERE fact = 'declined';
            UPDATE new SET fact = 'accepted'; INSERT OR REPLACE INTO event SELECT * FROM new",
        "CREATE TEMP TABLE new AS SELECT * FROM event WHERE source = 'opened' LIMIT 1;
            UPDATE new SET sequence = 9, reference = x'019b0000000070008000000000000000',
            event_id = x'019b0000000070008000000000000000'; INSERT INTO event SELECT * FROM new",
        "CREATE TEMP TABLE new AS SELECT * FROM event WHERE sequence = 8;
            UPDATE new SET sequence = 9, event_id = x'00000000000000000000000000000007';
            INSERT INTO event SELECT * FROM new",
    ] {
        let found = verdict(&path, |raw| raw.execute_batch(sql).unwrap()).await;
        assert!(matches!(found, Err(LedgerError::Broken { .. })), "{sql}: {found:?}");
    }
}

#[tokio::test]
async fn triggers_keep_the_record_append_only_but_for_the_purge() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    fill(&path).await;
    let raw = Connection::open(&path).unwrap();
    let refused = |sql: &str| raw.execute_batch(sql).unwrap_err().to_string();
    for (update, delete) in [
        ("UPDATE event SET asked_currency = 'EUR'", "DELETE FROM event WHERE source = 'opened'"),
        ("UPDATE event SET currency = 'EUR'", "DELETE FROM event"),
    ] {
        assert!(refused(update).contains("never changes"));
        assert!(refused(delete).contains("by the purge alone"));
        raw.execute_batch("BEGIN; INSERT INTO purge VALUES (1, 0)").unwrap();
        assert!(refused(update).contains("never changes"));
        assert!(refused(delete).contains("FOREIGN KEY"), "one whose outcome is awaited");
        raw.execute_batch("DELETE FROM chase").unwrap();
        raw.execute_batch(delete).unwrap();
        raw.execute_batch("ROLLBACK").unwrap();
    }
    for sql in ["UPDATE hand_off SET currency = 'EUR'", "DELETE FROM hand_off"] {
        assert!(refused(sql).contains("it is a view"));
    }
}

/// Whoever writes it: a message ends as one row, a hand-off is opened once, and nothing is awaited of one that
/// was not opened.
#[tokio::test]
async fn inv_7_inv_9_the_file_itself_takes_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    fill(&path).await;
    let raw = Connection::open(&path).unwrap();
    let all = "SELECT count(*) FROM event";
    let count = || raw.query_row(all, (), |row| row.get::<_, i64>(0)).unwrap();
    for (new, why) in [
        ("WHERE source = 'notice'", "UNIQUE"),
        ("WHERE source = 'opened'", "UNIQUE"),
        ("WHERE sequence = 3; UPDATE new SET plan = 'A'", "CHECK"),
        (
            "WHERE source = 'opened' LIMIT 1; UPDATE new SET reference = x'019b0000000070008000000000000000'",
            "CHECK",
        ),
    ] {
        raw.execute_batch(&format!(
            "CREATE TEMP TABLE new AS SELECT * FROM event {new}; UPDATE new SET sequence = 100 + sequence"
        ))
        .unwrap();
        let refused = raw.execute_batch("INSERT INTO event SELECT * FROM new").unwrap_err();
        assert!(refused.to_string().contains(why), "{new}: {refused}");
        raw.execute_batch("DROP TABLE new").unwrap();
    }
    let unknown =
        "SELECT reference FROM event WHERE reference NOT IN (SELECT reference FROM hand_off)";
    for sql in [
        format!("INSERT INTO chase VALUES (({unknown}), 1, 0, NULL)"),
        format!("INSERT INTO trace VALUES (({unknown}), zeroblob(32), 'lodge', 1)"),
        format!("INSERT INTO idempotency VALUES (zeroblob(32), zeroblob(32), ({unknown}), 1)"),
    ] {
        let refused = raw.execute_batch(&sql).unwrap_err().to_string();
        assert!(refused.contains("FOREIGN KEY"), "{sql}: {refused}");
    }
    assert_eq!(count(), 8);
}

#[tokio::test]
async fn a_row_that_almoner_never_writes_is_named_by_its_column() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    fill(&path).await;
    let sql = "UPDATE event SET plan = 'Pat Example' WHERE plan IS NOT NULL";
    let found = verdict(&path, |raw| raw.execute_batch(sql).unwrap()).await;
    let text = found.unwrap_err().to_string();
    assert_eq!(text, "the ledger's hand_off.plan holds what Almoner never writes");
}

/// A trigger of somebody's could have a key do nothing, so that its repeat is a second payment.
#[tokio::test]
async fn a_file_with_a_trigger_of_somebody_s_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    fill(&path).await;
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch("ANALYZE").unwrap();
    drop(start(&path).unwrap());
    raw.execute_batch(
        "CREATE TRIGGER quiet BEFORE INSERT ON idempotency BEGIN SELECT RAISE(IGNORE); END",
    )
    .unwrap();
    let refused = start(&path).map(drop).unwrap_err().to_string();
    assert!(refused.contains("somebody put quiet into it"), "{refused}");
    let proved = match SqliteLedger::open_to_read(&path) {
        Ok(ledger) => ledger.verify().await.map(drop),
        Err(error) => Err(error),
    };
    assert!(proved.unwrap_err().to_string().contains("somebody put quiet into it"));
    raw.execute_batch("DROP TRIGGER quiet").unwrap();
    start(&path).unwrap();
}
