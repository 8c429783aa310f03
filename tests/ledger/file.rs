//! The file of the SQLite ledger: who may have it, and what is done when it is not as it was left.

use crate::samples::{at, conclude, find, hand_off, notice, opened};
use almoner::ledger::sqlite::{SqliteLedger, SqliteSettings};
use almoner::ledger::{Ledger, LedgerError};
use almoner::payment::Outcome;
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

pub(crate) fn start(path: &Path) -> Result<Arc<SqliteLedger>, LedgerError> {
    SqliteLedger::open(path, SqliteSettings::default())
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    (folder, path)
}

/// A closed ledger of forty hand-offs, half of them accepted.
async fn written(path: &Path) {
    let ledger: Arc<dyn Ledger> = start(path).unwrap();
    for second in 0..40 {
        let reference = opened(&ledger, &hand_off(second)).await.hand_off.reference;
        if second % 2 == 0 {
            conclude(&ledger, reference, &notice(1, Outcome::Accepted)).await;
        }
    }
}

fn refusal(path: &Path) -> String {
    match start(path) {
        Err(LedgerError::Unavailable(text)) => text,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was opened"),
    }
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let (_folder, path) = folder();
    written(&path).await;
    let before = start(&path).unwrap().verify().await.unwrap();
    let ledger: Arc<dyn Ledger> = start(&path).unwrap();
    assert_eq!(ledger.verify().await.unwrap(), before);
    opened(&ledger, &hand_off(99)).await;
    assert_eq!(ledger.verify().await.unwrap().events, before.events + 1);
}

#[test]
fn the_file_its_log_and_its_lock_are_the_owners_alone() {
    let (folder, path) = folder();
    let _ledger = start(&path).unwrap();
    let mut names = Vec::new();
    for file in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
        names.push(file.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["ledger.db", "ledger.db-shm", "ledger.db-wal", "ledger.db.lock"]);
}

#[test]
fn fm_25_a_second_ledger_cannot_open_the_same_file_by_any_name() {
    let (folder, path) = folder();
    let first = start(&path).unwrap();
    let link = folder.path().join("link.db");
    symlink(&path, &link).unwrap();
    for name in [&path, &link] {
        assert!(matches!(start(name), Err(LedgerError::Locked)));
    }
    drop(first);
    start(&link).unwrap();
}

#[tokio::test]
async fn fm_21_a_damaged_file_is_refused_by_name_and_left_as_it_is() {
    let (_folder, path) = folder();
    written(&path).await;
    let whole = fs::read(&path).unwrap();
    let mut spoilt_page = whole.clone();
    let page = whole.len() / 2 / 4096 * 4096;
    spoilt_page[page..page + 512].fill(0xA5);
    let mut spoilt_header = whole.clone();
    spoilt_header[..16].fill(0);
    let cases: [&[u8]; 5] =
        [&spoilt_page, &spoilt_header, &whole[..whole.len() / 2], &whole[..100], b""];
    for damaged in cases {
        fs::write(&path, damaged).unwrap();
        assert!(refusal(&path).contains("ledger.db"));
        assert!(refusal(&path).contains("restore it from a backup"));
        assert_eq!(fs::read(&path).unwrap(), damaged);
    }
    fs::write(&path, whole).unwrap();
    start(&path).unwrap().verify().await.unwrap();
}

#[tokio::test]
async fn fm_21_the_log_of_a_damaged_file_is_left_as_it_is_too() {
    let (folder, path) = folder();
    written(&path).await;
    let ledger: Arc<dyn Ledger> = start(&path).unwrap();
    opened(&ledger, &hand_off(99)).await;
    // As a crash leaves them, and then the disk fails.
    let (file, log) = (folder.path().join("copy.db"), folder.path().join("copy.db-wal"));
    fs::copy(folder.path().join("ledger.db-wal"), &log).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    // A page that the log does not hold anew: nothing was told.
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'delivery'";
    let raw = Connection::open(&path).unwrap();
    let page: u32 = raw.query_row(root, (), |row| row.get(0)).unwrap();
    drop(raw);
    let page = usize::try_from(page - 1).unwrap() * 4096;
    bytes[page..page + 512].fill(0xA5);
    fs::write(&file, &bytes).unwrap();
    let kept = fs::read(&log).unwrap();
    assert!(refusal(&file).contains("copy.db"));
    assert_eq!((fs::read(&file).unwrap(), fs::read(&log).unwrap()), (bytes, kept));
}

#[test]
fn fm_21_what_is_no_ledger_is_left_as_it_is() {
    let (folder, path) = folder();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE gift (name TEXT)").unwrap();
    let theirs = fs::read(&path).unwrap();
    assert!(refusal(&path).contains("not a ledger"));
    assert_eq!(fs::read(&path).unwrap(), theirs);
    assert!(refusal(folder.path()).contains("not a file"));
    assert!(refusal(&folder.path().join("nowhere/ledger.db")).contains("nowhere"));
    symlink("gone", folder.path().join("dangling")).unwrap();
    assert!(refusal(&folder.path().join("dangling")).contains("dangling"));
}

