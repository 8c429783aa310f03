//! Processes that are killed while they bring a ledger to a newer schema, purge it, or move its log.

use crate::crash::{handed_over, run, say, this_program};
use crate::file::start;
use crate::purging::{settled, until};
use crate::samples::{at, hand_off, opened};
use crate::schemas;
use almoner::ledger::{Ledger, Past};
use rusqlite::Connection;
use std::fs;
use std::io::BufRead as _;
use std::path::Path;
use std::sync::Arc;

fn log_of(path: &Path) -> u64 {
    fs::metadata(format!("{}-wal", path.display())).map_or(0, |log| log.len())
}

/// Killed when the log has reached different lengths: before, while and after it is written.
#[tokio::test(flavor = "multi_thread")]
async fn fm_14_cp_19_killed_in_the_migration_it_is_of_the_old_schema_or_the_new() {
    let folder = tempfile::tempdir().unwrap();
    let (old, rows) = schemas::many(folder.path(), 3000).await;
    for length in [0, 1, 200_000, 800_000, u64::MAX] {
        let there = tempfile::tempdir().unwrap();
        let path = there.path().join("ledger.db");
        fs::copy(&old, &path).unwrap();
        let (mut child, _output) = run(this_program(), "dying::brings_it_to_the_new_schema", &path);
        while log_of(&path) < length && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        // It may have ended by itself, its log moved into the file.
        child.kill().ok();
        child.wait().unwrap();
        let raw = Connection::open(&path).unwrap();
        let version: i64 = raw.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%_wider'";
        let half: i64 = raw.query_row(tables, (), |row| row.get(0)).unwrap();
        assert!((2..=8).contains(&version) && half == 0, "{version} at {length}");
        drop(raw);
        let verified = start(&path).unwrap().verify().await.unwrap();
        assert_eq!((verified.hand_offs, verified.events), rows, "at {length}");
    }
}

#[tokio::test]
#[ignore = "the child of fm_14"]
async fn brings_it_to_the_new_schema() {
    let Some(path) = handed_over() else { return };
    drop(start(&path).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn cp_20_cp_21_killed_while_it_purges_and_moves_its_log_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    for round in 1..=6_usize {
        let (mut child, output) = run(this_program(), "dying::writes_and_purges", &path);
        let mut lines = output.lines().map(Result::unwrap).filter(|line| line.starts_with("gone "));
        let last = lines.by_ref().nth(round * 3).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let last = lines.last().unwrap_or(last);
        let [_, gone, there] = last.split(' ').collect::<Vec<_>>()[..] else { panic!() };
        let (gone, there): (i64, i64) = (gone.parse().unwrap(), there.parse().unwrap());
        let ledger: Arc<dyn Ledger> = start(&path).unwrap();
        let verified = ledger.verify().await.unwrap();
        assert!(verified.purged >= gone, "what was said to be gone is gone");
        assert!(verified.purged + verified.events >= gone + there);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the child of cp_20"]
async fn writes_and_purges() {
    let Some(path) = handed_over() else { return };
    let ledger: Arc<dyn Ledger> = start(&path).unwrap();
    for turn in 0.. {
        for second in 0..40 {
            settled(&ledger, turn * 100 + second).await;
        }
        opened(&ledger, &hand_off(turn * 100)).await;
        let past = Past { limit: 9, ..until(turn * 100 + 45) };
        let mut step = ledger.purge(past).await.unwrap();
        while step.next.is_some() {
            step = ledger.purge(Past { after: step.next, ..past }).await.unwrap();
        }
        assert_eq!(ledger.claim(at(0), at(1), 1).await.unwrap(), []);
        let verified = ledger.verify().await.unwrap();
        say(&format!("gone {} {}", verified.purged, verified.events));
    }
}
