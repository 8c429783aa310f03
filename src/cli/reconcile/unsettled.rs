//! Orphans, doubts and flags of a period, in a table and as lines.

use crate::cli::outcomes::money;
use crate::cli::{Failure, print};
use crate::ledger::{Entry, Event};
use crate::payment::{Amount, Evidence, Fact, ProcessorText, Source};
use serde_json::{Value, json};

/// Says what a person must look at.
pub(super) fn tables(orphans: &[Event], entries: &[Entry]) -> Result<(), Failure> {
    if !orphans.is_empty() {
        let rows: Vec<_> = orphans.iter().map(orphan).collect();
        let head = ["orphan", "heard (UTC)", "from", "says", "amount", "processor"];
        print::table(head, &rows)?;
        print::line(
            "Nothing is known here of what these messages are about: ask the processor.\n",
        )?;
    }
    if !entries.is_empty() {
        let rows: Vec<_> = entries.iter().map(unsettled).collect();
        let head = ["unsettled", "opened (UTC)", "method", "amount", "state", "attention"];
        print::table(head, &rows)?;
        print::line("")?;
    }
    Ok(())
}

/// One object each.
pub(super) fn lines(orphans: &[Event], entries: &[Entry]) -> impl Iterator<Item = Value> {
    let orphans = orphans.iter().map(|event| {
        let said = event.evidence.as_ref();
        json!({
            "orphan": event.reference.to_string(),
            "recorded_at": event.recorded_at.to_string(),
            "source": said.map(|it| it.source.word()),
            "fact": said.map(|it| it.fact.word()),
            "amount": said.and_then(|it| it.amount).map(Amount::minor),
            "currency": said.and_then(|it| it.amount).map(|it| it.currency().code()),
            "processor_reference": said.and_then(theirs),
            "occurred_at": said.map(|it| it.occurred_at.to_string()),
        })
    });
    let unsettled = entries.iter().map(|entry| {
        json!({
            "unsettled": entry.hand_off.reference.to_string(),
            "opened_at": entry.hand_off.opened_at.to_string(),
            "method": entry.hand_off.asked.method.word(),
            "amount": entry.hand_off.asked.amount.minor(),
            "currency": entry.hand_off.asked.amount.currency().code(),
            "state": entry.standing.state.word(),
            "attention": flags(entry),
        })
    });
    orphans.chain(unsettled)
}

fn orphan(event: &Event) -> [String; 6] {
    let said = event.evidence.as_ref();
    [
        event.reference.to_string(),
        event.recorded_at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        said.map(|it| Source::word(it.source)).unwrap_or_default().to_owned(),
        said.map(|it| Fact::word(it.fact)).unwrap_or_default().to_owned(),
        said.and_then(|it| it.amount).map(money).unwrap_or_default(),
        said.and_then(theirs).unwrap_or_default().to_owned(),
    ]
}

fn unsettled(entry: &Entry) -> [String; 6] {
    let asked = &entry.hand_off.asked;
    [
        entry.hand_off.reference.to_string(),
        entry.hand_off.opened_at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        asked.method.word().to_owned(),
        money(asked.amount),
        entry.standing.state.word().to_owned(),
        flags(entry).join(","),
    ]
}

fn flags(entry: &Entry) -> Vec<&'static str> {
    entry.standing.attention.iter().map(|flag| flag.word()).collect()
}

fn theirs(evidence: &Evidence) -> Option<&str> {
    evidence.processor_reference.as_ref().map(ProcessorText::as_str)
}
