//! `almoner events tail`: what was told to whom, line by line, over restarts of whoever tells.

use super::ledger::settled;
use super::place::{Place, following, next, signal};
use almoner::ledger::sqlite::{SqliteLedger, SqliteSettings};
use almoner::ledger::{Answer, Attempt, Outbox};
use jiff::{SignedDuration, Timestamp};
use std::io::{BufReader, Lines};
use std::process::{Child, ChildStdout};
use std::sync::Arc;

fn tail(place: &Place, more: &[&str]) -> (Child, Lines<BufReader<ChildStdout>>) {
    following(&["events", "tail", "--config", &place.config()], more)
}

fn opened(place: &Place) -> Arc<SqliteLedger> {
    SqliteLedger::open(&place.file("dev/ledger.db"), SqliteSettings::default()).unwrap()
}

fn now() -> Timestamp {
    almoner::clock::Clock::system().now()
}

/// Tells a subscriber whatever is due, as if it answered so, and as if that were so long ago.
async fn tell(ledger: &Arc<SqliteLedger>, name: &str, answer: Answer, ago: i64) {
    let now = now();
    let at = now.checked_sub(SignedDuration::from_secs(ago)).unwrap();
    for delivery in ledger.claim_deliveries(name, now, now, 10).await.unwrap() {
        let (subscriber, position) = (name.to_owned(), delivery.item.cursor.position);
        let again = (answer != Answer::Taken).then_some(now);
        ledger.settle(Attempt { subscriber, position, at, answer, again }).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_is_followed_over_a_restart() {
    let place = Place::new();
    let ledger = opened(&place);
    ledger.subscribe(vec!["crm".to_owned(), "books".to_owned()]).await.unwrap();
    settled(&ledger, "2026-11-01").await;
    tell(&ledger, "crm", Answer::Failed, 0).await;
    let (mut child, mut lines) = tail(&place, &["--all", "--json"]);
    let line = next(&mut lines);
    let seen = (&line["event"], &line["subscriber"], &line["answer"]);
    assert_eq!(seen, (&1.into(), &"crm".into(), &"failed".into()));
    assert!(line["at"].as_str().unwrap().ends_with('Z') && line["reference"].is_string());
    // Whoever tells is started anew, and tells it again; another, whose clock is behind, tells of it late.
    drop(ledger);
    let ledger = opened(&place);
    tell(&ledger, "crm", Answer::Taken, 0).await;
    assert_eq!(next(&mut lines)["answer"], "taken");
    tell(&ledger, "books", Answer::Lost, 200).await;
    let late = next(&mut lines);
    assert_eq!((&late["subscriber"], &late["answer"]), (&"books".into(), &"lost".into()));
    tell(&ledger, "crm", Answer::Taken, 0).await;
    assert_eq!(next(&mut lines)["event"], 2, "each line once");
    signal(&child, "INT");
    assert!(child.wait().unwrap().success());
    // For a person, of one subscriber, and from the oldest line on.
    let (mut child, mut lines) = tail(&place, &["--all", "--subscriber", "books"]);
    let line = lines.next().unwrap().unwrap();
    assert!(line.contains("  1  ") && line.ends_with("  books  lost"), "{line}");
    signal(&child, "TERM");
    assert!(child.wait().unwrap().success());
}
