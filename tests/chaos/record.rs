//! What everybody says of a round.

use super::caller::Done;
use super::mock::Mock;
use super::stage::{Stage, almoner};
use super::verdict::{History, Kept};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

/// What everybody says by now: the processor first, so that what it knows must be known here.
pub(crate) async fn gather(stage: &Stage, mock: &Mock, done: &Done) -> History {
    let (books, mut acknowledged) = mock.books().await;
    acknowledged.retain(|(reference, _)| !done.spoilt.contains(reference));
    let ledger = kept(stage).await;
    let config = stage.config(0).display().to_string();
    let mut verify = almoner();
    verify.args(["ledger", "verify", "--config", &config]);
    let broken = ledger.as_ref().err().cloned().or(said(verify).await.err());
    let ledger = ledger.unwrap_or_default();
    History { calls: done.calls.clone(), books, ledger, acknowledged, broken }
}

/// Our ledger, by reference.
async fn kept(stage: &Stage) -> Result<BTreeMap<String, Kept>, String> {
    let config = stage.config(0).display().to_string();
    let mut list = almoner();
    list.args(["outcomes", "list", "--json", "--limit", "1000000", "--config", &config]);
    let read = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        let flags = line["attention"].as_array().unwrap();
        let kept = Kept {
            minor: line["amount"].as_i64().unwrap(),
            state: text("state"),
            listed: flags.iter().any(|flag| flag == "doubt_overdue"),
        };
        (text("reference"), kept)
    };
    Ok(said(list).await?.lines().map(read).collect())
}

/// What a command said; its error where it failed.
async fn said(mut command: Command) -> Result<String, String> {
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
