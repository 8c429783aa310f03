//! `almoner outcomes watch`: a program reads what is recorded, line by line.

use crate::ledger::settled;
use crate::place::{following, next, run, said, signal};
use almoner::ledger::sqlite::{SqliteLedger, SqliteSettings};
use std::io::{BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout};

fn watch(file: &Path, more: &[&str]) -> (Child, Lines<BufReader<ChildStdout>>) {
    following(&["outcomes", "watch", "--ledger", &file.display().to_string()], more)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_is_told_as_it_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let ledger = SqliteLedger::open(&file, SqliteSettings::default()).unwrap();
    settled(&ledger, "2026-11-01").await;
    let (mut child, mut lines) = watch(&file, &["--all", "--json"]);
    let seen = [next(&mut lines), next(&mut lines)];
    assert_eq!(seen[0]["type"], "handoff.opened");
    assert_eq!(
        (&seen[1]["type"], &seen[1]["before"]),
        (&"handoff.accepted".into(), &"handed_off".into())
    );
    settled(&ledger, "2026-11-02").await;
    assert_eq!(next(&mut lines)["opened_at"], "2026-11-02T12:00:00Z");
    signal(&child, "INT");
    assert!(child.wait().unwrap().success());
    // Another goes on behind what was seen, for a person this time.
    let cursor = seen[1]["id"].as_str().unwrap();
    let (mut child, mut lines) = watch(&file, &["--after", cursor]);
    for (word, state) in [("opened", "handed_off"), ("accepted", "accepted")] {
        let line = lines.next().unwrap().unwrap();
        assert!(line.starts_with("2026-11-02 12:00:00  "), "{line}");
        assert!(
            line.contains(word) && line.contains(state) && line.contains("25.00 GBP"),
            "{line}"
        );
    }
    signal(&child, "TERM");
    assert!(child.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_is_none_of_this_record_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    drop(SqliteLedger::open(&file, SqliteSettings::default()).unwrap());
    let place = file.display().to_string();
    let begin = ["outcomes", "watch", "--ledger", &place, "--after"];
    for (cursor, code, words) in
        [("1-0000000000000000", 1, "of another record"), ("yesterday", 2, "a number, a hyphen")]
    {
        let output = run(&[&begin[..], &[cursor]].concat());
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        assert!(said(&output).contains(words), "{}", said(&output));
    }
}
