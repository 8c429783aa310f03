//! Processes that are killed, and processes whose disk fails: what was acknowledged is there.

use crate::file::start;
use crate::samples::{at, conclude, find, hand_off, notice};
use almoner::ledger::{Ledger, LedgerError};
use almoner::payment::{Outcome, Reference, State};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Runs one of the parts below in a process of its own, and hands it the path.
pub(crate) fn run(
    mut command: Command,
    part: &str,
    path: &Path,
) -> (Child, BufReader<ChildStdout>) {
    command.args(["--ignored", "--exact", "--nocapture", "--test-threads=1", part]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(path.as_os_str().as_encoded_bytes()).unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

pub(crate) fn this_program() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

/// The path that the parent hands over; `None` where a person started the part.
pub(crate) fn handed_over() -> Option<PathBuf> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    Some(text).filter(|text| !text.is_empty()).map(PathBuf::from)
}

pub(crate) fn say(what: &str) {
    // In one write, and on a line of its own: the test harness writes to the same place.
    std::io::stdout().lock().write_all(format!("\n{what}\n").as_bytes()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn fm_12_what_was_acknowledged_is_there_after_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let mut acknowledged = Vec::new();
    for round in 1..=5 {
        let (mut child, output) = run(this_program(), "crash::writes_until_it_is_killed", &path);
        let mut lines = output.lines().map(Result::unwrap).filter(|line| line.starts_with("ack "));
        acknowledged.extend(lines.by_ref().take(round * 150));
        child.kill().unwrap();
        child.wait().unwrap();
        // What was already in the pipe was acknowledged too.
        acknowledged.extend(lines);

        let ledger: Arc<dyn Ledger> = start(&path).unwrap();
        let verified = ledger.verify().await.unwrap();
        assert!(usize::try_from(verified.events).unwrap() >= acknowledged.len());
        for line in &acknowledged {
            let [_, reference, state] = line.split(' ').collect::<Vec<_>>()[..] else { panic!() };
            let entry = find(&ledger, Reference::parse(reference).unwrap()).await;
            assert!(Some(entry.standing.state) >= State::from_word(state), "{line}");
        }
    }
    assert!(acknowledged.len() > 2000);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the child of fm_12"]
async fn writes_until_it_is_killed() {
    let Some(path) = handed_over() else { return };
    let ledger: Arc<dyn Ledger> = start(&path).unwrap();
    let mut writers = JoinSet::new();
    for _ in 0..32 {
        let ledger = Arc::clone(&ledger);
        writers.spawn(async move {
            for second in 0..100_000 {
                let hand_off = hand_off(second);
                let reference = hand_off.reference;
                ledger.open(hand_off, None, at(0)).await.unwrap();
                say(&format!("ack {reference} handed_off"));
                conclude(&ledger, reference, &notice(1, Outcome::Accepted)).await;
                say(&format!("ack {reference} accepted"));
            }
        });
    }
    writers.join_all().await;
}

#[tokio::test]
async fn fm_25_a_second_process_cannot_open_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = start(&path).unwrap();
    assert_eq!(attempt_of_another(&path), "locked");
    ledger.ready().await.unwrap();
    drop(ledger);
    assert_eq!(attempt_of_another(&path), "opened");
}

fn attempt_of_another(path: &Path) -> String {
    let (mut child, output) = run(this_program(), "crash::tries_to_open", path);
    let mut said = output.lines().map(Result::unwrap).filter(|line| line.starts_with("tried "));
    let said = said.next().unwrap().replace("tried ", "");
    child.wait().unwrap();
    said
}

#[tokio::test]
#[ignore = "the child of fm_25"]
async fn tries_to_open() {
    let Some(path) = handed_over() else { return };
    match start(&path) {
        Ok(_) => say("tried opened"),
        Err(LedgerError::Locked) => say("tried locked"),
        Err(other) => say(&format!("tried {other}")),
    }
}

/// The operating system fails the writes: a limit on the size of files that SQLite takes for an
/// error of the disk.
#[tokio::test]
async fn fm_18_a_disk_that_fails_ends_the_service_and_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 600; exec \"$0\" \"$@\""]);
    limited.arg(std::env::current_exe().unwrap());
    let (mut child, output) = run(limited, "crash::writes_until_the_disk_fails", &path);
    let mut acknowledged = Vec::new();
    let mut closed = false;
    for line in output.lines().map(Result::unwrap) {
        if let Some((_, reference)) = line.split_once("ack ") {
            acknowledged.push(Reference::parse(reference).unwrap());
        }
        closed |= line == "closed";
    }
    assert!(child.wait().unwrap().success());
    assert!(closed, "it neither failed nor closed");
    let ledger: Arc<dyn Ledger> = start(&path).unwrap();
    assert!(acknowledged.len() > 10);
    for reference in acknowledged {
        find(&ledger, reference).await;
    }
    ledger.verify().await.unwrap();
}

#[tokio::test]
#[ignore = "the child of fm_18"]
async fn writes_until_the_disk_fails() {
    let Some(path) = handed_over() else { return };
    let ledger = start(&path).unwrap();
    let failed = ledger.failed();
    let mut seconds = 0..10_000;
    let error = loop {
        assert!(!*failed.borrow());
        let second = seconds.next().unwrap();
        let hand_off = hand_off(second);
        let reference = hand_off.reference;
        match ledger.open(hand_off, None, at(60)).await {
            Ok(_) => say(&format!("ack {reference}")),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, LedgerError::Unavailable(_)), "{error}");
    assert!(*failed.borrow(), "{error}");
    let writing = ledger.open(hand_off(1), None, at(60)).await;
    assert!(matches!(writing, Err(LedgerError::Unavailable(_))));
    assert!(matches!(ledger.ready().await, Err(LedgerError::Unavailable(_))));
    say("closed");
}