#[tokio::test]
async fn fm_21_a_log_without_its_file_is_not_begun_anew() {
    let (folder, path) = folder();
    let ledger: Arc<dyn Ledger> = start(&path).unwrap();
    // While somebody reads the log is not cut back.
    let reader = Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM event;").unwrap();
    opened(&ledger, &hand_off(0)).await;
    let other = folder.path().join("other.db");
    fs::copy(folder.path().join("ledger.db-wal"), folder.path().join("other.db-wal")).unwrap();
    assert!(refusal(&other).contains("its log"));
    assert!(!other.exists());
}

#[test]
fn fm_14_a_newer_schema_is_refused() {
    let (_folder, path) = folder();
    drop(start(&path).unwrap());
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    for opened in [start(&path), SqliteLedger::open_to_read(&path)] {
        assert!(matches!(opened, Err(LedgerError::Newer { found: 99, .. })));
    }
}

#[tokio::test]
async fn fm_14_a_ledger_whose_creation_was_cut_short_is_created() {
    let (folder, path) = folder();
    let unfinished = folder.path().join("ledger.db.new");
    fs::write(&unfinished, b"half a page").unwrap();
    fs::write(folder.path().join("ledger.db.new-wal"), b"half a log").unwrap();
    start(&path).unwrap().verify().await.unwrap();
    assert!(!unfinished.exists());
}

#[tokio::test]
async fn fm_20_a_file_locked_by_another_process_is_waited_for_and_then_busy() {
    let (_folder, path) = folder();
    let wait = Duration::from_millis(500);
    let settings = SqliteSettings { write_wait: wait, ..SqliteSettings::default() };
    let ledger: Arc<dyn Ledger> = SqliteLedger::open(&path, settings).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = hand_off(0);
    let (one, two, ready) = tokio::join!(
        ledger.open(refused.clone(), None, at(60)),
        ledger.conclude(refused.reference, notice(1, Outcome::Accepted), at(1)),
        ledger.ready(),
    );
    assert!(matches!(one, Err(LedgerError::Busy)));
    assert!(matches!(two, Err(LedgerError::Busy)));
    assert!(matches!(ready, Err(LedgerError::Busy)));
    assert_eq!(ledger.find(refused.reference).await.unwrap(), None, "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();
    opened(&ledger, &hand_off(1)).await;
    assert_eq!(ledger.find(refused.reference).await.unwrap(), None);
    assert_eq!(ledger.history(refused.reference).await.unwrap(), []);
}

#[tokio::test]
async fn fm_22_a_file_removed_or_replaced_while_it_is_open_closes_the_ledger() {
    for what in ["ledger.db", "ledger.db-wal"] {
        for replaced in [false, true] {
            let (folder, path) = folder();
            let ledger = start(&path).unwrap();
            let failed = ledger.failed();
            let kept = hand_off(0);
            ledger.open(kept.clone(), None, at(60)).await.unwrap();
            let (file, away) = (folder.path().join(what), folder.path().join("away"));
            fs::rename(&file, &away).unwrap();
            if replaced {
                fs::copy(&away, &file).unwrap();
            }
            for _ in 0..2 {
                let refused = ledger.open(hand_off(1), None, at(60)).await;
                assert!(
                    matches!(refused, Err(LedgerError::Unavailable(text)) if text.contains(what))
                );
            }
            assert!(*failed.borrow());
            assert!(ledger.find(kept.reference).await.is_err());
            drop(ledger);
            fs::rename(&away, &file).unwrap();
            let ledger: Arc<dyn Ledger> = start(&path).unwrap();
            assert_eq!(find(&ledger, kept.reference).await.hand_off, kept);
            ledger.verify().await.unwrap();
        }
    }
}

#[tokio::test]
async fn fm_23_the_log_is_cut_back_after_a_reader_that_was_stuck() {
    let (folder, path) = folder();
    let ledger: Arc<dyn Ledger> = start(&path).unwrap();
    let length = || folder.path().join("ledger.db-wal").metadata().unwrap().len();
    let stuck = Connection::open(&path).unwrap();
    stuck.execute_batch("BEGIN; SELECT count(*) FROM event;").unwrap();
    let limit = 8 << 20;
    while length() < limit + (1 << 20) {
        opened(&ledger, &hand_off(0)).await;
    }
    stuck.execute_batch("COMMIT").unwrap();
    for _ in 0..3 {
        opened(&ledger, &hand_off(0)).await;
    }
    assert!(length() <= limit, "{}", length());
    ledger.verify().await.unwrap();
}

#[tokio::test]
async fn the_command_line_reads_while_the_service_writes() {
    let (_folder, path) = folder();
    assert!(matches!(SqliteLedger::open_to_read(&path), Err(LedgerError::Unavailable(_))));
    assert!(!path.exists());
    let service: Arc<dyn Ledger> = start(&path).unwrap();
    let reader: Arc<dyn Ledger> = SqliteLedger::open_to_read(&path).unwrap();
    for second in 0..5 {
        let entry = opened(&service, &hand_off(second)).await;
        assert_eq!(find(&reader, entry.hand_off.reference).await, entry);
    }
    let verified = reader.verify().await.unwrap();
    assert_eq!(verified, service.verify().await.unwrap());
    let refused = [
        reader.open(hand_off(9), None, at(60)).await.unwrap_err(),
        reader.claim(at(0), at(1), 1).await.unwrap_err(),
        reader.ready().await.unwrap_err(),
    ];
    for error in refused {
        assert!(error.to_string().contains("reading only"), "{error}");
    }
    drop(service);
    assert_eq!(reader.verify().await.unwrap(), verified);
    start(&path).unwrap();
}
