//! Backups beside a service that writes, and ledgers made of them.

use crate::file::start;
use crate::purging::{settled, until};
use crate::samples::hand_off;
use almoner::ledger::sqlite::{Copied, Copy, SqliteLedger};
use almoner::ledger::{Ledger, LedgerError};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn refusal(copy: Result<Copy, LedgerError>) -> String {
    match copy {
        Err(error) => error.to_string(),
        Ok(_) => panic!("it was copied"),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let name = |file: fs::DirEntry| file.file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|file| name(file.unwrap())).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_beside_a_service_that_writes_is_one_moment_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger: Arc<dyn Ledger> = start(&path).unwrap();
    for second in 0..300 {
        settled(&ledger, second).await;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let mut writer = tokio::task::JoinSet::new();
    {
        let (ledger, stop) = (Arc::clone(&ledger), Arc::clone(&stop));
        writer.spawn(async move {
            let mut second = 1000;
            while !stop.load(Ordering::SeqCst) {
                settled(&ledger, second).await;
                second += 1;
            }
        });
    }
    for round in 0..5 {
        let to = folder.path().join(format!("backup-{round}"));
        let before = ledger.verify().await.unwrap();
        let mut told = Copied::default();
        let copy = {
            let (path, to) = (path.clone(), to.clone());
            tokio::task::spawn_blocking(move || {
                let copy = Copy::of(&path, &to, |copied| told = copied).unwrap();
                assert!(told.pages == told.of && told.of > 10, "{told:?}");
                copy
            })
            .await
            .unwrap()
        };
        assert!(!to.exists(), "it has its name when it is proved");
        let verified = copy.verify().await.unwrap();
        copy.finish().unwrap();
        assert_eq!(to.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(verified.events >= before.events);
        // The copy's head is an event of the ledger.
        let read: Arc<dyn Ledger> = SqliteLedger::open_to_read(&to).unwrap();
        assert_eq!(read.verify().await.unwrap(), verified);
    }
    stop.store(true, Ordering::SeqCst);
    writer.join_all().await;
    drop(ledger);
    let left: Vec<_> = names(folder.path()).into_iter().filter(|it| it.contains(".new")).collect();
    assert_eq!(left, Vec::<String>::new());
}

#[tokio::test]
async fn a_ledger_is_made_of_a_backup_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let [path, backup, again] =
        ["ledger.db", "backup", "again.db"].map(|it| folder.path().join(it));
    let before = {
        let ledger: Arc<dyn Ledger> = start(&path).unwrap();
        for second in 0..10 {
            settled(&ledger, second).await;
        }
        ledger.purge(until(34)).await.unwrap();
        let copy = Copy::of(&path, &backup, |_| {}).unwrap();
        copy.finish().unwrap();
        ledger.verify().await.unwrap()
    };
    let copy = Copy::of(&backup, &again, |_| {}).unwrap();
    assert_eq!(copy.grow().await.unwrap(), before);
    copy.finish().unwrap();
    let ledger: Arc<dyn Ledger> = start(&again).unwrap();
    settled(&ledger, 100).await;
    assert_eq!(ledger.verify().await.unwrap().events, before.events + 2);
    assert_eq!((before.purged, before.events), (8, 12));
    drop(ledger);
    let expected = ["again.db", "again.db.lock", "backup", "ledger.db", "ledger.db.lock"];
    assert_eq!(names(folder.path()), expected);
}

#[tokio::test]
async fn nothing_is_copied_over_and_nothing_that_is_not_whole_is_given_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let [path, backup, other] = ["ledger.db", "backup", "other"].map(|it| folder.path().join(it));
    assert!(refusal(Copy::of(&path, &backup, |_| {})).contains("no such file"));
    let ledger: Arc<dyn Ledger> = start(&path).unwrap();
    let reference = settled(&ledger, 0).await;
    assert_ne!(reference, hand_off(0).reference);
    drop(ledger);
    for there in [&path, &backup] {
        fs::write(&backup, "mine").unwrap();
        let text = refusal(Copy::of(&path, there, |_| {}));
        assert!(text.contains("there already"), "{text}");
    }
    assert_eq!(fs::read(&backup).unwrap(), b"mine");
    assert!(refusal(Copy::of(&backup, &other, |_| {})).contains("backup"));
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute_batch("DROP TRIGGER event_stays; DELETE FROM event WHERE sequence = 2").unwrap();
    raw.execute_batch("INSERT INTO progress VALUES ('mandates', 1)").unwrap();
    raw.execute_batch("DROP TRIGGER event_never_changes; UPDATE event SET recorded_at = 7")
        .unwrap();
    drop(raw);
    let copy = Copy::of(&path, &other, |_| {}).unwrap();
    assert!(matches!(copy.grow().await, Err(LedgerError::Broken { .. })));
    drop(copy);
    let left = names(folder.path());
    assert!(!left.iter().any(|name| name.starts_with("other")), "{left:?}");
}

/// A copy that was killed is no obstacle to the next.
#[tokio::test]
async fn what_a_killed_copy_left_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let [path, backup] = ["ledger.db", "backup"].map(|it| folder.path().join(it));
    let ledger: Arc<dyn Ledger> = start(&path).unwrap();
    settled(&ledger, 0).await;
    for end in ["", "-wal", "-journal"] {
        fs::write(folder.path().join(format!("backup.new{end}")), "half").unwrap();
    }
    let copy = Copy::of(&path, &backup, |_| {}).unwrap();
    assert_eq!(copy.verify().await.unwrap().events, 2);
    copy.finish().unwrap();
}
