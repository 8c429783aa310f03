//! The command line writes beside a service that runs.

use crate::file::start;
use crate::samples::{at, conclude, developed, find, hand_off, notice, opened};
use almoner::ledger::sqlite::SqliteLedger;
use almoner::ledger::{Ledger, LedgerError, Purpose, Trace};
use almoner::payment::{Development, Outcome};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    (folder, path)
}

/// Forty hand-offs and their outcomes, opened and concluded by this ledger.
async fn busy(ledger: Arc<dyn Ledger>, first: i64) {
    for second in first..first + 40 {
        let reference = opened(&ledger, &hand_off(second)).await.hand_off.reference;
        conclude(&ledger, reference, &notice(1, Outcome::Accepted)).await;
        let mark = [u8::try_from(second).unwrap(); 32];
        ledger
            .send(reference, Trace { mark, purpose: Purpose::Cancel, at: at(second) })
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_writers_at_once_make_one_chain() {
    let (_folder, path) = folder();
    let service: Arc<dyn Ledger> = start(&path).unwrap();
    let beside: Arc<dyn Ledger> = SqliteLedger::open_beside(&path).unwrap();
    tokio::join!(busy(Arc::clone(&service), 0), busy(Arc::clone(&beside), 100));
    let verified = service.verify().await.unwrap();
    assert_eq!((verified.hand_offs, verified.events), (80, 160));
    assert_eq!(beside.verify().await.unwrap(), verified);
    drop(beside);
    drop(service);
    let again = start(&path).unwrap();
    assert_eq!(again.verify().await.unwrap(), verified);
}

#[tokio::test]
async fn each_sees_and_goes_on_from_what_the_other_wrote() {
    let (_folder, path) = folder();
    let service: Arc<dyn Ledger> = start(&path).unwrap();
    let reference = opened(&service, &hand_off(1)).await.hand_off.reference;
    conclude(&service, reference, &notice(1, Outcome::Accepted)).await;
    let beside: Arc<dyn Ledger> = SqliteLedger::open_beside(&path).unwrap();
    for (turn, id) in (0..6).zip(2..) {
        let ledger = if turn % 2 == 0 { &beside } else { &service };
        conclude(ledger, reference, &developed(id, Development::CollectionPaid)).await;
    }
    for ledger in [&service, &beside] {
        assert_eq!(find(ledger, reference).await.standing.developments.len(), 6);
        ledger.verify().await.unwrap();
        ledger.ready().await.unwrap();
    }
}

#[tokio::test]
async fn it_works_where_no_service_runs_and_lets_one_start() {
    let (_folder, path) = folder();
    let reference = {
        let service: Arc<dyn Ledger> = start(&path).unwrap();
        opened(&service, &hand_off(1)).await.hand_off.reference
    };
    let beside: Arc<dyn Ledger> = SqliteLedger::open_beside(&path).unwrap();
    conclude(&beside, reference, &notice(1, Outcome::Accepted)).await;
    let service: Arc<dyn Ledger> = start(&path).unwrap();
    drop(beside);
    assert_eq!(service.verify().await.unwrap().events, 2);
}

#[test]
fn nothing_is_created_grown_or_repaired() {
    let (folder, path) = folder();
    let refusal = |path: &PathBuf| match SqliteLedger::open_beside(path) {
        Err(LedgerError::Unavailable(text)) => text,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was opened"),
    };
    assert!(refusal(&path).contains("start the service first"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    drop(start(&path).unwrap());
    let other = rusqlite::Connection::open(&path).unwrap();
    other.pragma_update(None, "user_version", 1).unwrap();
    assert!(refusal(&path).contains("it has schema 1"));
    let version: i64 = other.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 1);
    other.pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(SqliteLedger::open_beside(&path), Err(LedgerError::Newer { .. })));
    let text = folder.path().join("text");
    std::fs::write(&text, "not a database at all, but long enough to be looked at twice").unwrap();
    assert!(!refusal(&text).is_empty());
}
